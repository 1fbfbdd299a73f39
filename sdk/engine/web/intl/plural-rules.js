// Intl.PluralRules of https://tc39.es/ecma402/#pluralrules-objects, for English.
import { option, optionsOf, resolve, supported } from './locale.js';
import { NumberFormat } from './number-format.js';

const DIGITS = [
  'minimumIntegerDigits',
  'minimumFractionDigits',
  'maximumFractionDigits',
  'minimumSignificantDigits',
  'maximumSignificantDigits',
];

export class PluralRules {
  #locale;
  #type;
  #format;

  constructor(locales, options) {
    const given = optionsOf(options);
    this.#locale = resolve(locales, 'Intl.PluralRules');
    this.#type = option(given, 'type', ['cardinal', 'ordinal'], 'cardinal');
    this.#format = new NumberFormat(undefined, Object.fromEntries(DIGITS.map((name) => [name, given[name]])));
  }

  select(value) {
    const text = this.#format.format(Math.abs(Number(value))).replaceAll(',', '');
    if (this.#type === 'cardinal') return text === '1' ? 'one' : 'other';
    if (!/^\d+$/.test(text) || /1[123]$/.test(text)) return 'other';
    return { 1: 'one', 2: 'two', 3: 'few' }[text.at(-1)] ?? 'other';
  }

  resolvedOptions() {
    const ordinal = ['few', 'one', 'two', 'other'];
    return {
      locale: this.#locale,
      type: this.#type,
      pluralCategories: this.#type === 'ordinal' ? ordinal : ['one', 'other'],
    };
  }

  static supportedLocalesOf(locales) {
    return supported(locales);
  }

  get [Symbol.toStringTag]() {
    return 'Intl.PluralRules';
  }
}
