// Chains of middleware: several components of WASI 0.3 in one sandbox, each calling the next one's handler.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { MayflyError } from '../../src/errors.ts';
import { type LibraryOptions, load } from '../../src/library/load.ts';
import type { App } from '../../src/runtime.ts';
import { service } from '../support/service-0.3.ts';

const folder = await mkdtemp(join(tmpdir(), 'mayfly-middleware-'));
after(() => rm(folder, { recursive: true }));

/** Calls the next one and changes the status of its response. `status` finds the old one on the stack. */
const changing = (status: string): Promise<Uint8Array> =>
  service(
    'stackful',
    ['next', 'getStatus', 'setStatus', 'taskReturn'],
    `(call $next (local.get $request) (i32.const 64))
     (if (i32.load8_u (i32.const 64)) (then unreachable))
     (drop (call $set-status (i32.load (i32.const 72)) (call $get-status (i32.load (i32.const 72))) ${status}))
     (call $respond (i32.load (i32.const 72)))`,
  );

/** Body and trailers of the request are those of the response; the status counts the requests of this memory. */
const echo = service(
  'callback',
  ['fields', 'consumeBody', 'resultFuture', 'newResponse', 'setStatus', 'taskReturn'],
  `(local $res i64)
  (local.set $res (call $result-future))
  (i32.store (i32.const 900) (i32.add (i32.load (i32.const 900)) (i32.const 1)))
  (call $consume-body (local.get $request) (i32.wrap_i64 (local.get $res)) (i32.const 16))
  (call $new-response (call $fields) (i32.const 1) (i32.load (i32.const 16)) (i32.load (i32.const 20)) (i32.const 32))
  (drop (call $set-status (i32.load (i32.const 32)) (i32.add (i32.const 200) (i32.load (i32.const 900)))))
  (call $respond (i32.load (i32.const 32))) (i32.const 0)`,
);

const files: Readonly<Record<string, Promise<Uint8Array>>> = {
  echo,
  double: changing('(i32.const 2) (i32.mul)'),
  plus: changing('(i32.const 1) (i32.add)'),
  trap: service('stackful', ['next', 'taskReturn'], '(call $next (local.get $request) (i32.const 64)) unreachable'),
  traps: service('stackful', ['taskReturn'], 'unreachable'),
};
for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, `${name}.wasm`), await bytes);

async function open(triggers: string, options: LibraryOptions = {}): Promise<App> {
  const path = join(folder, `${crypto.randomUUID()}.toml`);
  const used = Object.keys(files).filter((name) => triggers.includes(`"${name}"`));
  const components = used.map((name) => `[component.${name}]\nsource = "${name}.wasm"\n`);
  await writeFile(path, `spin_manifest_version = 2\napplication.name = "chain"\n${triggers}\n${components.join('')}`);
  const app = await load(path, { verifyResets: true, ...options });
  after(() => app.close());
  return app;
}

function trigger(route: string, component: string, middleware: string): string {
  const dependencies = middleware ? `dependencies = { middleware = [${middleware}] }` : '';
  return `[[trigger.http]]\nroute = "${route}"\ncomponent = "${component}"\n${dependencies}\n`;
}

test('the first gets the request, each the answer of the one behind it; the same component answers without', async () => {
  const app = await open(
    trigger('/ab', 'echo', '{ component = "plus" }, { path = "double.wasm", inherit_configuration = true }') +
      trigger('/ba', 'echo', '{ component = "double" }, { component = "plus" }') +
      trigger('/plain', 'echo', ''),
  );
  const ask = async (path: string): Promise<string> => {
    const response = await app.fetch(new Request(`http://localhost${path}`, { method: 'POST', body: 'hello' }));
    return `${response.status} ${await response.text()}`;
  };
  for (let turn = 0; turn < 3; turn++) {
    assert.equal(await ask('/ab'), '403 hello');
    assert.equal(await ask('/ba'), '404 hello');
    assert.equal(await ask('/plain'), '201 hello');
  }
  const large = 'abcdefg'.repeat(100_000);
  const response = await app.fetch(new Request('http://localhost/ab', { method: 'POST', body: large }));
  assert.equal(await response.text(), large);
});

