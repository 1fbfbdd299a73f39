// Intl.ListFormat of https://tc39.es/ecma402/#listformat-objects, in English.
import { option, optionsOf, resolve, supported } from './locale.js';

/** What stands between two, between the first of several, and before their last. */
function marks(type, style) {
  if (type === 'unit') return style === 'narrow' ? [' ', ' ', ' '] : [', ', ', ', ', '];
  if (type === 'disjunction') return [' or ', ', ', ', or '];
  if (style === 'narrow') return [', ', ', ', ', '];
  const word = style === 'long' ? 'and' : '&';
  return [` ${word} `, ', ', `, ${word} `];
}

export class ListFormat {
  #locale;
  #type;
  #style;

  constructor(locales, options) {
    const given = optionsOf(options);
    this.#locale = resolve(locales, 'Intl.ListFormat');
    this.#type = option(given, 'type', ['conjunction', 'disjunction', 'unit'], 'conjunction');
    this.#style = option(given, 'style', ['long', 'short', 'narrow'], 'long');
  }

  format(list) {
    return this.formatToParts(list)
      .map(({ value }) => value)
      .join('');
  }

  formatToParts(list) {
    const all = [...list];
    const wrong = all.find((one) => typeof one !== 'string');
    if (wrong !== undefined) throw new TypeError('Intl.ListFormat takes a list of texts');
    const [two, several, last] = marks(this.#type, this.#style);
    return all.flatMap((value, index) => {
      const mark = all.length === 2 ? two : index === all.length - 1 ? last : several;
      const element = { type: 'element', value };
      return index === 0 ? [element] : [{ type: 'literal', value: mark }, element];
    });
  }

  resolvedOptions() {
    return { locale: this.#locale, type: this.#type, style: this.#style };
  }

  static supportedLocalesOf(locales) {
    return supported(locales);
  }

  get [Symbol.toStringTag]() {
    return 'Intl.ListFormat';
  }
}
