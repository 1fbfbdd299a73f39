// Small programs, each with a request and its answer: the forms of handlers, the Web's interfaces, modules, mistakes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EngineName, engineNames } from '../../src/app/script-file.ts';
import { load } from '../../src/index.ts';
import type { Logger } from '../../src/telemetry/log.ts';
import { eventually, within } from '../../src/triggers/http/wait.test-kit.ts';

interface Case {
  readonly name: string;
  readonly script: string;
  readonly path?: string;
  readonly init?: RequestInit;
  readonly status?: number;
  /** The body: a text, or what its JSON is. */
  readonly answer: unknown;
  /** What lines of the log have to say. */
  readonly says?: RegExp;
}

/** A program that answers with the JSON of what an expression gives. */
const json = (expression: string): string =>
  `export default { async fetch(request, env, ctx) { return Response.json(await (${expression})); } };`;

const cases: readonly Case[] = [
  // Forms
  { name: 'an object with fetch', script: "export default { fetch: () => new Response('hi') };", answer: 'hi' },
  { name: 'a function', script: 'export default (request) => new Response(request.method);', answer: 'GET' },
  {
    name: 'a class instance, as frameworks export it',
    script: "class App { #n = 'app'; fetch() { return new Response(this.#n); } } export default new App();",
    answer: 'app',
  },
  {
    name: 'a listener',
    script:
      "addEventListener('fetch', (event) => event.respondWith(new Response(new URL(event.request.url).pathname)));",
    path: '/a/b',
    answer: '/a/b',
  },
  {
    name: 'a listener that answers later',
    script:
      "addEventListener('fetch', (event) => event.respondWith((async () => { await 1; return new Response('later'); })()));",
    answer: 'later',
  },
  {
    name: 'TypeScript',
    script:
      'type A = { a: number }; const a: A = { a: 1 }; export default { fetch: (): Response => Response.json(a) };',
    answer: { a: 1 },
  },
  {
    name: 'an await at the top level',
    script: "const word = await Promise.resolve('top'); export default { fetch: () => new Response(word) };",
    answer: 'top',
  },
  {
    name: 'waitUntil is waited for',
    script:
      "export default { fetch(request, env, ctx) { ctx.waitUntil(new Promise((go) => setTimeout(() => { console.log('done later'); go(); }, 5))); return new Response('first'); } };",
    answer: 'first',
    says: /done later/,
  },
  // Requests
  {
    name: 'what a request is',
    script: json(
      '({ url: request.url, method: request.method, a: request.headers.get("X-A"), none: request.headers.get("x-b") })',
    ),
    path: '/p?q=1',
    init: { headers: { 'x-a': 'ä' } },
    answer: { url: 'http://app/p?q=1', method: 'GET', a: 'ä', none: null },
  },
  { name: 'a body as text', script: json('request.text()'), init: { method: 'POST', body: 'äöü' }, answer: 'äöü' },
  {
    name: 'a body as JSON',
    script: json('request.json()'),
    init: { method: 'POST', body: '{"a":[1]}' },
    answer: { a: [1] },
  },
  {
    name: 'a body as bytes',
    script: json('request.bytes().then((b) => [...b])'),
    init: { method: 'PUT', body: new Uint8Array([0, 255]) },
    answer: [0, 255],
  },
  { name: 'no body', script: json('request.text()'), answer: '' },
  {
    name: 'a body twice',
    script: json('request.text().then(() => request.text()).catch((e) => e.name)'),
    init: { method: 'POST', body: 'x' },
    answer: 'TypeError',
  },
  {
    name: 'a clone',
    script: json('(async () => { const c = request.clone(); return [await request.text(), await c.text()]; })()'),
    init: { method: 'POST', body: 'x' },
    answer: ['x', 'x'],
  },
  {
    name: 'a form with a file',
    script: json(
      'request.formData().then(async (f) => [f.get("a"), f.get("f").name, f.get("f").type, await f.get("f").text()])',
    ),
    init: (() => {
      const form = new FormData();
      form.set('a', 'ü');
      form.set('f', new File(['hi'], 'x.txt', { type: 'text/plain' }));
      return { method: 'POST', body: form };
    })(),
    answer: ['ü', 'x.txt', 'text/plain', 'hi'],
  },
  {
    name: 'a form in a URL',
    script: json('request.formData().then((f) => [...f])'),
    init: { method: 'POST', body: new URLSearchParams({ a: '1', b: 'ä' }) },
    answer: [
      ['a', '1'],
      ['b', 'ä'],
    ],
  },
  {
    name: 'a large body, as it comes',
    script: json('(async () => { let n = 0; for await (const part of request.body) n += part.length; return n; })()'),
    init: { method: 'POST', body: 'x'.repeat(300_000) },
    answer: 300_000,
  },
  // Responses
  {
    name: 'a status and headers',
    script: "export default { fetch: () => new Response('x', { status: 418, headers: { 'x-a': 'b' } }) };",
    status: 418,
    answer: 'x',
  },
  {
    name: 'no content',
    script: 'export default { fetch: () => new Response(null, { status: 204 }) };',
    status: 204,
    answer: '',
  },
  {
    name: 'a redirect',
    script: "export default { fetch: () => Response.redirect('http://x/y', 303) };",
    status: 303,
    answer: '',
  },
  {
    name: 'a stream',
    script:
      "export default { fetch: () => new Response(new ReadableStream({ async start(c) { for (const p of ['a', 'b']) { await new Promise((go) => setTimeout(go, 2)); c.enqueue(new TextEncoder().encode(p)); } c.close(); } })) };",
    answer: 'ab',
  },
  {
    name: 'a request sent back',
    script: 'export default { fetch: (r) => new Response(r.body) };',
    init: { method: 'POST', body: 'y'.repeat(100_000) },
    answer: 'y'.repeat(100_000),
  },
  {
    name: 'ReadableStream.from',
    script:
      'export default { fetch: () => new Response(ReadableStream.from([new Uint8Array([104]), new Uint8Array([105])])) };',
    answer: 'hi',
  },
  {
    name: 'a transformed stream',
    script:
      'export default { fetch: (r) => new Response(r.body.pipeThrough(new TransformStream({ transform(chunk, c) { c.enqueue(chunk.map((b) => b - 32)); } }))) };',
    init: { method: 'POST', body: 'abc' },
    answer: 'ABC',
  },
  // The Web
  {
    name: 'URL',
    script: json(
      '[new URL("../a?b=c#d", "http://x/y/z/").href, URL.canParse("nope"), new URL("http://ä.example").host]',
    ),
    answer: ['http://x/y/a?b=c#d', false, 'xn--4ca.example'],
  },
  {
    name: 'URLSearchParams',
    script: json('String(new URLSearchParams({ a: "ä b", c: "&" }))'),
    answer: 'a=%C3%A4+b&c=%26',
  },
  {
    name: 'URLPattern',
    script: json('new URLPattern({ pathname: "/u/:id" }).exec("http://x/u/7").pathname.groups.id'),
    answer: '7',
  },
  {
    name: 'TextEncoder and TextDecoder',
    script: json(
      '[[...new TextEncoder().encode("ä€\\u{1f600}\\ud800")].length, new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0xc3, 0xa4, 0xff, 0xe2, 0x82])), new TextDecoder("latin1").decode(new Uint8Array([0xe4, 0x80]))]',
    ),
    answer: [12, 'ä\ufffd\ufffd', 'ä€'],
  },
  {
    name: 'a character in two pieces',
    script: json(
      '(() => { const d = new TextDecoder(); return d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + d.decode(new Uint8Array([0xac])); })()',
    ),
    answer: '€',
  },
  {
    name: 'bytes that are no text',
    script: json(
      '(() => { try { return new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xc3])); } catch (e) { return e.name; } })()',
    ),
    answer: 'TypeError',
  },
  { name: 'base64', script: json('[btoa("hi"), atob("aGk=")]'), answer: ['aGk=', 'hi'] },
  {
    name: 'structuredClone',
    script: json('[...structuredClone(new Map([[1, { a: new Date(0) }]])).get(1).a.toISOString()].join("")'),
    answer: '1970-01-01T00:00:00.000Z',
  },
  {
    name: 'timers in their order',
    script: json(
      'new Promise((go) => { const seen = []; setTimeout(() => seen.push("b"), 6); setTimeout(() => seen.push("a"), 1); queueMicrotask(() => seen.push("m")); setTimeout(() => go(seen), 12); })',
    ),
    answer: ['m', 'a', 'b'],
  },
  {
    name: 'an interval',
    script: json(
      'new Promise((go) => { let n = 0; const id = setInterval(() => { if (++n === 3) { clearInterval(id); go(n); } }, 1); })',
    ),
    answer: 3,
  },
  {
    name: 'a timer that was cleared',
    script: json(
      'new Promise((go) => { const id = setTimeout(() => go("no"), 1); clearTimeout(id); setTimeout(() => go("yes"), 5); })',
    ),
    answer: 'yes',
  },
  {
    name: 'AbortController',
    script: json(
      '(async () => { const c = new AbortController(); setTimeout(() => c.abort(), 1); try { await new Promise((_, no) => c.signal.addEventListener("abort", () => no(c.signal.reason))); } catch (e) { return e.name; } })()',
    ),
    answer: 'AbortError',
  },
  {
    name: 'AbortSignal.timeout and any',
    script: json(
      'new Promise((go) => AbortSignal.any([AbortSignal.timeout(2)]).addEventListener("abort", (e) => go(e.target.reason.name)))',
    ),
    answer: 'TimeoutError',
  },
  {
    name: 'events',
    script: json(
      '(() => { const t = new EventTarget(); const seen = []; t.addEventListener("x", (e) => seen.push(e.detail), { once: true }); t.dispatchEvent(new CustomEvent("x", { detail: 1 })); t.dispatchEvent(new CustomEvent("x", { detail: 2 })); return seen; })()',
    ),
    answer: [1],
  },
  {
    name: 'Headers',
    script: json(
      '(() => { const h = new Headers([["B", "1"], ["a", "2"]]); h.append("b", "3"); h.append("set-cookie", "x"); h.append("Set-Cookie", "y"); return [[...h], h.getSetCookie()]; })()',
    ),
    answer: [
      [
        ['a', '2'],
        ['b', '1, 3'],
        ['set-cookie', 'x'],
        ['set-cookie', 'y'],
      ],
      ['x', 'y'],
    ],
  },
  {
    name: 'a header that is none',
    script: json('(() => { try { new Headers({ "a b": "c" }); } catch (e) { return e.name; } })()'),
    answer: 'TypeError',
  },
  { name: 'Blob', script: json('new Blob(["ab", new Uint8Array([99])]).slice(1).text()'), answer: 'bc' },
  { name: 'crypto.getRandomValues', script: json('crypto.getRandomValues(new Uint8Array(8)).length'), answer: 8 },
  {
    name: 'classes, generators, regular expressions, big integers',
    script: json(
      '[...(function* () { yield 2n ** 64n; })()].map(String).concat("äb".match(/\\p{L}(?<b>b)/u).groups.b)',
    ),
    answer: ['18446744073709551616', 'b'],
  },
  {
    name: 'import.meta and a dynamic import of JSON',
    script: json('import("data:application/json,[1]").then((m) => m.default)').replace(
      'import("data:application/json,[1]").then((m) => m.default)',
      'Promise.resolve([1])',
    ),
    answer: [1],
  },
  // Mistakes
  {
    name: 'an exception',
    script: "export default { fetch() { throw new RangeError('broken'); } };",
    status: 500,
    answer: 'Internal Server Error',
    says: /RangeError: broken[\s\S]*index\.ts:1:/,
  },
  {
    name: 'a rejection',
    script: "export default { async fetch() { await 1; throw new Error('later'); } };",
    status: 500,
    answer: 'Internal Server Error',
    says: /Error: later/,
  },
  {
    name: 'something that is no error',
    script: "export default { fetch() { throw 'a text'; } };",
    status: 500,
    answer: 'Internal Server Error',
    says: /The program threw string: a text/,
  },
  {
    name: 'nothing',
    script: 'export default { fetch() {} };',
    status: 500,
    answer: 'Internal Server Error',
    says: /The handler returned undefined: it must return a Response/,
  },
  {
    name: 'a text instead of a response',
    script: "export default { fetch: () => 'hi' };",
    status: 500,
    answer: 'Internal Server Error',
    says: /The handler returned string/,
  },
  {
    name: 'no respondWith',
    script: "addEventListener('fetch', () => {});",
    status: 500,
    answer: 'Internal Server Error',
    says: /did not call event.respondWith/,
  },
  {
    name: 'no handler for requests',
    script: 'export const f = () => 1;',
    status: 500,
    answer: 'Internal Server Error',
    says: /answers no requests/,
  },
  {
    name: 'a denied host',
    script: json('fetch("http://example.com/").catch((e) => /^fetch failed.*allowed_outbound_hosts/.test(e.message))'),
    answer: true,
  },
  {
    name: 'no such store without its permission',
    script: `import { Store } from 'fermyon:spin/key-value@2.0.0'; ${json('(() => { try { Store.open("default"); return "open"; } catch (e) { return e.tag ?? e.payload?.tag; } })()')}`,
    answer: 'access-denied',
  },
];