test('a chain that was prepared before answers the same, and one in another order is another chain', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const options = { cacheDirectory: join(folder, 'cache'), log };
  const chain = trigger('/', 'echo', '{ component = "plus" }, { component = "double" }');
  const other = trigger('/', 'echo', '{ component = "double" }, { component = "plus" }');
  const used = (): number => lines.filter((line) => /Prepared component \w+ is used/.test(line)).length;
  // The component without middleware is loaded, too.
  for (const [triggers, status, uses] of [
    [chain, 403, 0],
    [other, 404, 1],
    [chain, 403, 2],
    [other, 404, 2],
  ] as const) {
    lines.length = 0;
    const app = await open(triggers, options);
    assert.equal((await app.fetch(new Request('http://localhost/', { method: 'POST', body: 'x' }))).status, status);
    await app.close();
    assert.equal(used(), uses);
  }
});

test('a trap anywhere in the chain is answered with 500, and the next request has a sandbox that works', async () => {
  const app = await open(trigger('/', 'echo', '{ component = "trap" }'));
  const behind = await open(trigger('/', 'traps', '{ component = "plus" }, { component = "double" }'));
  for (let turn = 0; turn < 2; turn++) {
    for (const one of [app, behind]) assert.equal((await one.fetch(new Request('http://localhost/'))).status, 500);
  }
});

/** Sends its request to `authority` instead of asking the one behind it; traps when that is refused. */
async function sending(authority: string, isMiddleware: boolean): Promise<Uint8Array> {
  const never = '(if (i32.const 0) (then (call $next (local.get $request) (i32.const 64))))';
  return service(
    'stackful',
    ['setAuthority', 'send', 'taskReturn', ...(isMiddleware ? (['next'] as const) : [])],
    `(drop (call $set-authority (local.get $request) (i32.const 1) (i32.const 0) (i32.const ${authority.length})))
     ${isMiddleware ? never : ''}
     (call $send (local.get $request) (i32.const 64))
     (if (i32.load8_u (i32.const 64)) (then unreachable))
     (call $respond (i32.load (i32.const 72)))`,
    `(data (i32.const 0) "${authority}")`,
  );
}

test('middleware has no permission but those that it inherits, and the component behind it has its own', async (t) => {
  const backend = createServer((_, response) => response.end('from behind'));
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  t.after(() => backend.close().closeAllConnections());
  const authority = `127.0.0.1:${(backend.address() as AddressInfo).port}`;
  await writeFile(join(folder, 'asks.wasm'), await sending(authority, true));
  await writeFile(join(folder, 'sends.wasm'), await sending(authority, false));
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const ask = async (component: string, middleware: string): Promise<string> => {
    const path = join(folder, `${crypto.randomUUID()}.toml`);
    await writeFile(
      path,
      `spin_manifest_version = 2\napplication.name = "chain"\n${trigger('/', component, middleware)}
[component.${component}]\nsource = "${component}.wasm"\nallowed_outbound_hosts = ["http://${authority}"]\n`,
    );
    const app = await load(path, { log });
    t.after(() => app.close());
    return String((await app.fetch(new Request('http://localhost/'))).status);
  };
  const statuses: Record<string, string> = {};
  for (const inherits of ['', 'false', '[]', '["variables"]', '["variables", "allowed_outbound_hosts"]', 'true']) {
    const also = inherits && `, inherit_configuration = ${inherits}`;
    statuses[inherits] = await ask('echo', `{ path = "asks.wasm"${also} }`);
  }
  assert.deepEqual(statuses, {
    '': '500',
    false: '500',
    '[]': '500',
    '["variables"]': '500',
    '["variables", "allowed_outbound_hosts"]': '200',
    true: '200',
  });
  const denied = lines.filter((line) => line.includes('"event":"request-denied"'));
  assert.deepEqual(
    denied.map((line) => (JSON.parse(line) as { inherits?: string }).inherits),
    ['nothing', 'nothing', 'nothing', 'variables'],
  );
  assert.equal(await ask('sends', '{ path = "plus.wasm" }'), '201');
});

test('what cannot be a chain is refused at load', async () => {
  await assert.rejects(open(trigger('/', 'echo', '{ component = "traps" }')), isCode('guest-no-handler'));
  await assert.rejects(open(trigger('/', 'echo', '{ component = "none" }')), isCode('manifest-component-unknown'));
  await assert.rejects(open(trigger('/', 'echo', '{ path = "none.wasm" }')), isCode('manifest-source'));
});

function isCode(code: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof MayflyError &&
    [error, ...(error.problems ?? [])].some((one) => one instanceof MayflyError && one.code === code);
}
