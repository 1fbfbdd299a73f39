// Intl, and the methods of numbers, dates and texts that are made of it, for an engine that has none. It knows American
// English; for other languages there is an error that says so.
import { Collator } from './collator.js';
import { DateTimeFormat } from './date-format.js';
import { ListFormat } from './list-format.js';
import { canonicalList, Locale } from './locale.js';
import { NumberFormat } from './number-format.js';
import { PluralRules } from './plural-rules.js';
import { RelativeTimeFormat } from './relative-time.js';
import { Segmenter } from './segmenter.js';
import { currencyNames, unitNames } from './units.js';
import { zoneNames } from './zones.js';

const values = {
  calendar: () => ['gregory'],
  collation: () => [],
  currency: currencyNames,
  numberingSystem: () => ['latn'],
  timeZone: zoneNames,
  unit: unitNames,
};

function supportedValuesOf(key) {
  if (Object.hasOwn(values, key)) return values[key]();
  throw new RangeError(`"${key}" is no key: ${Object.keys(values).join(', ')} are`);
}

function absent(name, instead) {
  return class {
    static name = name;

    constructor() {
      throw new RangeError(`There is no Intl.${name} here: ${instead}`);
    }

    static supportedLocalesOf() {
      return [];
    }
  };
}

export const intl = Object.defineProperty(
  {
    Collator,
    DateTimeFormat,
    DisplayNames: absent(
      'DisplayNames',
      'keep the names that you need in the program, or use @formatjs/intl-displaynames',
    ),
    DurationFormat: absent('DurationFormat', 'use Intl.NumberFormat with units and Intl.ListFormat'),
    ListFormat,
    Locale,
    NumberFormat,
    PluralRules,
    RelativeTimeFormat,
    Segmenter,
    getCanonicalLocales: (locales) => canonicalList(locales),
    supportedValuesOf,
  },
  Symbol.toStringTag,
  { value: 'Intl', configurable: true },
);
for (const name of Object.keys(intl)) Object.defineProperty(intl, name, { enumerable: false });

const collator = new Collator();
const numbers = new NumberFormat();

/** Languages whose letters change case otherwise than in Unicode's general rules. */
function checkCase(locales) {
  const [first] = canonicalList(locales);
  if (/^(tr|az|lt)\b/.test(first ?? ''))
    throw new RangeError(`Upper and lower case of "${first}" are not known here: replace "i" and "ı" before`);
}

function dateMethod(required, defaults) {
  return function (locales, options) {
    // Even an invalid date is one.
    const time = Date.prototype.getTime.call(this);
    const format = new DateTimeFormat(locales, options, required, defaults);
    return Number.isNaN(time) ? 'Invalid Date' : format.format(time);
  };
}

/** The methods, by what they are methods of. */
export const localeMethods = [
  [
    Number.prototype,
    {
      toLocaleString(locales, options) {
        const value = Number.prototype.valueOf.call(this);
        return (locales === undefined && options === undefined ? numbers : new NumberFormat(locales, options)).format(
          value,
        );
      },
    },
  ],
  [
    BigInt.prototype,
    {
      toLocaleString(locales, options) {
        return new NumberFormat(locales, options).format(BigInt.prototype.valueOf.call(this));
      },
    },
  ],
  [
    Date.prototype,
    {
      toLocaleString: dateMethod('any', 'all'),
      toLocaleDateString: dateMethod('date', 'date'),
      toLocaleTimeString: dateMethod('time', 'time'),
    },
  ],
  [
    String.prototype,
    {
      localeCompare(other, locales, options) {
        const how = locales === undefined && options === undefined ? collator : new Collator(locales, options);
        return how.compare(this, other);
      },
      toLocaleUpperCase(locales) {
        checkCase(locales);
        return String(this).toUpperCase();
      },
      toLocaleLowerCase(locales) {
        checkCase(locales);
        return String(this).toLowerCase();
      },
    },
  ],
];
