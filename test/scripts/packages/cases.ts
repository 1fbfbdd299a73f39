// A program for each package, as somebody would write it after reading its first page, and what it answers.

export interface PackageCase {
  readonly name: string;
  readonly imports: string;
  /** An expression, which may await. */
  readonly value: string;
  readonly expected: unknown;
}

/** What StarlingMonkey lacks that a package wants, as the error says it. */
export const lacking: ReadonlyMap<string, RegExp> = new Map([
  ['slugify', /normalize is not a function/],
  ['luxon', /Intl/],
]);

const of = (name: string, imports: string, value: string, expected: unknown): PackageCase => ({
  name,
  imports: `import ${imports} from '${name}';`,
  value,
  expected,
});

/** An expression that gives the case of the interface's error which a call throws. */
const refusal = (call: string): string =>
  `(() => { try { ${call}; } catch (error) { return (error.payload ?? error).tag; } })()`;

export const packageCases: readonly PackageCase[] = [
  of('nanoid', '{ nanoid }', '[nanoid().length, nanoid() !== nanoid()]', [21, true]),
  of('dayjs', 'dayjs', "dayjs('2026-01-31').add(1, 'month').format('YYYY-MM-DD ddd')", '2026-02-28 Sat'),
  of('qs', 'qs', "[qs.parse('a[b]=1&c[]=2'), qs.stringify({ a: { b: 1 } })]", [
    { a: { b: '1' }, c: ['2'] },
    'a%5Bb%5D=1',
  ]),
  of('slugify', 'slugify', "slugify('Grüße an alle!', { lower: true, strict: true })", 'grusse-an-alle'),
  of('cookie', '* as cookie', "(cookie.parseCookie ?? cookie.parse)('a=1; b=x%20y')", { a: '1', b: 'x y' }),
  of('lodash-es', '{ chunk, groupBy }', "[chunk([1, 2, 3], 2), groupBy(['a', 'bb', 'c'], 'length')]", [
    [[1, 2], [3]],
    { '1': ['a', 'c'], '2': ['bb'] },
  ]),
  of(
    'superstruct',
    '{ object, string, is }',
    "[is({ a: 'x' }, object({ a: string() })), is({ a: 1 }, object({ a: string() }))]",
    [true, false],
  ),
  of(
    'axios',
    'axios',
    "axios.getUri({ url: 'https://a.example/b', params: { c: 'd e' } })",
    'https://a.example/b?c=d+e',
  ),
  of('bcryptjs', 'bcrypt', "await bcrypt.compare('secret', await bcrypt.hash('secret', 4))", true),
  of(
    'hono',
    '{ Hono }',
    "await (await new Hono().get('/a/:b', (c) => c.text(c.req.param('b'))).request('/a/x')).text()",
    'x',
  ),
  of(
    'itty-router',
    '{ AutoRouter }',
    "await (await AutoRouter().get('/a/:b', ({ b }) => ({ b })).fetch(new Request('http://x/a/y'))).json()",
    { b: 'y' },
  ),
  of('h3', '{ H3 }', "await (await new H3().get('/a', () => 'from h3').request('/a')).text()", 'from h3'),
  of('zod', '{ z }', "[z.object({ a: z.number() }).parse({ a: 1 }), z.email().safeParse('no').success]", [
    { a: 1 },
    false,
  ]),
  of('valibot', '* as v', "v.safeParse(v.pipe(v.string(), v.minLength(2)), 'x').success", false),
  of('yup', '* as yup', "await yup.object({ a: yup.number().required() }).isValid({ a: '1' })", true),
  of('uuid', '{ v4, v5, validate }', "[validate(v4()), v5('a', v5.URL)]", [
    true,
    'e1407479-3136-56c0-9908-bb02fb0339e2',
  ]),
  of(
    'date-fns',
    '{ addDays, format }',
    "format(addDays(new Date(2026, 0, 31), 1), 'yyyy-MM-dd EEEE')",
    '2026-02-01 Sunday',
  ),
  of(
    'luxon',
    '{ DateTime }',
    "DateTime.fromISO('2026-01-31T12:00:00Z', { zone: 'utc' }).plus({ months: 1 }).toISO()",
    '2026-02-28T12:00:00.000Z',
  ),
  of('immer', '{ produce }', '[{ a: [1] }].map((x) => produce(x, (d) => void d.a.push(2)))[0]', { a: [1, 2] }),
  of('ramda', '* as R', 'R.pipe(R.map((x) => x * 2), R.sum)([1, 2, 3])', 12),
  of(
    'rxjs',
    '{ from, map, toArray, lastValueFrom }',
    'await lastValueFrom(from([1, 2]).pipe(map((x) => x * 2), toArray()))',
    [2, 4],
  ),
  of('mustache', 'Mustache', "Mustache.render('Hello {{name}}', { name: '<you>' })", 'Hello &lt;you&gt;'),
  of('marked', '{ marked }', "marked.parse('# A *b*')", '<h1>A <em>b</em></h1>\n'),
  of('js-yaml', '* as yaml', "yaml.load('a: [1, 2]\\nb: x')", { a: [1, 2], b: 'x' }),
  of('yaml', '{ parse, stringify }', "[parse('a: 1'), stringify({ b: [1] })]", [{ a: 1 }, 'b:\n  - 1\n']),
  of('fast-xml-parser', '{ XMLParser }', "new XMLParser().parse('<a><b>1</b></a>')", { a: { b: 1 } }),
  of('papaparse', 'Papa', "Papa.parse('a,b\\n1,2', { header: true }).data", [{ a: '1', b: '2' }]),
  of(
    'jose',
    '{ SignJWT, jwtVerify }',
    "(await jwtVerify(await new SignJWT({ a: 1 }).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32)), new Uint8Array(32))).payload.a",
    1,
  ),
  of('ms', 'ms', "[ms('2 days'), ms(60000)]", [172_800_000, '1m']),
  of('semver', 'semver', "[semver.satisfies('1.2.3', '^1.0.0'), semver.inc('1.2.3', 'minor')]", [true, '1.3.0']),
  of('escape-html', 'escape', 'escape(\'<a href="x">\')', '&lt;a href=&quot;x&quot;&gt;'),
  of('he', '* as he', "he.decode('&eacute;&#x1F600;')", 'é\u{1f600}'),
  of(
    'mitt',
    'mitt',
    "(() => { const seen = []; const all = mitt(); all.on('a', (x) => seen.push(x)); all.emit('a', 1); return seen; })()",
    [1],
  ),
  of('clsx', 'clsx', "clsx('a', { b: true, c: false }, ['d'])", 'a b d'),
  of('query-string', 'queryString', "queryString.parse('a=1&a=2&b')", { a: ['1', '2'], b: null }),
  of('path-to-regexp', '{ match }', "match('/a/:b')('/a/x').params", { b: 'x' }),
  of('decimal.js', 'Decimal', "new Decimal('0.1').plus('0.2').toString()", '0.3'),
  of('bignumber.js', 'BigNumber', "new BigNumber('0.1').plus('0.2').toString()", '0.3'),
  of(
    'fflate',
    '{ gzipSync, gunzipSync, strToU8, strFromU8 }',
    "strFromU8(gunzipSync(gzipSync(strToU8('packed'))))",
    'packed',
  ),
  of(
    'pako',
    '* as pako',
    "new TextDecoder().decode(pako.inflate(pako.deflate(new TextEncoder().encode('packed'))))",
    'packed',
  ),
  of('fuse.js', 'Fuse', "new Fuse(['apple', 'stone'], { threshold: 0.4 }).search('aple').map(({ item }) => item)", [
    'apple',
  ]),
  of('deepmerge', 'merge', 'merge({ a: { b: 1 } }, { a: { c: 2 } })', { a: { b: 1, c: 2 } }),
  of('klona', '{ klona }', 'klona({ a: [new Date(0)] })', { a: ['1970-01-01T00:00:00.000Z'] }),
  of(
    'lru-cache',
    '{ LRUCache }',
    '(() => { const c = new LRUCache({ max: 1 }); c.set(1, 1); c.set(2, 2); return [c.has(1), c.get(2)]; })()',
    [false, 2],
  ),
  of(
    'tiny-invariant',
    'invariant',
    '(() => { try { invariant(false, "wrong"); } catch (error) { return error instanceof Error; } })()',
    true,
  ),
  of('change-case', '{ camelCase, kebabCase }', "[camelCase('two words'), kebabCase('twoWords')]", [
    'twoWords',
    'two-words',
  ]),
  of('ohash', '{ isEqual }', 'isEqual({ a: 1, b: 2 }, { b: 2, a: 1 })', true),
  of('ajv', '{ Ajv }', "new Ajv().validate({ type: 'number' }, 1)", true),
  of('handlebars', 'Handlebars', "Handlebars.compile('Hi {{name}}')({ name: 'you' })", 'Hi you'),
  of('ejs', 'ejs', "ejs.render('<%= a %>', { a: '<' })", '&lt;'),
  // Modules of Spin's SDK: without permissions the host refuses what they ask for.
  of(
    '@spinframework/spin-llm',
    '* as llm',
    refusal("llm.infer(llm.InferencingModels.Llama2Chat, 'hi')"),
    'invalid-input',
  ),
  of('@spinframework/spin-mysql', '{ open }', refusal("open('mysql://localhost/x')"), 'connection-failed'),
];
