// URL and URLSearchParams as programs have them give what Node's give, for texts that are put together of pieces, in the order
// of a generator that begins with the same number each time; and structuredClone.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const part = async (name: string): Promise<unknown> =>
  import(new URL(`../../sdk/engine/web/${name}.js`, import.meta.url).href);
const { URL: OurURL } = (await part('url/url')) as { URL: typeof URL };
const { URLSearchParams: OurParams } = (await part('url/search-params')) as { URLSearchParams: typeof URLSearchParams };
const { structuredClone: cloned } = (await part('structured-clone')) as { structuredClone: typeof structuredClone };

let state = 7;
function random(): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return (state >>> 8) / 2 ** 23;
}
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
const text = (pieces: readonly string[], most: number): string =>
  Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(pieces)).join('');

const GETTERS = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const;
const SETTERS = GETTERS.filter((name) => name !== 'origin');
const schemes = ['http:', 'https:', 'file:', 'ftp:', 'ws:', 'foo:', 'mailto:', 'blob:', 'data:'];
const marks = [...'/\\:@?#.%"<>`{}|^\'&=+~$;, \t\n\0\x7f'];
const hosts = [
  'a',
  'b.c',
  'EXAMPLE',
  'localhost',
  '127.0.0.1',
  '0x7f.1',
  '1',
  '256',
  '[::1]',
  '[1:2::3]',
  '[::1.2.3.4]',
  '[',
  ']',
  'user',
];
const paths = ['//', '..', '%2e', '%41', '%zz', ':80', ':443', ':8080', ':99999', 'c:', 'C|'];
const letters = ['ä', 'é', '😀', '。', 'ß'];
const pieces = [...schemes, ...marks, ...hosts, ...paths, ...letters];
const bases = [
  undefined,
  undefined,
  'http://h/a/b?c#d',
  'https://u:p@x.y:444/',
  'file:///C:/a/b',
  'file://host/a',
  'foo://h/a/b',
  'foo:opaque',
  'foo:/a/b',
];

/** All parts, or the name of the error. */
function parts(make: () => URL): unknown {
  try {
    const url = make();
    return GETTERS.map((name) => url[name]);
  } catch (error) {
    return (error as Error).name;
  }
}

test('URLs', () => {
  for (let count = 0; count < 60_000; count++) {
    const given = text(pieces, 7);
    const base = pick(bases);
    assert.deepEqual(
      parts(() => new OurURL(given, base)),
      parts(() => new URL(given, base)),
      `${JSON.stringify(given)} ${base}`,
    );
    assert.equal(OurURL.canParse(given, base), URL.canParse(given, base));
  }
});

test('parts of URLs that are set', () => {
  const starts = [
    'http://u:p@h:81/a/b?c#d',
    'https://h/',
    'file:///a',
    'foo://h/a',
    'foo:opaque',
    'mailto:x?y',
    'foo:/a',
  ];
  for (let count = 0; count < 40_000; count++) {
    const start = pick(starts);
    const name = pick(SETTERS);
    const value = random() < 0.1 ? '' : text(pieces, 3);
    const set = (Class: typeof URL): unknown =>
      parts(() => {
        const url = new Class(start);
        url[name] = value;
        return url;
      });
    assert.deepEqual(set(OurURL), set(URL), `${start} ${name} = ${JSON.stringify(value)}`);
  }
});

test('parameters', () => {
  // Node reads letters beyond ASCII wrongly where broken percent-encoding stands beside them.
  const plain = [...marks, ...hosts, ...paths, 'a=1', '&', '=', '+', '%C3%A4', '%FF', '%E2%82'];
  for (let count = 0; count < 20_000; count++) {
    const given = text(plain, 8);
    const all = (Class: typeof URLSearchParams): unknown => {
      const made = new Class(given);
      made.append('z z', 'ä*-._');
      made.sort();
      made.delete('b', '');
      return [[...made], String(made), made.size, made.get('a'), made.getAll('b.c'), made.has('a', '1')];
    };
    assert.deepEqual(all(OurParams), all(URLSearchParams), JSON.stringify(given));
  }
  const url = new OurURL('http://x/?a=1#b');
  url.searchParams.append('ä', ' ');
  assert.equal(url.href, 'http://x/?a=1&%C3%A4=+#b');
  url.search = '?c=2';
  assert.equal(url.searchParams.get('c'), '2');
  for (const name of ['a', 'c', 'ä']) url.searchParams.delete(name);
  assert.equal(url.href, 'http://x/#b');
});

test('IDN', () => {
  for (const host of [
    'ä.example',
    'BÜCHER.example',
    '例え.テスト',
    'faß.de',
    '。.a',
    'a\u00adb.c',
    '日本語。ＪＰ',
    'mañana.com',
    'ＧＯ.com',
  ]) {
    const of = (Class: typeof URL): unknown => parts(() => new Class(`http://${host}/`));
    assert.deepEqual(of(OurURL), of(URL), host);
  }
});

test('structuredClone', () => {
  const cycle: { self?: unknown; list: unknown[] } = { list: [1, 'a', 2n, null, undefined, true] };
  cycle.list.length = 9;
  cycle.self = cycle;
  const views = new Uint8Array([1, 2, 3, 4]);
  for (const value of [
    cycle,
    new Map<unknown, unknown>([[{ a: 1 }, new Set([new Date(5)])]]),
    [views, views.subarray(1, 3), new DataView(views.buffer, 2), new Float64Array([1.5])],
    { r: /a/gi, b: Object(1), s: Object('x'), e: new RangeError('a', { cause: { b: 1 } }), n: -0, nan: Number.NaN },
    new (class Point {
      x = 1;
      get y() {
        return 2;
      }
    })(),
    JSON.parse('{"__proto__": {"a": 1}}'),
  ]) {
    assert.deepEqual(cloned(value), structuredClone(value));
  }
  const [one, two] = cloned([views, views]) as [Uint8Array, Uint8Array];
  assert.equal(one, two);
  const copy = cloned(views, { transfer: [views.buffer] });
  assert.deepEqual([views.length, [...copy]], [0, [1, 2, 3, 4]]);
  const buffer = new ArrayBuffer(1);
  for (const value of [() => 1, Symbol('a'), { a: new WeakMap() }, Promise.resolve(), new EventTarget()]) {
    assert.throws(() => cloned([buffer, value], { transfer: [buffer] }), { name: 'DataCloneError' });
  }
  assert.equal(buffer.byteLength, 1);
});
