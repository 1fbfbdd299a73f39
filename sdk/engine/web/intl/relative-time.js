// Intl.RelativeTimeFormat of https://tc39.es/ecma402/#relativetimeformat-objects, in English.
import { option, optionsOf, resolve, supported } from './locale.js';
import { NumberFormat } from './number-format.js';

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];
const SHORT = { second: 'sec.', minute: 'min.', hour: 'hr.', week: 'wk.', month: 'mo.', quarter: 'qtr.', year: 'yr.' };
const NARROW = { second: 's', minute: 'm', hour: 'h', day: 'd', week: 'w', month: 'mo', quarter: 'q', year: 'y' };
const DAYS = { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' };

function unitOf(given) {
  const unit = String(given).replace(/s$/, '');
  if (UNITS.includes(unit)) return unit;
  throw new RangeError(`"${given}" is no unit of time: ${UNITS.join(', ')} are`);
}

/** Words for times that have some; undefined for others. */
function words(value, unit, style) {
  if (![-1, 0, 1].includes(value)) return undefined;
  if (unit === 'day') return DAYS[value];
  if (unit === 'second') return value === 0 ? 'now' : undefined;
  const name = style === 'long' || unit === 'minute' || unit === 'hour' ? unit : SHORT[unit];
  if (value === 0) return `this ${name}`;
  return unit === 'minute' || unit === 'hour' ? undefined : `${value < 0 ? 'last' : 'next'} ${name}`;
}

/** The unit as it stands behind the number, with the space between. */
function unitText(unit, style, isOne) {
  if (style === 'narrow') return NARROW[unit];
  if (style === 'short' && unit === 'quarter') return isOne ? ' qtr.' : ' qtrs.';
  if (style === 'short' && unit !== 'day') return ` ${SHORT[unit]}`;
  return isOne ? ` ${unit}` : ` ${unit}s`;
}

export class RelativeTimeFormat {
  #locale;
  #style;
  #numeric;
  #numbers = new NumberFormat();

  constructor(locales, options) {
    const given = optionsOf(options);
    this.#locale = resolve(locales, 'Intl.RelativeTimeFormat');
    this.#style = option(given, 'style', ['long', 'short', 'narrow'], 'long');
    this.#numeric = option(given, 'numeric', ['always', 'auto'], 'always');
  }

  format(value, unit) {
    return this.formatToParts(value, unit)
      .map((part) => part.value)
      .join('');
  }

  formatToParts(given, givenUnit) {
    const unit = unitOf(givenUnit);
    const value = Number(given);
    if (!Number.isFinite(value)) throw new RangeError('A relative time is a finite number');
    const word = this.#numeric === 'auto' ? words(value, unit, this.#style) : undefined;
    if (word !== undefined) return [{ type: 'literal', value: word }];
    const number = this.#numbers.formatToParts(Math.abs(value)).map((part) => ({ ...part, unit }));
    const isOne = number.length === 1 && number[0].value === '1';
    const isPast = value < 0 || Object.is(value, -0);
    const text = unitText(unit, this.#style, isOne);
    if (isPast) return [...number, { type: 'literal', value: `${text} ago` }];
    return [{ type: 'literal', value: 'in ' }, ...number, { type: 'literal', value: text }];
  }

  resolvedOptions() {
    return { locale: this.#locale, style: this.#style, numeric: this.#numeric, numberingSystem: 'latn' };
  }

  static supportedLocalesOf(locales) {
    return supported(locales);
  }

  get [Symbol.toStringTag]() {
    return 'Intl.RelativeTimeFormat';
  }
}
