// Rows of docs/web-apis.md: the language, and what it says about languages of people.
const date = new Date(Date.UTC(2026, 0, 5, 15, 4, 5));

export const intl = {
  'Number.toLocaleString': [
    ['en-US', () => (1234567.891).toLocaleString('en-US'), '1,234,567.891'],
    ['digits', () => (1.5).toLocaleString('en-US', { minimumFractionDigits: 2 }), '1.50'],
    ['de-DE', () => (1234567.891).toLocaleString('de-DE'), '1.234.567,891'],
  ],
  'Intl.NumberFormat: decimal, percent': [
    ['decimal', () => new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 }).format(1234.56), '1,234.6'],
    ['percent', () => new Intl.NumberFormat('en-US', { style: 'percent' }).format(0.256), '26%'],
    ['de', () => new Intl.NumberFormat('de').format(1234.5), '1.234,5'],
  ],
  'Intl.NumberFormat: currency': [
    ['USD', () => new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(-1234.5), '-$1,234.50'],
    [
      'EUR and JPY',
      () =>
        ['EUR', 'JPY'].map((currency) =>
          new Intl.NumberFormat('en-US', { style: 'currency', currency }).format(1234.5),
        ),
      ['€1,234.50', '¥1,235'],
    ],
    ['de', () => new Intl.NumberFormat('de', { style: 'currency', currency: 'EUR' }).format(1.5), '1,50\xa0€'],
  ],
  'Intl.NumberFormat: compact, unit': [
    ['compact', () => new Intl.NumberFormat('en-US', { notation: 'compact' }).format(12345), '12K'],
    ['unit', () => new Intl.NumberFormat('en-US', { style: 'unit', unit: 'kilometer-per-hour' }).format(50), '50 km/h'],
  ],
  'Date.toLocaleString, toLocaleDateString, toLocaleTimeString': [
    [
      'en-US',
      () =>
        [
          date.toLocaleString('en-US', { timeZone: 'UTC' }),
          date.toLocaleDateString('en-US', { timeZone: 'UTC' }),
          date.toLocaleTimeString('en-US', { timeZone: 'UTC' }),
        ].map((t) => t.replace('\u202f', ' ')),
      ['1/5/2026, 3:04:05 PM', '1/5/2026', '3:04:05 PM'],
    ],
    ['de-DE', () => date.toLocaleDateString('de-DE', { timeZone: 'UTC' }), '5.1.2026'],
  ],
  'Intl.DateTimeFormat': [
    [
      'parts of a date',
      () =>
        new Intl.DateTimeFormat('en-US', {
          weekday: 'long',
          year: 'numeric',
          month: 'long',
          day: 'numeric',
          timeZone: 'UTC',
        }).format(date),
      'Monday, January 5, 2026',
    ],
    [
      'dateStyle, timeStyle',
      () =>
        new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
          .format(date)
          .replace('\u202f', ' '),
      'Jan 5, 2026, 3:04 PM',
    ],
    [
      'formatToParts',
      () =>
        new Intl.DateTimeFormat('en-US', { timeZone: 'UTC' })
          .formatToParts(date)
          .map(({ type }) => type)
          .join(),
      'month,literal,day,literal,year',
    ],
    ['resolvedOptions', () => new Intl.DateTimeFormat('en-US', { timeZone: 'UTC' }).resolvedOptions().timeZone, 'UTC'],
    [
      'ja-JP',
      () => new Intl.DateTimeFormat('ja-JP', { dateStyle: 'long', timeZone: 'UTC' }).format(date),
      '2026年1月5日',
    ],
  ],
  'Intl.DateTimeFormat: time zones': [
    [
      'today',
      () =>
        ['America/New_York', 'Asia/Kolkata'].map((timeZone) =>
          new Intl.DateTimeFormat('en-US', { timeStyle: 'short', timeZone }).format(date).replace('\u202f', ' '),
        ),
      ['10:04 AM', '8:34 PM'],
    ],
    [
      'before 2007',
      () =>
        new Intl.DateTimeFormat('en-US', { timeStyle: 'short', timeZone: 'America/New_York' })
          .format(new Date(Date.UTC(2006, 3, 1, 12)))
          .replace('\u202f', ' '),
      '7:00 AM',
    ],
  ],
  'Intl.PluralRules': [
    ['en', () => [0, 1, 2].map((n) => new Intl.PluralRules('en-US').select(n)), ['other', 'one', 'other']],
    [
      'ordinals',
      () => [1, 2, 3, 4, 11, 12, 13, 21].map((n) => new Intl.PluralRules('en', { type: 'ordinal' }).select(n)).join(),
      'one,two,few,other,other,other,other,one',
    ],
    ['pl', () => new Intl.PluralRules('pl').select(2), 'few'],
  ],
  'Intl.Collator, localeCompare': [
    ['letters', () => ['b', 'A', 'a', 'C'].sort(new Intl.Collator('en').compare), ['a', 'A', 'b', 'C']],
    ['localeCompare', () => ['a', 'B', 'c'].sort((x, y) => x.localeCompare(y)), ['a', 'B', 'c']],
    ['accents', () => ['z', 'é', 'e', 'f'].sort((x, y) => x.localeCompare(y, 'en')), ['e', 'é', 'f', 'z']],
    ['numeric', () => ['10', '9', '1'].sort(new Intl.Collator('en', { numeric: true }).compare), ['1', '9', '10']],
    ['sensitivity', () => 'a'.localeCompare('A', 'en', { sensitivity: 'base' }), 0],
    ['sv', () => ['ö', 'z', 'o'].sort(new Intl.Collator('sv').compare), ['o', 'z', 'ö']],
  ],
  'Intl.RelativeTimeFormat': [
    [
      'numeric',
      () => [-1, 2].map((n) => new Intl.RelativeTimeFormat('en').format(n, 'day')),
      ['1 day ago', 'in 2 days'],
    ],
    ['auto', () => new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(-1, 'day'), 'yesterday'],
  ],
  'Intl.ListFormat': [
    ['and', () => new Intl.ListFormat('en').format(['a', 'b', 'c']), 'a, b, and c'],
    ['or', () => new Intl.ListFormat('en', { type: 'disjunction' }).format(['a', 'b']), 'a or b'],
  ],
  'Intl.Segmenter': [
    ['graphemes', () => [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment('e\u0301👨‍👩‍👧')].length, 2],
    [
      'words',
      () =>
        [...new Intl.Segmenter('en', { granularity: 'word' }).segment('a bc.')]
          .filter(({ isWordLike }) => isWordLike)
          .map(({ segment }) => segment),
      ['a', 'bc'],
    ],
  ],
  'Intl.DisplayNames': [['a region', () => new Intl.DisplayNames('en', { type: 'region' }).of('DE'), 'Germany']],
  'Intl.Locale, getCanonicalLocales': [
    [
      'parts',
      () => {
        const { language, region } = new Intl.Locale('en-us');
        return [language, region];
      },
      ['en', 'US'],
    ],
    ['canonical', () => Intl.getCanonicalLocales('EN-us'), ['en-US']],
  ],
  'Intl.supportedValuesOf': [
    [
      'zones, units, currencies',
      () =>
        [
          ['timeZone', 'Europe/Berlin'],
          ['unit', 'liter'],
          ['currency', 'EUR'],
        ].map(([key, value]) => Intl.supportedValuesOf(key).includes(value)),
      [true, true, true],
    ],
  ],
  'String.normalize': [
    [
      'NFC, NFD, NFKC',
      () => ['e\u0301'.normalize(), 'é'.normalize('NFD').length, 'ﬁ'.normalize('NFKC')],
      ['é', 2, 'fi'],
    ],
  ],
  'toLocaleUpperCase, toLocaleLowerCase': [
    ['en', () => 'straße'.toLocaleUpperCase(), 'STRASSE'],
    ['tr', () => 'i'.toLocaleUpperCase('tr'), 'İ'],
  ],
  'Regular expressions: \\p{…}': [
    [
      'letters and scripts',
      () => [/^\p{L}+$/u.test('äж你'), /\p{Script=Greek}/u.test('λ'), /\p{Emoji_Presentation}/u.test('😀')],
      [true, true, true],
    ],
  ],
};

