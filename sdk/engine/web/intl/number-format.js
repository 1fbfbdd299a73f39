// Intl.NumberFormat of https://tc39.es/ecma402/#numberformat-objects, as it writes numbers in American English.
import { decimalOf, roundFraction, roundSignificant, scaled, written } from './decimal.js';
import { integerOption, option, optionsOf, resolve, supported } from './locale.js';
import { checkedUnit, currencyDigits, currencyName, currencySymbol, unitParts } from './units.js';

const COMPACT = ['', 'K', 'M', 'B', 'T'];
const COMPACT_LONG = ['', 'thousand', 'million', 'billion', 'trillion'];

function digitOptions(given, { style, notation, currency }) {
  const digits = { minimumIntegerDigits: integerOption(given, 'minimumIntegerDigits', 1, 21, 1) };
  const low = integerOption(given, 'minimumSignificantDigits', 1, 21, undefined);
  const high = integerOption(given, 'maximumSignificantDigits', low ?? 1, 21, undefined);
  if (low !== undefined || high !== undefined)
    return { ...digits, minimumSignificantDigits: low ?? 1, maximumSignificantDigits: high ?? 21 };
  const usual = style === 'currency' && notation === 'standard' ? currencyDigits(currency) : 0;
  const most = style === 'currency' && notation === 'standard' ? usual : style === 'percent' ? 0 : 3;
  let minimum = integerOption(given, 'minimumFractionDigits', 0, 100, undefined);
  let maximum = integerOption(given, 'maximumFractionDigits', 0, 100, undefined);
  if (notation === 'compact' && minimum === undefined && maximum === undefined)
    return { ...digits, minimumFractionDigits: 0, maximumFractionDigits: 0, isCompactRounded: true };
  if (minimum === undefined) minimum = Math.min(usual, maximum ?? usual);
  else if (maximum === undefined) maximum = Math.max(most, minimum);
  maximum ??= Math.max(most, minimum);
  if (minimum > maximum) throw new RangeError(`minimumFractionDigits is ${minimum}, more than the maximum, ${maximum}`);
  return { ...digits, minimumFractionDigits: minimum, maximumFractionDigits: maximum };
}

function groupingOf(given, notation) {
  const value = given.useGrouping;
  if (value === undefined) return notation === 'compact' ? 'min2' : 'auto';
  if (value === true || value === 'true') return value === true ? 'always' : 'auto';
  if (value === false || value === 'false') return value === false ? false : 'auto';
  return option(given, 'useGrouping', ['always', 'auto', 'min2'], 'auto');
}

export class NumberFormat {
  #locale;
  #options;
  #bound;

  constructor(locales, options) {
    // biome-ignore lint/correctness/noConstructorReturn: the specification has it callable without new
    if (new.target === undefined) return new NumberFormat(locales, options);
    const given = optionsOf(options);
    this.#locale = resolve(locales, 'Intl.NumberFormat');
    const style = option(given, 'style', ['decimal', 'percent', 'currency', 'unit'], 'decimal');
    const notation = option(given, 'notation', ['standard', 'scientific', 'engineering', 'compact'], 'standard');
    const made = { style, notation };
    if (style === 'currency') {
      if (!/^[a-z]{3}$/i.test(given.currency ?? ''))
        throw new TypeError('The style "currency" wants a currency: "USD"');
      made.currency = given.currency.toUpperCase();
      made.currencyDisplay = option(given, 'currencyDisplay', ['code', 'symbol', 'narrowSymbol', 'name'], 'symbol');
      made.currencySign = option(given, 'currencySign', ['standard', 'accounting'], 'standard');
    }
    if (style === 'unit') {
      made.unit = checkedUnit(given.unit);
      made.unitDisplay = option(given, 'unitDisplay', ['short', 'narrow', 'long'], 'short');
    }
    if (notation === 'compact') made.compactDisplay = option(given, 'compactDisplay', ['short', 'long'], 'short');
    option(given, 'roundingMode', ['halfExpand'], 'halfExpand');
    made.useGrouping = groupingOf(given, notation);
    made.signDisplay = option(given, 'signDisplay', ['auto', 'never', 'always', 'exceptZero', 'negative'], 'auto');
    this.#options = { ...made, ...digitOptions(given, made) };
  }

  /** A function of its own, so that it can be handed to `map`. */
  get format() {
    this.#bound ??= (value) => textOf(this.formatToParts(value));
    return this.#bound;
  }

  formatToParts(value) {
    return numberParts(numeric(value), this.#options);
  }

  formatRange(from, to) {
    const [one, other] = [this.format(from), this.format(to)];
    if (one === other) return `~${one}`;
    const { style } = this.#options;
    return style === 'currency' || style === 'unit' ? `${one} – ${other}` : `${one}–${other}`;
  }

  resolvedOptions() {
    const { isCompactRounded, ...options } = this.#options;
    return {
      locale: this.#locale,
      numberingSystem: 'latn',
      ...options,
      roundingIncrement: 1,
      roundingMode: 'halfExpand',
      roundingPriority: isCompactRounded ? 'morePrecision' : 'auto',
      trailingZeroDisplay: 'auto',
    };
  }

  static supportedLocalesOf(locales) {
    return supported(locales);
  }

  get [Symbol.toStringTag]() {
    return 'Intl.NumberFormat';
  }
}

const textOf = (parts) => parts.map(({ value }) => value).join('');

function numeric(value) {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim())) return value.trim();
  return Number(value);
}

