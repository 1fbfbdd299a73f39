// Time zones: offsets from UTC by the rules that hold today. https://tc39.es/ecma262/#sec-time-zone-identifiers
import { ZONES } from './zone-data.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** `{ name, rule, since }` of a zone, in milliseconds; undefined for others. The text is looked through: a list takes room. */
function find(given) {
  if (!/^[a-z0-9_+/-]+$/i.test(given)) return undefined;
  const found = new RegExp(` (${given.replaceAll('+', '\\+')})(?=[ \n])`, 'i').exec(ZONES);
  if (!found) return undefined;
  const before = ZONES.slice(ZONES.lastIndexOf('\n', found.index) + 1, found.index);
  const [day] = /^\d*/.exec(before.slice(before.lastIndexOf('@') + 1));
  return {
    name: found[1],
    rule: before.slice(0, before.search(/ |$/)),
    since: day === '' ? Number.NEGATIVE_INFINITY : Number(day) * DAY,
  };
}

/** The names of all zones. */
export const zoneNames = () =>
  ['UTC', ...ZONES.split(/\s+/).filter((word) => /^[A-Z][A-Za-z_]+\/[A-Z]/.test(word))].sort();

/** Minutes of `2`, `-5:30`: POSIX counts to the west. */
function minutesOf(text) {
  const [, sign, hours, minutes = '0'] = /^([+-]?)(\d+)(?::(\d+))?/.exec(text);
  const all = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -all : all;
}

const RULE = /^(<[^>]+>|[A-Za-z]+)([+-]?[\d:]+)(?:(<[^>]+>|[A-Za-z]+)([+-]?[\d:]+)?,([^,]+),([^,]+))?$/;

/** `{ standard, summer }`: each { minutes, abbreviation }, summer with when it begins and ends. */
function parseRule(rule) {
  const [, name, west, summerName, summerWest, begins, ends] = RULE.exec(rule);
  const plain = (text) => text.replace(/[<>]/g, '');
  const standard = { minutes: 0 - minutesOf(west), abbreviation: plain(name) };
  if (summerName === undefined) return { standard };
  const minutes = summerWest === undefined ? standard.minutes + 60 : 0 - minutesOf(summerWest);
  return { standard, summer: { minutes, abbreviation: plain(summerName), begins, ends } };
}

/** The time of `M3.2.0/2`: in March, the second Sunday, at 2 of the clock that shows `minutes` beside UTC. */
function timeOf(rule, year, minutes) {
  const [, month, week, weekday, time = '2'] = /^M(\d+)\.(\d)\.(\d)(?:\/(.+))?$/.exec(rule);
  const first = new Date(Date.UTC(year, month - 1, 1));
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  let day = 1 + ((Number(weekday) - first.getUTCDay() + 7) % 7) + (week - 1) * 7;
  while (day > length) day -= 7;
  return Date.UTC(year, month - 1, day) + (minutesOf(time) - minutes) * MINUTE;
}

const rules = new Map();

/** Which half of a rule holds at a time. */
function halfOf(rule, time) {
  if (!rules.has(rule)) rules.set(rule, parseRule(rule));
  const { standard, summer } = rules.get(rule);
  if (!summer) return standard;
  const year = new Date(time + standard.minutes * MINUTE).getUTCFullYear();
  const begins = timeOf(summer.begins, year, standard.minutes);
  const ends = timeOf(summer.ends, year, summer.minutes);
  const isSummer = begins < ends ? time >= begins && time < ends : time >= begins || time < ends;
  return isSummer ? summer : standard;
}

const UTC = { name: 'UTC', at: () => ({ minutes: 0, abbreviation: 'UTC' }) };

/**
 * `{ name, at(time) }` of a time zone; `at` gives minutes from UTC and the abbreviation. Both throw a RangeError for what is
 * not known.
 */
export function zoneOf(given) {
  if (given === undefined) return UTC;
  const text = String(given);
  if (/^(utc|gmt|gmt[+-]?0|etc\/(utc|gmt|gmt[+-]?0|uct|zulu|universal)|uct|zulu|universal)$/i.test(text)) return UTC;
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(text) ?? [];
  if (sign !== undefined && Number(hours) < 24 && Number(minutes) < 60) {
    const all = Number(hours) * 60 + Number(minutes);
    const half = { minutes: sign === '-' ? -all : all };
    return { name: `${all === 0 ? '+' : sign}${hours}:${minutes.padStart(2, '0')}`, at: () => half };
  }
  const zone = find(text);
  if (!zone) throw new RangeError(`The time zone "${text}" is not known here: "UTC", "+02:00" and "Europe/Berlin" are`);
  return {
    name: zone.name,
    at(time) {
      if (time >= zone.since) return halfOf(zone.rule, time);
      const day = new Date(zone.since).toISOString().slice(0, 10);
      throw new RangeError(
        `The rules of ${zone.name} are known here from ${day} on: a package with their history, such as moment-timezone, has those before`,
      );
    },
  };
}
