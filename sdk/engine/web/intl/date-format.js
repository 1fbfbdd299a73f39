// Intl.DateTimeFormat of https://tc39.es/ecma402/#datetimeformat-objects, as it writes dates in American English.
import { dateParts, timeParts } from './date-parts.js';
import { integerOption, option, optionsOf, resolve, supported } from './locale.js';
import { zoneOf } from './zones.js';

const TEXTS = ['narrow', 'short', 'long'];
const DIGITS = ['numeric', '2-digit'];
const DATE_FIELDS = { weekday: TEXTS, year: DIGITS, month: [...DIGITS, ...TEXTS], day: DIGITS };
const TIME_FIELDS = { hour: DIGITS, minute: DIGITS, second: DIGITS };
const NAMES = ['short', 'long', 'shortOffset', 'longOffset'];
const CYCLES = ['h11', 'h12', 'h23', 'h24'];
const STYLES = ['full', 'long', 'medium', 'short'];

const DATE_STYLES = {
  full: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  long: { year: 'numeric', month: 'long', day: 'numeric' },
  medium: { year: 'numeric', month: 'short', day: 'numeric' },
  short: { year: '2-digit', month: 'numeric', day: 'numeric' },
};
const TIME_STYLES = {
  full: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'long' },
  long: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
  medium: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
  short: { hour: 'numeric', minute: '2-digit' },
};
const NUMERIC_DATE = { year: 'numeric', month: 'numeric', day: 'numeric' };
const NUMERIC_TIME = { hour: 'numeric', minute: '2-digit', second: '2-digit' };

function fieldsOf(given, required, defaults) {
  const dateStyle = option(given, 'dateStyle', STYLES, undefined);
  const timeStyle = option(given, 'timeStyle', STYLES, undefined);
  const fields = {};
  for (const [name, values] of Object.entries({ ...DATE_FIELDS, ...TIME_FIELDS })) {
    const value = option(given, name, values, undefined);
    if (value !== undefined) fields[name] = value;
  }
  const digits = integerOption(given, 'fractionalSecondDigits', 1, 3, undefined);
  if (digits !== undefined) fields.fractionalSecondDigits = digits;
  const isOf = (names) => names.some((name) => fields[name] !== undefined);
  const hasDate = isOf(Object.keys(DATE_FIELDS));
  const hasTime = isOf([...Object.keys(TIME_FIELDS), 'fractionalSecondDigits']);
  const zone = option(given, 'timeZoneName', NAMES, undefined);
  if (zone !== undefined) fields.timeZoneName = zone;
  if (dateStyle !== undefined || timeStyle !== undefined) {
    if (hasDate || hasTime || zone !== undefined)
      throw new TypeError('dateStyle and timeStyle go with no other fields');
    if (required === 'date' && timeStyle !== undefined) throw new TypeError('A date has no timeStyle');
    if (required === 'time' && dateStyle !== undefined) throw new TypeError('A time has no dateStyle');
    return { fields: { ...DATE_STYLES[dateStyle], ...TIME_STYLES[timeStyle] }, dateStyle, timeStyle };
  }
  const isEnough = (required !== 'time' && hasDate) || (required !== 'date' && hasTime);
  if (!isEnough && defaults !== 'time') Object.assign(fields, NUMERIC_DATE);
  if (!isEnough && defaults !== 'date') Object.assign(fields, NUMERIC_TIME);
  return { fields };
}

function cycleOf(given) {
  if (given.hour12 !== undefined) return given.hour12 ? 'h12' : 'h23';
  return option(given, 'hourCycle', CYCLES, 'h12');
}

/** Literals that stand side by side are one. */
function joined(parts) {
  const all = [];
  for (const part of parts) {
    if (part.type === 'literal' && all.at(-1)?.type === 'literal')
      all.push({ ...part, value: all.pop().value + part.value });
    else all.push(part);
  }
  return all;
}

export class DateTimeFormat {
  #locale;
  #zone;
  #options;
  #cycle;
  #bound;

  /** `required` and `defaults` are those of Date's own methods. */
  constructor(locales, options, required = 'any', defaults = 'date') {
    // biome-ignore lint/correctness/noConstructorReturn: the specification has it callable without new
    if (new.target === undefined) return new DateTimeFormat(locales, options);
    const given = optionsOf(options);
    this.#locale = resolve(locales, 'Intl.DateTimeFormat');
    option(given, 'calendar', ['gregory', 'iso8601'], 'gregory');
    option(given, 'numberingSystem', ['latn'], 'latn');
    for (const name of ['era', 'dayPeriod']) option(given, name, [], undefined);
    this.#zone = zoneOf(given.timeZone);
    this.#options = fieldsOf(given, required, defaults);
    this.#cycle = cycleOf(given);
  }

  get format() {
    this.#bound ??= (date) =>
      this.formatToParts(date)
        .map(({ value }) => value)
        .join('');
    return this.#bound;
  }

  formatToParts(date) {
    const time = date === undefined ? Date.now() : Number(date);
    if (!(Math.abs(time) <= 8.64e15)) throw new RangeError('Invalid time value');
    const { fields, dateStyle } = this.#options;
    const half = this.#zone.at(time);
    const local = new Date(time + half.minutes * 60_000);
    const day = dateParts(local, fields);
    const clock = timeParts(local, fields, this.#cycle, { ...half, zone: this.#zone.name });
    if (day.length === 0) return clock;
    if (clock.length === 0) return day;
    const isLong = dateStyle ? dateStyle === 'full' || dateStyle === 'long' : fields.month === 'long';
    const isWeekday =
      fields.weekday && !fields.day && !fields.month && !fields.year && fields.hour && !fields.timeZoneName;
    const between = isLong ? ' at ' : isWeekday ? ' ' : ', ';
    return joined([...day, { type: 'literal', value: between }, ...clock]);
  }

  formatRange() {
    throw new RangeError('Intl.DateTimeFormat has no formatRange here: format both dates');
  }

  formatRangeToParts() {
    return this.formatRange();
  }

  resolvedOptions() {
    const { fields, dateStyle, timeStyle } = this.#options;
    const hours = fields.hour === undefined ? {} : { hourCycle: this.#cycle, hour12: /1/.test(this.#cycle) };
    return {
      locale: this.#locale,
      calendar: 'gregory',
      numberingSystem: 'latn',
      timeZone: this.#zone.name,
      ...hours,
      ...(dateStyle || timeStyle ? { ...(dateStyle && { dateStyle }), ...(timeStyle && { timeStyle }) } : fields),
    };
  }

  static supportedLocalesOf(locales) {
    return supported(locales);
  }

  get [Symbol.toStringTag]() {
    return 'Intl.DateTimeFormat';
  }
}