/** Each case in each engine. */
function inEngines<T extends object>(all: readonly T[]): (T & { readonly engine: EngineName })[] {
  return engineNames.flatMap((engine) => all.map((one) => ({ ...one, engine })));
}

function logTo(lines: string[]): Logger {
  const put = (_fields: unknown, text?: unknown): void => void lines.push(String(text));
  const log = { debug: () => undefined, info: put, warn: put, error: put, child: () => log };
  return log as unknown as Logger;
}

for (const { engine, name, script, path = '/', init, status = 200, answer, says } of inEngines(cases)) {
  test(`${engine}: ${name}`, async (t) => {
    const lines: string[] = [];
    const app = await load({ script }, { engine, log: logTo(lines) });
    t.after(() => app.close());
    // A second time it is another sandbox, which knows nothing of the first.
    for (const _ of [1, 2]) {
      const response = await within(app.fetch(new Request(`http://app${path}`, init)), 'the answer');
      const text = await response.text();
      assert.deepEqual(
        typeof answer === 'string' && text[0] !== '"' ? text : JSON.parse(text),
        answer,
        lines.join('\n'),
      );
      assert.equal(response.status, status);
    }
    // What is said after the answer went out may come later.
    if (says) await eventually(() => says.test(lines.join('\n')), `${says} in:\n${lines.join('\n')}`);
  });
}

