// The parts of dates and times in American English, in their order. Dates are in UTC here.
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

const literal = (value) => ({ type: 'literal', value });
const padded = (value) => String(value).padStart(2, '0');
const digits = (value, form) => (form === '2-digit' ? padded(value) : String(value));
const worded = (name, form) => (form === 'long' ? name : name.slice(0, form === 'short' ? 3 : 1));
const between = (parts, text) => parts.flatMap((part, index) => (index === 0 ? [part] : [literal(text), part]));

function yearText(date, form) {
  const year = date.getUTCFullYear();
  // There is no year 0: before the first comes the first before Christ.
  const shown = year <= 0 ? 1 - year : year;
  return form === '2-digit' ? padded(shown % 100) : String(shown);
}

/** Weekday, month, day and year, as far as `fields` has them. */
export function dateParts(date, fields) {
  const part = (type, text) => (fields[type] === undefined ? [] : [{ type, value: text(fields[type]) }]);
  const weekday = part('weekday', (form) => worded(WEEKDAYS[date.getUTCDay()], form));
  const year = part('year', (form) => yearText(date, form));
  const day = part('day', (form) => digits(date.getUTCDate(), form));
  const isWorded = ['narrow', 'short', 'long'].includes(fields.month);
  const index = date.getUTCMonth();
  const month = part('month', (form) => (isWorded ? worded(MONTHS[index], form) : digits(index + 1, form)));
  if (year.length > 0 && month.length === 0 && (day.length > 0 || weekday.length > 0)) {
    return weekday.length > 0
      ? between([...day, ...weekday, ...year], ' ')
      : [...year, literal(' (day: '), ...day, literal(')')];
  }
  const rest = isWorded
    ? between(
        [between([...month, ...day], ' '), year].filter(({ length }) => length > 0),
        day.length > 0 ? ', ' : ' ',
      ).flat()
    : between([...month, ...day, ...year], '/');
  if (weekday.length === 0 || rest.length === 0) return [...weekday, ...rest];
  return day.length > 0 && month.length > 0
    ? [...weekday, literal(', '), ...rest]
    : [...rest, literal(' '), ...weekday];
}

function hourText(hours, form, cycle) {
  switch (cycle) {
    case 'h23':
      return padded(hours);
    case 'h24':
      return padded(hours === 0 ? 24 : hours);
    case 'h11':
      return digits(hours % 12, form);
    default:
      return digits(hours % 12 === 0 ? 12 : hours % 12, form);
  }
}

/** Hour, minute, second and the name of the zone, as far as `fields` has them. */
export function timeParts(date, fields, cycle, zone) {
  const { hour, minute, second, fractionalSecondDigits, timeZoneName } = fields;
  const parts = [];
  const add = (type, value, before) => {
    if (parts.length > 0) parts.push(literal(before));
    parts.push({ type, value });
  };
  const isAlone = (name) => ['hour', 'minute', 'second'].every((one) => one === name || fields[one] === undefined);
  if (hour) add('hour', hourText(date.getUTCHours(), hour, cycle));
  if (minute) add('minute', isAlone('minute') ? String(date.getUTCMinutes()) : padded(date.getUTCMinutes()), ':');
  const isOdd = hour && second && !minute;
  const seconds = () => (isAlone('second') || isOdd ? String(date.getUTCSeconds()) : padded(date.getUTCSeconds()));
  if (second && !isOdd) add('second', seconds(), ':');
  if (fractionalSecondDigits && (second || isAlone(''))) {
    const text = String(date.getUTCMilliseconds()).padStart(3, '0').slice(0, fractionalSecondDigits);
    add('fractionalSecond', text, '.');
  }
  if (hour && (cycle === 'h12' || cycle === 'h11')) add('dayPeriod', date.getUTCHours() < 12 ? 'AM' : 'PM', ' ');
  if (isOdd) parts.push(literal(' (second: '), { type: 'second', value: seconds() }, literal(')'));
  if (timeZoneName) add('timeZoneName', zoneName(zone, timeZoneName), ' ');
  return parts;
}

/** Zones of North America are called by names, but for some that have the clock of others. */
const NAMED = /^(America|US|Canada|Mexico|Jamaica|Navajo|Atlantic\/Bermuda|Pacific\/(Honolulu|Johnston))/;
const UNNAMED = /\/(Havana|Hermosillo|Mazatlan|Dawson|Whitehorse|Yukon|BajaSur)$/;
const AMERICAN = {
  AST: 'Atlantic Standard',
  ADT: 'Atlantic Daylight',
  EST: 'Eastern Standard',
  EDT: 'Eastern Daylight',
  CST: 'Central Standard',
  CDT: 'Central Daylight',
  MST: 'Mountain Standard',
  MDT: 'Mountain Daylight',
  PST: 'Pacific Standard',
  PDT: 'Pacific Daylight',
  AKST: 'Alaska Standard',
  AKDT: 'Alaska Daylight',
  HST: 'Hawaii-Aleutian Standard',
  HDT: 'Hawaii-Aleutian Daylight',
};

function zoneName({ zone, minutes, abbreviation }, form) {
  if (zone === 'UTC' && form === 'short') return 'UTC';
  if (zone === 'UTC' && form === 'long') return 'Coordinated Universal Time';
  const isOffset = form.endsWith('Offset');
  const name = NAMED.test(zone) && !UNNAMED.test(zone) ? AMERICAN[abbreviation] : undefined;
  if (name !== undefined && !isOffset) {
    if (form === 'long') return `${name} Time`;
    return /Adak|Atka|Aleutian/.test(zone) ? abbreviation.replace('H', 'HA') : abbreviation;
  }
  if (form === 'long' && abbreviation !== undefined)
    throw new RangeError(`The long name of ${zone} is not known here: use timeZoneName "short"`);
  if (minutes === 0 && !isOffset && !/^W/.test(abbreviation) && zone !== 'Atlantic/Azores') return 'GMT';
  const sign = minutes < 0 ? '-' : '+';
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  if (form.startsWith('long')) return `GMT${sign}${padded(hours)}:${padded(rest)}`;
  return `GMT${sign}${hours}${rest === 0 ? '' : `:${padded(rest)}`}`;
}
