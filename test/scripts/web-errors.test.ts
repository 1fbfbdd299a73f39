// What a program is told that uses what there is not: in the error at the start, and in the log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../src/index.ts';
import type { Logger } from '../../src/telemetry/log.ts';
import { eventually } from '../../src/triggers/http/wait.test-kit.ts';

const cases = [
  [
    'fetch at the top level',
    "await fetch('http://127.0.0.1:1/')",
    /no requests from its top level: send them in the handler/,
  ],
  ['localStorage', "localStorage.getItem('a')", /localStorage is not defined: .*use a key-value store/],
  ['Buffer', "Buffer.from('a')", /Buffer is not defined: import it: import \{ Buffer \} from 'node:buffer'/],
  ['process', 'process.env.A', /process is not defined: variables are in the handler's second argument, env/],
  ['a WebSocket', "new WebSocket('ws://x')", /NotSupportedError: There is no WebSocket here: .*fetch/],
  ['WebAssembly', 'new WebAssembly.Module(new Uint8Array(8))', /There is no WebAssembly here: .*component/],
  ['another language', "(1).toLocaleString('fr')", /knows "en-US" here, not "fr": format it in the browser/],
  [
    'a time before the rules of its zone',
    "new Date(0).toLocaleString('en', { timeZone: 'America/New_York' })",
    /rules of America\/New_York are known here from 2007-03-12 on: a package with their history/,
  ],
  [
    'an algorithm that is none',
    "await crypto.subtle.digest('SHA3-256', new Uint8Array(1))",
    /There is no hash function "SHA3-256" here: SHA-1, SHA-256, SHA-384, SHA-512, MD5 are/,
  ],
  ['a store', "Store.open('default')", /The host answered "access-denied": the program was not granted it/],
] as const;

function linesOf(): { lines: string[]; log: Logger } {
  const lines: string[] = [];
  const put = (_fields: unknown, text?: unknown): void => void lines.push(String(text));
  const log = { debug: () => undefined, info: put, warn: put, error: put, child: () => log };
  return { lines, log: log as unknown as Logger };
}

const head = "import { Store } from 'fermyon:spin/key-value@2.0.0'; Store;";

for (const [what, expression, says] of cases) {
  test(`${what}: at the top level`, async () => {
    await assert.rejects(
      load({ script: `${head}\nconst it = ${expression};\nexport default { fetch: () => it };` }),
      says,
    );
  });

  // A handler may send requests.
  if (what.startsWith('fetch')) continue;

  test(`${what}: in a handler`, async (t) => {
    const { lines, log } = linesOf();
    const script = `${head}\nexport default { async fetch() { ${expression}; return new Response(''); } };`;
    const app = await load({ script }, { log });
    t.after(() => app.close());
    assert.equal((await app.fetch(new Request('http://app/'))).status, 500);
    await eventually(() => says.test(lines.join('\n')), `${says} in:\n${lines.join('\n')}`);
    assert.match(lines.join('\n'), /index\.ts:2/);
  });
}

test('what there is not is not there for whoever asks by typeof', async (t) => {
  const script = `export const kinds = () => [typeof caches, typeof XMLHttpRequest, typeof process, typeof window, WebAssembly.validate(new Uint8Array(8))];`;
  const app = await load({ script });
  t.after(() => app.close());
  assert.deepEqual(await app.call('kinds'), ['undefined', 'undefined', 'undefined', 'undefined', false]);
});

for (const [what, body, says] of [
  [
    'a timer',
    "setTimeout(() => { throw new Error('lost'); }, 1); await new Promise((go) => setTimeout(go, 9));",
    /index\.ts:2/,
  ],
  ['a microtask', "queueMicrotask(() => { throw new Error('lost'); }); await 1;", /index\.ts:2/],
  ['waitUntil', "ctx.waitUntil((async () => { await 1; throw new Error('lost'); })());", /index\.ts:2/],
  [
    'a listener',
    "const t = new EventTarget(); t.addEventListener('a', () => { throw new Error('lost'); }); t.dispatchEvent(new Event('a'));",
    /index\.ts:2/,
  ],
  [
    'a value without text',
    "setTimeout(() => { throw Object.create(null); }, 1); await new Promise((go) => setTimeout(go, 9)); console.log('lost');",
    /has no text/,
  ],
] as const) {
  test(`what ${what} throws stands in the log, and the answer is sent`, async (t) => {
    const { lines, log } = linesOf();
    const script = `export default { async fetch(request, env, ctx) {\n${body} return new Response('sent'); } };`;
    const app = await load({ script }, { log });
    t.after(() => app.close());
    assert.equal(await (await app.fetch(new Request('http://app/'))).text(), 'sent');
    await eventually(() => /lost/.test(lines.join('\n')) && says.test(lines.join('\n')), 'the error in the log');
  });
}

test('a body that fails breaks off, and the log says why', async (t) => {
  const { lines, log } = linesOf();
  const script = `export default { fetch: () => new Response(new ReadableStream({\npull() { throw new RangeError('empty'); } })) };`;
  const app = await load({ script }, { log });
  t.after(() => app.close());
  const response = await app.fetch(new Request('http://app/'));
  await assert.rejects(response.text());
  await eventually(() => /RangeError: empty\n.*index\.ts:2/.test(lines.join('\n')), lines.join('\n'));
});

test('what is global is called by its name', async (t) => {
  const script = `const names = 'Blob File FormData Headers Request Response URL URLSearchParams URLPattern ReadableStream Event EventTarget AbortSignal TextEncoder CompressionStream MessageChannel fetch structuredClone setTimeout queueMicrotask'.split(' ');
export const wrong = () => names.filter((name) => globalThis[name].name !== name);`;
  const app = await load({ script });
  t.after(() => app.close());
  assert.deepEqual(await app.call('wrong'), []);
});