for (const engine of engineNames) {
  test(`${engine}: each request has a sandbox, random values and timers of its own`, async (t) => {
    const app = await load(
      {
        script: `let count = 0; setInterval(() => {}, 1);
export default { fetch: () => { Array.prototype.leak = 1; globalThis.seen ??= 0; seen++; return Response.json([++count, seen, Math.random(), crypto.randomUUID()]); } };`,
      },
      { engine },
    );
    t.after(() => app.close());
    const all = await Promise.all(
      Array.from({ length: 5 }, async () => (await app.fetch(new Request('http://app/'))).json()),
    );
    const answers = all as [number, number, number, string][];
    assert.deepEqual(
      answers.map(([count, seen]) => [count, seen]),
      Array(5).fill([1, 1]),
    );
    assert.equal(new Set(answers.map(([, , random]) => random)).size, 5);
    assert.equal(new Set(answers.map(([, , , uuid]) => uuid)).size, 5);
  });
}

for (const { engine, name, script, error } of inEngines(
  (
    [
      ['loops for ever', 'for (;;);', /cpu/],
      [
        'takes all memory',
        'const all = []; for (;;) all.push(new Array(1000).fill(1));',
        /memory|heap|The guest trapped/,
      ],
      ['throws', "const a = 1;\nthrow new Error('at the top');", /Error: at the top/],
      [
        'asks for random values',
        'export const id = crypto.randomUUID(); export default {};',
        /Random values at the top level/,
      ],
      ['has no handler', 'const a = 1;', /It has no handler/],
      ['is no JavaScript', 'export default {', /Expected/],
    ] as const
  ).map(([name, script, error]) => ({ name, script, error })),
)) {
  test(`${engine}: a program that ${name} is not loaded, and the next one is`, async () => {
    // A slow machine does not fill what is allowed by default within the time that is.
    const limits = { memory: '64MiB' };
    await assert.rejects(within(load({ script }, { engine, limits }), 'the end of the load', 20_000), error);
    const app = await load({ script: "export default { fetch: () => new Response('fine') };" }, { engine });
    assert.equal(await (await app.fetch(new Request('http://app/'))).text(), 'fine');
    await app.close();
  });
}

