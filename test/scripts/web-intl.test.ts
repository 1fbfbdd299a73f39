// Intl as programs have it writes what Node's does, for American English: numbers, dates and lists of all kinds, in the
// order of a generator that begins with the same number each time.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const part = async (name: string): Promise<unknown> =>
  import(new URL(`../../sdk/engine/web/intl/${name}.js`, import.meta.url).href);
const { intl: ours } = (await part('intl')) as { intl: typeof Intl };

let state = 1;
function random(): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return (state >>> 8) / 2 ** 23;
}
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
const maybe = <T>(chance: number, values: readonly T[]): T | undefined =>
  random() < chance ? pick(values) : undefined;

/** What a formatter gives, or the name of its error. */
function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as Error).name;
  }
}

const numbers = [0, -0, 1, -1, 0.5, 1.005, 2.5, 1234.5678, 999_999.5, 0.000123, 1e21, 1e-7, 999.95, 9999, 99_950];
const others = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 12_345_678_901_234_567_890n];

test('numbers', () => {
  for (let count = 0; count < 20_000; count++) {
    const style = pick(['decimal', 'decimal', 'percent', 'currency', 'unit'] as const);
    const options = {
      style,
      currency: style === 'currency' ? pick(['USD', 'EUR', 'JPY', 'CHF', 'KWD', 'SEK']) : undefined,
      currencyDisplay: maybe(0.4, ['code', 'symbol', 'narrowSymbol'] as const),
      currencySign: maybe(0.2, ['accounting'] as const),
      unit: style === 'unit' ? pick(['kilometer', 'kilometer-per-hour', 'byte', 'celsius', 'hour', 'day']) : undefined,
      unitDisplay: maybe(0.5, ['short', 'narrow', 'long'] as const),
      notation: maybe(0.3, ['compact', 'scientific', 'engineering'] as const),
      compactDisplay: maybe(0.3, ['short', 'long'] as const),
      minimumFractionDigits: maybe(0.2, [0, 1, 2, 4]),
      maximumFractionDigits: maybe(0.2, [0, 1, 2, 4, 10]),
      maximumSignificantDigits: maybe(0.15, [1, 2, 3, 6]),
      minimumSignificantDigits: maybe(0.1, [1, 2, 3]),
      minimumIntegerDigits: maybe(0.1, [2, 5]),
      useGrouping: maybe(0.2, [true, false, 'min2', 'auto', 'always'] as const),
      signDisplay: maybe(0.2, ['never', 'always', 'exceptZero', 'negative', 'auto'] as const),
    };
    const value = pick([...numbers, ...others, random() * 10 ** Math.floor(random() * 15), -random() * 1000]);
    const parts = (one: typeof Intl): unknown =>
      outcome(() => new one.NumberFormat('en-US', options).formatToParts(value as number));
    assert.deepEqual(parts(ours), parts(Intl), `${value} ${JSON.stringify(options)}`);
  }
});

const dates = [0, 1_767_625_445_678, 1_767_571_200_000, 1_767_614_400_000, -1e12, 951_782_400_000];

test('dates', () => {
  for (let count = 0; count < 10_000; count++) {
    const isStyled = random() < 0.3;
    const month = maybe(0.8, ['numeric', '2-digit', 'short', 'long'] as const);
    // What people write: a year or a weekday without a month stands alone.
    const fields = isStyled
      ? {
          dateStyle: maybe(0.7, ['full', 'long', 'medium', 'short'] as const),
          timeStyle: maybe(0.7, ['full', 'long', 'medium', 'short'] as const),
        }
      : {
          month,
          day: month && maybe(0.7, ['numeric', '2-digit'] as const),
          year: maybe(0.5, ['numeric', '2-digit'] as const),
          hour: maybe(0.5, ['numeric', '2-digit'] as const),
          minute: maybe(0.5, ['numeric', '2-digit'] as const),
          timeZoneName: maybe(0.1, ['short', 'long', 'shortOffset', 'longOffset'] as const),
        };
    const options = {
      ...fields,
      weekday: 'day' in fields && fields.day ? maybe(0.3, ['short', 'long'] as const) : undefined,
      second:
        'minute' in fields && fields.minute && fields.hour ? maybe(0.5, ['numeric', '2-digit'] as const) : undefined,
      timeZone: pick(['UTC', 'UTC', '+02:00', '-05:30']),
      hour12: maybe(0.2, [true, false]),
      hourCycle: maybe(0.1, ['h11', 'h12', 'h23', 'h24'] as const),
    };
    const date = pick([...dates, random() * 4e12]);
    const parts = (one: typeof Intl): unknown =>
      outcome(() => new one.DateTimeFormat('en-US', options).formatToParts(date));
    assert.deepEqual(parts(ours), parts(Intl), `${date} ${JSON.stringify(options)}`);
  }
});

