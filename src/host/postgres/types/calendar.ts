// Dates and times of day: numbers of the server from and to the fields that guests have. The calendar is Gregorian for all
// time, and has a year 0, as that of the server.
// https://howardhinnant.github.io/date_algorithms.html

export type WitDate = readonly [year: number, month: number, day: number];
export type WitTime = readonly [hour: number, minute: number, second: number, nanosecond: number];
export type WitDatetime = readonly [...WitDate, ...WitTime];

const DAY_MICROS = 86_400_000_000n;
/** Days from 0000-03-01 to 2000-01-01, from which the server counts. */
const EPOCH = 730_425;
const DAYS_OF_ERA = 146_097;
/** Seconds from 1970-01-01 to 2000-01-01. */
const UNIX_EPOCH = 946_684_800n;

export function dateOfDays(days: number): WitDate {
  const shifted = days + EPOCH;
  const era = Math.floor(shifted / DAYS_OF_ERA);
  const dayOfEra = shifted - era * DAYS_OF_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

/** Undefined when there is no such day. */
export function daysOfDate([year, month, day]: WitDate): number | undefined {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * DAYS_OF_ERA + dayOfEra - EPOCH;
  const [foundYear, foundMonth, foundDay] = dateOfDays(days);
  return foundYear === year && foundMonth === month && foundDay === day ? days : undefined;
}

/** Of the microseconds since midnight; 24:00 is a time of the server, too. */
export function timeOfMicros(micros: bigint): WitTime {
  const seconds = Number(micros / 1_000_000n);
  const nanosecond = Number(micros % 1_000_000n) * 1000;
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, nanosecond];
}

/** Undefined when there is no such time, or it is finer than a microsecond. */
export function microsOfTime([hour, minute, second, nanosecond]: WitTime): bigint | undefined {
  if (minute > 59 || second > 59 || nanosecond > 999_999_999 || nanosecond % 1000 !== 0) return undefined;
  const micros = BigInt(hour * 3600 + minute * 60 + second) * 1_000_000n + BigInt(nanosecond / 1000);
  return micros <= DAY_MICROS ? micros : undefined;
}

/** Of the microseconds since 2000-01-01. */
export function datetimeOfMicros(micros: bigint): WitDatetime {
  const time = ((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS;
  return [...dateOfDays(Number((micros - time) / DAY_MICROS)), ...timeOfMicros(time)];
}

export function microsOfDatetime([year, month, day, ...time]: WitDatetime): bigint | undefined {
  const days = daysOfDate([year, month, day]);
  const micros = microsOfTime(time as unknown as WitTime);
  if (days === undefined || micros === undefined || micros === DAY_MICROS) return undefined;
  return BigInt(days) * DAY_MICROS + micros;
}

/** Of seconds since 1970-01-01. */
export function microsOfUnixTime(seconds: bigint): bigint {
  return (seconds - UNIX_EPOCH) * 1_000_000n;
}