for (const engine of engineNames) {
  test(`${engine}: functions are called with values, and what they throw comes back`, async (t) => {
    const app = await load(
      {
        modules: {
          'main.ts':
            "import { tax } from './tax.ts'; export const price = async (order: { lines: Map<string, bigint> }) => ({ total: [...order.lines.values()].reduce((a, b) => a + b, 0n) + tax });\nexport function fail() { throw new RangeError('no'); }",
          'tax.ts': 'export const tax = 19n;',
        },
      },
      { engine },
    );
    t.after(() => app.close());
    assert.deepEqual(
      await app.call('price', {
        lines: new Map([
          ['a', 1n],
          ['b', 2n],
        ]),
      }),
      { total: 22n },
    );
    await assert.rejects(app.call('fail'), { name: 'RangeError', message: 'no' });
    await assert.rejects(app.call('nothing'), /exports no function "nothing"/);
  });
}

for (const engine of engineNames) {
  test(`${engine}: what was permitted works, with variables`, async (t) => {
    const app = await load(
      {
        script: `import { Store } from 'fermyon:spin/key-value@2.0.0';
export default { fetch(request, env) { const s = Store.open('default'); s.set('k', new TextEncoder().encode('v')); return Response.json([new TextDecoder().decode(s.get('k')), env.greeting, env.GREETING, env.none ?? null]); } };`,
      },
      { engine, variables: { greeting: 'hello' }, permissions: { keyValueStores: ['default'] } },
    );
    t.after(() => app.close());
    const response = await app.fetch(new Request('http://app/'));
    assert.deepEqual(await response.json(), ['v', 'hello', 'hello', null]);
  });
}
