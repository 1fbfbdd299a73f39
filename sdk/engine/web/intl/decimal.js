// Numbers as decimal digits, rounded as https://tc39.es/ecma402/ has it: half away from zero, of the digits that a number
// is written with.

/** `{ isNegative, digits, point }` of a finite number: 0.digits × 10^point, without zeros at either end. */
export function decimalOf(value) {
  const text = String(value);
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(text);
  const all = whole + fraction;
  const trimmed = all.replace(/^0+/, '');
  const point = whole.length - (all.length - trimmed.length) + Number(exponent);
  const digits = trimmed.replace(/0+$/, '');
  return {
    isNegative: sign === '-' || Object.is(value, -0),
    digits,
    point: digits === '' ? 0 : point,
  };
}

/** The first `count` digits, rounded. */
function cut({ isNegative, digits, point }, count) {
  if (count >= digits.length) return { isNegative, digits, point };
  if (count < 0) return { isNegative, digits: '', point: 0 };
  const kept = digits.slice(0, count);
  if (digits[count] < '5') {
    const shorter = kept.replace(/0+$/, '');
    return { isNegative, digits: shorter, point: shorter === '' ? 0 : point };
  }
  const next = String(BigInt(`0${kept}`) + 1n).padStart(count, '0');
  const shorter = next.replace(/0+$/, '');
  return { isNegative, digits: shorter, point: point + next.length - count };
}

/** With at most `most` digits behind the point. */
export const roundFraction = (decimal, most) => cut(decimal, decimal.point + most);
/** With at most `most` digits in all. */
export const roundSignificant = (decimal, most) => cut(decimal, most);

/** `[whole, fraction]` as texts; `fewest` digits stand behind the point. */
export function written({ digits, point }, fewest) {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = point > 0 ? digits.slice(point) : digits === '' ? '' : '0'.repeat(-point) + digits;
  return [whole, fraction.padEnd(fewest, '0')];
}

/** Shifts the point. */
export const scaled = (decimal, by) => (decimal.digits === '' ? decimal : { ...decimal, point: decimal.point + by });
