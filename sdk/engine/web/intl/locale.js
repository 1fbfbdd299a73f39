// Which languages there are: English as in the United States. Data of others is as large as the engine; what would come out
// wrong without it is an error that says so.
export const LOCALE = 'en-US';

/** A language tag in its usual form. Throws a RangeError for a text that is none. */
export function canonical(tag) {
  const text = String(tag);
  if (!/^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(text)) throw new RangeError(`"${text}" is no tag of a language`);
  let isExtension = false;
  return text
    .split('-')
    .map((part, index) => {
      if (part.length === 1) isExtension = true;
      if (index === 0 || isExtension) return part.toLowerCase();
      if (part.length === 4 && /^[a-z]/i.test(part)) return part[0].toUpperCase() + part.slice(1).toLowerCase();
      return part.length === 2 ? part.toUpperCase() : part.toLowerCase();
    })
    .join('-');
}

export function canonicalList(locales) {
  if (locales === undefined) return [];
  if (locales === null) throw new TypeError('null is no list of languages');
  const list = typeof locales === 'string' || locales instanceof Locale ? [locales] : [...locales];
  return [...new Set(list.map(canonical))];
}

/** English, with a preference that changes nothing. */
const isKnown = (tag) => /^en(-Latn)?(-US)?(-u-(nu-latn|ca-gregory|hc-h12))?$/.test(tag);

/** The locale that formats, `en-US`. Throws a RangeError when others were asked for, and none that is known. */
export function resolve(locales, what) {
  const list = canonicalList(locales);
  if (list.length === 0 || list.some(isKnown)) return LOCALE;
  throw new RangeError(
    `${what} knows "en-US" here, not "${list[0]}": format it in the browser, or with a package that brings the language, such as @formatjs/intl`,
  );
}

export const supported = (locales) => canonicalList(locales).filter(isKnown);

/** The value of an option, one of `values`. Throws a RangeError for another. */
export function option(options, name, values, otherwise) {
  const value = options[name];
  if (value === undefined) return otherwise;
  if (values.includes(value)) return value;
  if (values.includes(String(value))) return String(value);
  throw new RangeError(`"${value}" is no ${name} here: ${values.join(', ')}`);
}

export function integerOption(options, name, low, high, otherwise) {
  const value = options[name];
  if (value === undefined) return otherwise;
  const number = Math.floor(Number(value));
  if (number >= low && number <= high) return number;
  throw new RangeError(`${name} is ${low} to ${high}, not ${value}`);
}

/** A constructor's options: undefined is none. */
export const optionsOf = (options) => (options === undefined ? {} : Object(options));

export class Locale {
  #tag;

  constructor(tag, { language, script, region } = {}) {
    if (typeof tag !== 'string' && !(tag instanceof Locale))
      throw new TypeError('Intl.Locale wants a tag of a language');
    const [, own, ownScript = '', ownRegion = '', rest = ''] =
      /^([a-z]+)(?:-([A-Z][a-z]{3}))?(?:-([A-Z]{2}|\d{3}))?(.*)$/.exec(canonical(tag)) ?? [];
    const parts = [language ?? own, script ?? ownScript, region ?? ownRegion].filter((part) => part !== '');
    this.#tag = canonical(parts.join('-') + rest);
  }

  #part(pattern) {
    return pattern.exec(this.baseName)?.[1];
  }

  get baseName() {
    return this.#tag.replace(/-[a-z0-9]-.*$/, '');
  }

  get language() {
    return this.#part(/^([a-z]+)/);
  }

  get script() {
    return this.#part(/-([A-Z][a-z]{3})\b/);
  }

  get region() {
    return this.#part(/-([A-Z]{2}|\d{3})\b/);
  }

  toString() {
    return this.#tag;
  }

  get [Symbol.toStringTag]() {
    return 'Intl.Locale';
  }
}
