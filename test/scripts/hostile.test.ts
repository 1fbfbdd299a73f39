// Programs that want out: what they do at their top level, and to all that they can reach, is in no other request and in no
// other app. Both engines are shared by all apps of the process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineNames } from '../../src/app/script-file.ts';
import { load } from '../../src/index.ts';

const timeout = 120_000;

/** Does to globals, prototypes and what is built in whatever can be done. */
const ruin = `function ruin() {
  const evil = () => { throw new Error('ruined'); };
  const seen = new Set();
  const break_ = (owner, depth) => {
    if ((typeof owner !== 'object' && typeof owner !== 'function') || owner === null || seen.has(owner) || depth > 4) return;
    seen.add(owner);
    let names = [];
    try { names = Reflect.ownKeys(owner); } catch {}
    for (const name of names) {
      let value;
      try { value = owner[name]; } catch {}
      break_(value, depth + 1);
    }
    try { break_(Object.getPrototypeOf(owner), depth + 1); } catch {}
    for (const name of names) {
      try { owner[name] = evil; } catch {}
      try { Object.defineProperty(owner, name, { value: evil, writable: false, configurable: false }); } catch {}
      try { delete owner[name]; } catch {}
    }
    try { Object.freeze(owner); } catch {}
  };
  const { defineProperty } = Object;
  defineProperty(Object.prototype, 'leak', { value: 'leaked', configurable: true });
  globalThis.leaked = 'leaked';
  break_(globalThis, 0);
}`;

/** Answers with what a fresh program finds: whether anything of another one is there, and what works. */
const honest = `let count = 0;
export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  const clean = [typeof globalThis.leaked, typeof ({}).leak, [3, 1].sort().join(), JSON.stringify({ a: [1] }), await Promise.resolve(7)];
  const more = [new Map([[1, 2]]).get(1), 'a-b'.replace('-', '+'), Math.max(1, 2), new TextDecoder().decode(new TextEncoder().encode('ö')), ++count];
  await new Promise((go) => setTimeout(go, 1));
  return Response.json([pathname, ...clean, ...more]);
} };`;
const clean = (path: string): unknown[] => [
  ...[path, 'undefined', 'undefined', '1,3', '{"a":[1]}', 7],
  ...[2, 'a+b', 2, 'ö', 1],
];