function numberParts(value, options) {
  const number = Number(value);
  if (Number.isNaN(number)) return decorated([{ type: 'nan', value: 'NaN' }], false, true, options, 'other');
  const isZero = (decimal) => decimal.digits === '';
  if (!Number.isFinite(number) && typeof value === 'number') {
    return decorated([{ type: 'infinity', value: '∞' }], value < 0, false, options, 'other');
  }
  const exact = options.style === 'percent' ? scaled(decimalOf(value), 2) : decimalOf(value);
  const { body, decimal, plural } = notationParts(exact, options);
  return decorated(body, exact.isNegative, isZero(decimal), options, plural);
}

/** The digits, and what stands behind them in other notations. */
function notationParts(exact, options) {
  const { notation } = options;
  if (notation === 'standard') {
    const decimal = rounded(exact, options);
    const body = digitParts(decimal, options);
    return { body, decimal, plural: pluralOf(decimal, body) };
  }
  const step = notation === 'scientific' ? 1 : 3;
  const most = notation === 'compact' ? 4 : Number.POSITIVE_INFINITY;
  const exponentOf = ({ digits, point }) =>
    digits === ''
      ? 0
      : Math.max(notation === 'compact' ? 0 : -400, Math.min(Math.floor((point - 1) / step), most)) * step;
  let exponent = exponentOf(exact);
  let decimal = rounded(scaled(exact, -exponent), options);
  const grown = exponentOf(scaled(decimal, exponent));
  if (grown !== exponent) {
    exponent = grown;
    decimal = rounded(scaled(exact, -exponent), options);
  }
  const body = digitParts(decimal, options);
  const plural = exponent === 0 ? pluralOf(decimal, body) : 'other';
  if (notation === 'compact') {
    const isLong =
      options.compactDisplay === 'long' && (options.style !== 'currency' || options.currencyDisplay === 'name');
    const mark = (isLong ? COMPACT_LONG : COMPACT)[exponent / 3];
    if (mark !== '' && isLong) body.push({ type: 'literal', value: ' ' });
    if (mark !== '') body.push({ type: 'compact', value: mark });
    return { body, decimal, plural };
  }
  body.push({ type: 'exponentSeparator', value: 'E' });
  if (exponent < 0) body.push({ type: 'exponentMinusSign', value: '-' });
  body.push({ type: 'exponentInteger', value: String(Math.abs(exponent)) });
  return { body, decimal, plural };
}

/** One is 1 without anything behind the point, however many zeros stand before it. */
function pluralOf({ digits, point }, body) {
  const isWhole = !body.some(({ type }) => type === 'fraction');
  return digits === '1' && point === 1 && isWhole ? 'one' : 'other';
}

function rounded(decimal, options) {
  if (options.maximumSignificantDigits !== undefined)
    return roundSignificant(decimal, options.maximumSignificantDigits);
  if (options.isCompactRounded && decimal.point < 2) return roundSignificant(decimal, 2);
  return roundFraction(decimal, options.maximumFractionDigits);
}

function digitParts(decimal, options) {
  const { minimumIntegerDigits, minimumFractionDigits = 0, minimumSignificantDigits, useGrouping, notation } = options;
  const fewest =
    minimumSignificantDigits === undefined
      ? minimumFractionDigits
      : Math.max(0, minimumSignificantDigits - (decimal.digits === '' ? 1 : decimal.point));
  const [whole, fraction] = written(decimal, fewest);
  const padded = whole.padStart(minimumIntegerDigits, '0');
  const isLoose = useGrouping === 'min2' || (useGrouping === 'auto' && notation === 'compact');
  const fewestGrouped = isLoose ? 5 : 4;
  const groups =
    useGrouping === false || padded.length < fewestGrouped
      ? [padded]
      : padded.replace(/\B(?=(\d{3})+$)/g, ',').split(',');
  const parts = groups.flatMap((value, index) => [
    ...(index > 0 ? [{ type: 'group', value: ',' }] : []),
    { type: 'integer', value },
  ]);
  if (fraction !== '') parts.push({ type: 'decimal', value: '.' }, { type: 'fraction', value: fraction });
  return parts;
}

function signOf(isNegative, isZero, display) {
  switch (display) {
    case 'never':
      return '';
    case 'always':
      return isNegative ? '-' : '+';
    case 'exceptZero':
      return isZero ? '' : isNegative ? '-' : '+';
    case 'negative':
      return isNegative && !isZero ? '-' : '';
    default:
      return isNegative ? '-' : '';
  }
}

/** The digits with sign, currency, percent sign or unit. */
function decorated(body, isNegative, isZero, options, plural) {
  const { style, signDisplay } = options;
  const sign = signOf(isNegative, isZero, signDisplay);
  const parts = [...body];
  if (style === 'percent') parts.push({ type: options.notation === 'compact' ? 'unit' : 'percentSign', value: '%' });
  if (style === 'unit') return withSign(sign, unitParts(parts, options, plural));
  if (style !== 'currency') return withSign(sign, parts);
  const { currency, currencyDisplay, currencySign } = options;
  if (currencyDisplay === 'name') {
    const name = { type: 'currency', value: currencyName(currency, plural) };
    return withSign(sign, [...parts, { type: 'literal', value: ' ' }, name]);
  }
  const value = currencySymbol(currency, currencyDisplay);
  // Between letters and digits there is a space.
  const space = /\p{L}$/u.test(value) && parts[0].type === 'integer' ? [{ type: 'literal', value: '\u00a0' }] : [];
  const whole = [{ type: 'currency', value }, ...space, ...parts];
  if (currencySign !== 'accounting' || sign !== '-') return withSign(sign, whole);
  return [{ type: 'literal', value: '(' }, ...whole, { type: 'literal', value: ')' }];
}

function withSign(sign, parts) {
  if (sign === '') return parts;
  return [{ type: sign === '-' ? 'minusSign' : 'plusSign', value: sign }, ...parts];
}