export const language = {
  'async, await, generators, async generators': [
    [
      'all',
      async () => {
        const all = [];
        for await (const one of (async function* () {
          yield* [1, 2];
        })())
          all.push(one);
        return all;
      },
      [1, 2],
    ],
  ],
  'Classes: private members, static blocks, accessors': [
    [
      'all',
      () => {
        class A {
          #a = 1;
          static b;
          static {
            A.b = 2;
          }
          has(o) {
            return #a in o;
          }
          get a() {
            return this.#a;
          }
        }
        return [new A().a, A.b, new A().has({})];
      },
      [1, 2, false],
    ],
  ],
  'Optional chaining, nullish and logical assignment': [
    [
      'all',
      () => {
        let a;
        a ??= 1;
        a &&= 2;
        return [a?.b?.c ?? 3, a];
      },
      [3, 2],
    ],
  ],
  'Top-level await, import.meta': [['await', () => topLevel, 'awaited']],
  BigInt: [['powers', () => String(2n ** 128n % 1_000_007n), '42916']],
  'Regular expressions: lookbehind, named groups, flags d, s, v, y': [
    ['lookbehind and names', () => '$42'.match(/(?<=\$)(?<n>\d+)/).groups.n, '42'],
    ['d', () => /b/d.exec('ab').indices[0], [1, 2]],
    ['v', () => /^[\p{L}--[a-z]]$/v.test('ä'), true],
    ['duplicate names', () => /(?<a>x)|(?<a>y)/.exec('y').groups.a, 'y'],
    ['modifiers', () => /(?i:a)b/.test('Ab'), true],
  ],
  'RegExp.escape': [['a text', () => new RegExp(`^${RegExp.escape('a.b')}$`).test('a.b'), true]],
  'Array: at, findLast, toSorted, toSpliced, with, flat': [
    [
      'all',
      () => [
        [1, 2].at(-1),
        [1, 2].findLast((n) => n < 2),
        [2, 1].toSorted(),
        [1, 2].toSpliced(0, 1),
        [1].with(0, 2),
        [[1]].flat(),
      ],
      [2, 1, [1, 2], [2], [2], [1]],
    ],
  ],
  'Array.fromAsync': [
    [
      'an async list',
      () =>
        Array.fromAsync(
          (async function* () {
            yield 1;
          })(),
        ),
      [1],
    ],
  ],
  'Object.groupBy, Map.groupBy': [
    [
      'both',
      () => [Object.groupBy([1, 2], (n) => (n > 1 ? 'b' : 'a')), Map.groupBy([1], () => 'a').get('a')],
      [{ a: [1], b: [2] }, [1]],
    ],
  ],
  'Iterator helpers': [
    [
      'map, filter, take, toArray',
      () =>
        Iterator.from([1, 2, 3, 4])
          .filter((n) => n > 1)
          .map((n) => n * 2)
          .take(2)
          .toArray(),
      [4, 6],
    ],
  ],
  'Iterator.concat': [['two', () => [...Iterator.concat([1], [2])], [1, 2]]],
  'Set: union, intersection, difference, isSubsetOf': [
    [
      'all',
      () => [
        [...new Set([1]).union(new Set([2]))],
        [...new Set([1, 2]).intersection(new Set([2]))],
        [...new Set([1, 2]).difference(new Set([2]))],
        new Set([1]).isSubsetOf(new Set([1])),
      ],
      [[1, 2], [2], [1], true],
    ],
  ],
  'Promise: withResolvers, try, any, allSettled': [
    [
      'withResolvers',
      () => {
        const { promise, resolve } = Promise.withResolvers();
        resolve(1);
        return promise;
      },
      1,
    ],
    [
      'try',
      () =>
        Promise.try(() => {
          throw new Error('a');
        }).catch((e) => e.message),
      'a',
    ],
    ['any', () => Promise.any([Promise.reject(1), 2]), 2],
  ],
  'Error: cause, AggregateError, isError, stack': [
    [
      'all',
      () => [
        new Error('a', { cause: 1 }).cause,
        new AggregateError([1]).errors,
        Error.isError(new Error()),
        typeof new Error().stack,
      ],
      [1, [1], true, 'string'],
    ],
  ],
  'Error.captureStackTrace': [
    [
      'a stack',
      () => {
        const o = {};
        Error.captureStackTrace(o);
        return typeof o.stack;
      },
      'string',
    ],
  ],
  'Math.sumPrecise, f16round': [
    ['both', () => [Math.sumPrecise([0.1, 0.2, -0.3]), Math.f16round(1.1)], [2.7755575615628914e-17, 1.099609375]],
  ],
  Float16Array: [['a value', () => new Float16Array([1.1])[0], 1.099609375]],
  'ArrayBuffer: resize, transfer': [
    [
      'both',
      () => {
        const b = new ArrayBuffer(1, { maxByteLength: 4 });
        b.resize(2);
        return [b.byteLength, b.transfer(3).byteLength, b.detached];
      },
      [2, 3, true],
    ],
  ],
  'SharedArrayBuffer, Atomics': [['both', () => Atomics.add(new Int32Array(new SharedArrayBuffer(4)), 0, 5), 0]],
  'WeakRef, FinalizationRegistry': [
    [
      'both',
      () => {
        const o = {};
        new FinalizationRegistry(() => {}).register(o);
        return new WeakRef(o).deref() === o;
      },
      true,
    ],
  ],
  'using, await using, DisposableStack': [
    [
      'using',
      () => {
        let seen;
        {
          const stack = new DisposableStack();
          stack.defer(() => {
            seen = 'disposed';
          });
          stack.dispose();
        }
        return seen;
      },
      'disposed',
    ],
    ['the symbols', () => [typeof Symbol.dispose, typeof Symbol.asyncDispose], ['symbol', 'symbol']],
  ],
  'String: isWellFormed, replaceAll, matchAll, padStart, at': [
    [
      'all',
      () => [
        '\ud800'.isWellFormed(),
        'aa'.replaceAll('a', 'b'),
        [...'ab'.matchAll(/./g)].length,
        '1'.padStart(2, '0'),
        'ab'.at(-1),
      ],
      [false, 'bb', 2, '01', 'b'],
    ],
  ],
  'JSON.rawJSON, source text of JSON.parse': [
    ['rawJSON', () => JSON.stringify(JSON.rawJSON('9007199254740993')), '9007199254740993'],
    ['source', () => JSON.parse('9007199254740993', (_, __, { source }) => source), '9007199254740993'],
  ],
  'Proxy, Reflect, Symbol': [['all', () => new Proxy({}, { get: (_, key) => Reflect.has({ a: 1 }, key) }).a, true]],
  'Map.getOrInsert, getOrInsertComputed': [
    [
      'both',
      () => {
        const m = new Map();
        return [m.getOrInsert('a', 1), m.getOrInsertComputed('b', () => 2)];
      },
      [1, 2],
    ],
  ],
  Temporal: [['a date', () => Temporal.PlainDate.from('2026-01-31').add({ months: 1 }).toString(), '2026-02-28']],
  'Date: parse and print': [
    [
      'both',
      () => [
        Date.parse('2026-01-05T00:00:00Z'),
        date.toISOString(),
        date.toUTCString(),
        Date.parse('Mon, 05 Jan 2026 15:04:05 GMT') === +date,
      ],
      [1767571200000, '2026-01-05T15:04:05.000Z', 'Mon, 05 Jan 2026 15:04:05 GMT', true].map((v, i) =>
        i === 1 ? '2026-01-05T15:04:05.000Z' : v,
      ),
    ],
  ],
  'Tail of long recursions': [
    [
      'a RangeError, or InternalError',
      () => {
        const f = () => f() + 1;
        try {
          f();
        } catch (e) {
          return e instanceof Error;
        }
      },
      true,
    ],
  ],
};

const topLevel = await Promise.resolve('awaited');