for (const engine of engineNames) {
  const open = (script: string, more = {}) => load({ script }, { engine, limits: { cpu: '2s' }, ...more });
  const ask = async (app: Awaited<ReturnType<typeof open>>, path = '/'): Promise<unknown> => {
    const response = await app.fetch(`http://app${path}`);
    const text = await response.text();
    return response.status === 200 ? JSON.parse(text) : [response.status, text];
  };

  test(`${engine}: a request that ruins all it reaches is alone in that`, { timeout }, async (t) => {
    const neighbour = await open(honest);
    const app = await open(`${ruin}
const later = setTimeout;
${honest.replace('const { pathname }', "if (request.url.endsWith('/ruin')) { ruin(); later(() => { for (;;); }, 1); }\n  const { pathname }")}`);
    t.after(() => Promise.all([app.close(), neighbour.close()]));
    assert.deepEqual(await ask(app, '/before'), clean('/before'));
    for (let round = 0; round < 3; round++) {
      const response = await app.fetch('http://app/ruin');
      await response.text().catch(() => undefined);
      assert.notEqual(response.status, 200);
      assert.deepEqual(await ask(app, '/after'), clean('/after'));
      assert.deepEqual(await ask(neighbour, '/other'), clean('/other'));
    }
    const [one, other] = await Promise.all([
      ask(neighbour, '/a'),
      ask(app, '/b'),
      app.fetch('http://app/ruin').catch(() => 0),
    ]);
    assert.deepEqual([one, other], [clean('/a'), clean('/b')]);
    const next = await open(honest);
    assert.deepEqual(await ask(next, '/next'), clean('/next'));
    await next.close();
  });

  test(`${engine}: a program that ruins its engine at the top level ruins its own`, { timeout }, async () => {
    for (const script of [
      `${ruin}\nruin();\nexport default () => new Response('x');`,
      `${ruin}\nexport default () => new Response('x');\nqueueMicrotask(ruin);\nawait null;\nawait null;`,
      `Promise.prototype.then = () => { throw new Error('then'); };\nexport default async () => new Response('x');`,
      `Object.prototype.get = () => { throw new Error('get'); };\nexport default () => new Response('x');`,
      `delete globalThis.Response;\nexport default () => 1;`,
    ]) {
      const app = await open(script).catch((error: Error) => error);
      if (!(app instanceof Error)) {
        const response = await app.fetch('http://app/');
        await response.text().catch(() => undefined);
        await app.close();
      } else assert.equal((app as { code?: unknown }).code, 'script-failed', String(app));
      const next = await open(honest);
      assert.deepEqual(await ask(next), clean('/'), script.slice(0, 60));
      await next.close();
    }
  });

  test(`${engine}: endless work and hoards at the top level are ended, and the next program has its engine`, {
    timeout,
  }, async () => {
    for (const [script, code] of [
      ['for (;;);\nexport default () => 1;', /guest-cpu-limit|script-failed/],
      ['await new Promise(() => {});\nexport default () => 1;', /script-failed|guest-/],
      [
        'setInterval(() => { for (;;); }, 1);\nawait new Promise((go) => setTimeout(go, 50));\nexport default () => 1;',
        /./,
      ],
      [
        'const all = []; for (;;) all.push(new Uint8Array(1_000_000).fill(1));\nexport default () => 1;',
        /script-failed|guest-|memory/,
      ],
      ["let text = 'x'; for (;;) text += text;\nexport default () => 1;", /./],
      ['const deep = () => deep() + 1;\ndeep();\nexport default () => 1;', /script-failed|guest-/],
    ] as const) {
      const found = await open(script, { limits: { cpu: '500ms', wall: '3s', memory: '64MiB' } }).catch(
        (error: { code?: string }) => error,
      );
      if (found instanceof Error) assert.match(String((found as { code?: string }).code), code, script);
      else if ('close' in found) await found.close();
      const next = await open(honest);
      assert.deepEqual(await ask(next), clean('/'), script.slice(0, 60));
      await next.close();
    }
  });

  test(`${engine}: what a request has left behind does not run in the next one`, { timeout }, async (t) => {
    const app = await open(`let count = 0; let ticks = 0; const kept = [];
export default { async fetch(request, env, ctx) {
  const seen = [++count, ticks, kept.length, globalThis.of];
  globalThis.of = request.url;
  kept.push(request);
  setInterval(() => { ticks++; globalThis.of = 'timer'; }, 1);
  setTimeout(() => ticks++, 0);
  queueMicrotask(() => { ticks++; });
  new Promise(() => {}).finally(() => ticks++);
  ctx.waitUntil(Promise.resolve().then(() => { ticks++; }));
  addEventListener('fetch', () => { ticks++; });
  return Response.json(seen);
} };`);
    t.after(() => app.close());
    for (let round = 0; round < 4; round++) assert.deepEqual(await ask(app), [1, 0, 0, null]);
    const all = await Promise.all(Array.from({ length: 8 }, () => ask(app)));
    for (const one of all) assert.deepEqual(one, [1, 0, 0, null]);
  });

  test(`${engine}: bindings of the host that were not granted are out of reach`, { timeout }, async (t) => {
    const app = await open(
      `import { Store } from 'fermyon:spin/key-value@2.0.0';
import * as sdk from 'mayfly/sdk';
const tag = (call) => { try { call(); return 'open'; } catch (error) { return error.code ?? error.tag ?? error.payload?.tag ?? error.name; } };
export default { async fetch() {
  const names = Reflect.ownKeys(globalThis).map(String).filter((name) => /mayfly|cqjs|import|wit|host|__/i.test(name) && !/^__(define|lookup)(G|S)etter__$|^__proto__$/.test(name));
  Store.open.bind = undefined;
  const found = [tag(() => Store.open('default')), tag(() => sdk.keyValue.open()), tag(() => Reflect.apply(Store.open, Store, ['default']))];
  const named = await import('fermyon:spin/sqlite@2.0.0').then(({ Connection }) => tag(() => Connection.open('default')), (error) => error.name);
  const made = await (async () => import('fermyon:spin/' + 'redis@2.0.0'))().then(() => 'imported', (error) => error.name);
  return Response.json({ names, found, named, made, process: typeof process });
} };`,
      { limits: { cpu: '5s' }, onError: (error: Error) => t.diagnostic(`${error.message} ${error.cause}`) },
    );
    t.after(() => app.close());
    const answer = await ask(app);
    const { names, found, named, made, ...rest } = answer as Record<string, unknown>;
    assert.ok(names, String(answer));
    // What the tool that makes the engine's component leaves there; the host denies all the same.
    const left = engine === 'quickjs' ? ['__cqjs', '__mayfly_dynamic', 'wit'] : ['__mayfly_dynamic'];
    assert.deepEqual((names as string[]).sort(), left);
    assert.deepEqual(found, ['access-denied', 'access-denied', 'access-denied']);
    assert.deepEqual([named, made], ['access-denied', 'TypeError']);
    assert.deepEqual(rest, { process: 'undefined' });
    const forger = await open(`import { Store } from 'fermyon:spin/key-value@2.0.0';
export default () => new Response(String(Object.create(Store.prototype).get('k')));`);
    t.after(() => forger.close());
    assert.equal((await forger.fetch('http://app/')).status, 500);
  });
}
