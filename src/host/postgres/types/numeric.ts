// NUMERIC as the server sends it, digits in base 10,000, from and to decimal text: nothing is rounded.
// https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/numeric.c (numeric_send)

const NEGATIVE = 0x4000;
const special: ReadonlyMap<number, string> = new Map([
  [0xc000, 'NaN'],
  [0xd000, 'Infinity'],
  [0xf000, '-Infinity'],
]);
/** Decimal digits of a digit of the server. */
const WIDTH = 4;
/** The most that a NUMERIC has before and behind the point. */
const MOST_WHOLE = 131_072;
const MOST_FRACTION = 16_383;

export function decodeNumeric(body: Buffer): string {
  const count = body.readUInt16BE(0);
  const weight = body.readInt16BE(2);
  const sign = body.readUInt16BE(4);
  const scale = body.readUInt16BE(6);
  const known = special.get(sign);
  if (known !== undefined) return known;
  const digit = (index: number): string =>
    (index >= 0 && index < count ? body.readUInt16BE(8 + 2 * index) : 0).toString().padStart(WIDTH, '0');
  const digits = (from: number, to: number): string => {
    let text = '';
    for (let index = from; index < to; index++) text += digit(index);
    return text;
  };
  const whole = digits(0, weight + 1).replace(/^0+/, '') || '0';
  const from = weight + 1;
  const fraction = digits(from, from + Math.ceil(scale / WIDTH)).slice(0, scale);
  return `${sign === NEGATIVE ? '-' : ''}${whole}${scale > 0 ? `.${fraction}` : ''}`;
}

/** Undefined when the text is no decimal that a NUMERIC holds. */
export function encodeNumeric(text: string): Buffer | undefined {
  for (const [sign, name] of special) if (text === name) return encoded([], 0, sign, 0);
  const [, minus, wholeText = '', fraction = ''] = /^([+-])?(\d*)(?:\.(\d*))?$/.exec(text) ?? [];
  const whole = wholeText.replace(/^0+/, '');
  if (wholeText + fraction === '' || whole.length > MOST_WHOLE || fraction.length > MOST_FRACTION) return undefined;
  const before = whole.padStart(Math.ceil(whole.length / WIDTH) * WIDTH, '0');
  const behind = fraction.padEnd(Math.ceil(fraction.length / WIDTH) * WIDTH, '0');
  const digits = ((before + behind).match(/\d{4}/g) ?? []).map(Number);
  let weight = before.length / WIDTH - 1;
  while (digits[0] === 0) {
    digits.shift();
    weight -= 1;
  }
  while (digits.at(-1) === 0) digits.pop();
  if (digits.length === 0) weight = 0;
  return encoded(digits, weight, minus === '-' && digits.length > 0 ? NEGATIVE : 0, fraction.length);
}

function encoded(digits: readonly number[], weight: number, sign: number, scale: number): Buffer {
  const body = Buffer.alloc(8 + 2 * digits.length);
  body.writeUInt16BE(digits.length, 0);
  body.writeInt16BE(weight, 2);
  body.writeUInt16BE(sign, 4);
  body.writeUInt16BE(scale, 6);
  for (const [index, digit] of digits.entries()) body.writeUInt16BE(digit, 8 + 2 * index);
  return body;
}