test('time zones', () => {
  // Three have rules that no line of POSIX can hold.
  const unknown = ['Africa/Casablanca', 'Africa/El_Aaiun', 'Antarctica/Troll'];
  let known = 0;
  for (const timeZone of Intl.supportedValuesOf('timeZone')) {
    for (let count = 0; count < 20; count++) {
      const date = Date.UTC(2000, 0, 1) + random() * 45 * 365 * 86_400_000;
      // Names of zones are those of today.
      const options = { timeZone, dateStyle: 'short', timeStyle: 'short' } as const;
      const format = (one: typeof Intl): string => new one.DateTimeFormat('en-US', options).format(date);
      try {
        assert.equal(format(ours), format(Intl), `${timeZone} ${new Date(date).toISOString()}`);
        known++;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        if (!unknown.includes(timeZone)) assert.match(error.message, /are known here from \d{4}-\d\d-\d\d on/);
      }
    }
  }
  assert.ok(known > 5000, `${known} dates`);
  const named = (timeZone: string): string =>
    new ours.DateTimeFormat('en-US', { timeZone, timeStyle: 'long' }).format(dates[1]);
  assert.deepEqual(['america/new_york', 'US/Pacific', 'Europe/London', 'Asia/Kolkata', 'UTC'].map(named), [
    '10:04:05 AM EST',
    '7:04:05 AM PST',
    '3:04:05 PM GMT',
    '8:34:05 PM GMT+5:30',
    '3:04:05 PM UTC',
  ]);
});

test('relative times, lists, plurals', () => {
  const units = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'years'] as const;
  for (const style of ['long', 'short', 'narrow'] as const) {
    for (const numeric of ['always', 'auto'] as const) {
      for (const unit of units) {
        for (const value of [-2, -1, -0, 0, 1, 2, 1.5, 1000]) {
          const parts = (one: typeof Intl): unknown =>
            new one.RelativeTimeFormat('en', { style, numeric }).formatToParts(value, unit);
          assert.deepEqual(parts(ours), parts(Intl), `${value} ${unit} ${style} ${numeric}`);
        }
      }
    }
    for (const type of ['conjunction', 'disjunction', 'unit'] as const) {
      for (let count = 0; count < 5; count++) {
        const list = ['a', 'b', 'c', 'd'].slice(0, count);
        const parts = (one: typeof Intl): unknown => new one.ListFormat('en', { style, type }).formatToParts(list);
        assert.deepEqual(parts(ours), parts(Intl), `${list} ${style} ${type}`);
      }
    }
  }
  for (const type of ['cardinal', 'ordinal'] as const) {
    for (let value = 0; value < 200; value += 0.5) {
      const select = (one: typeof Intl): string => new one.PluralRules('en', { type }).select(value);
      assert.equal(select(ours), select(Intl), `${value} ${type}`);
    }
  }
});

test('the order of texts', () => {
  const characters = [...' _-.,()/&09aAbBeEéÈêëoOöÖøØœæÆßszZłŁñç'];
  const word = (): string => Array.from({ length: Math.floor(random() * 5) }, () => pick(characters)).join('');
  for (let count = 0; count < 20_000; count++) {
    const options = {
      sensitivity: maybe(0.3, ['base', 'accent', 'case', 'variant'] as const),
      numeric: maybe(0.3, [true]),
      caseFirst: maybe(0.1, ['upper'] as const),
      ignorePunctuation: maybe(0.1, [true]),
    };
    const [one, other] = [word(), word()];
    const compare = (by: typeof Intl): number => new by.Collator('en', options).compare(one, other);
    assert.equal(compare(ours), compare(Intl), `"${one}" "${other}" ${JSON.stringify(options)}`);
  }
});

test('characters and words', () => {
  const texts = [
    'e\u0301x',
    '👨‍👩‍👧👍🏽',
    '🇩🇪🇫🇷🇮',
    'a\r\nb',
    '한국어',
    "Hello, world. It's 3.14 or 1,000 — e.g. a_b!",
    'don’t stop  now',
    '#️⃣1️⃣',
    'naïve café',
    'a.b c:d 1;2 x@y.z http://a.b/c?d',
    'Привет, мир',
    'क्षि',
    '\u0301a',
    "'quoted'",
    '3D 2nd',
    'ab\tcd\n\nef',
  ];
  for (const text of texts) {
    for (const granularity of ['grapheme', 'word'] as const) {
      const segments = (by: typeof Intl): unknown => [...new by.Segmenter('en', { granularity }).segment(text)];
      assert.deepEqual(segments(ours), segments(Intl), `${granularity} ${JSON.stringify(text)}`);
    }
  }
});
