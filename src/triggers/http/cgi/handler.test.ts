// The handler of a command with a guest that is a function of the test: what it finds, and who cancels the body.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultArgv } from '../../../app/manifest/triggers/http.ts';
import { MayflyError, Trap } from '../../../errors.ts';
import type { HttpRequest, HttpResponse } from '../../../host/http-message.ts';
import type { WasiState } from '../../../host/wasi/state.ts';
import { testState } from '../../../host/wasi/wasi.test-kit.ts';
import { get, textOf } from '../app.test-kit.ts';
import type { RequestRoute } from '../dispatcher.ts';
import { fakeGuest } from '../fake-guest.test-kit.ts';
import { createCgiHandler } from './handler.ts';

const client = { clientAddress: '192.0.2.1:5000' };

function served(run: (state: WasiState, print: (text: string) => void) => unknown) {
  const wasi = testState();
  const { callee, state } = fakeGuest(() => {
    const { stdout } = wasi.command as { stdout: { write(bytes: Uint8Array): void } };
    return run(wasi, (text) => stdout.write(Buffer.from(text)));
  }, wasi);
  const handler = createCgiHandler({ ...callee, command: { reusableAfterExit: true } });
  const ask = (parts: Partial<HttpRequest> = {}, route?: RequestRoute): Promise<HttpResponse> =>
    handler(get('/a/b?c=1&d', parts), client, route);
  return { ask, state, wasi };
}

function body(chunks: readonly string[], length?: number) {
  const rest = [...chunks];
  return {
    length,
    reads: 0,
    cancelled: 0,
    read() {
      this.reads++;
      const next = rest.shift();
      return next === undefined ? undefined : Buffer.from(next);
    },
    cancel() {
      this.cancelled++;
    },
  };
}

const environment = ({ command }: WasiState): ReadonlyMap<string, string> => new Map(command?.environment);

test('without a trigger before it, the path is all path info, and the command line is the default', async () => {
  const { ask, wasi } = served((_, print) => print('Content-Type: a\n\nhello'));
  const response = await ask();
  assert.equal(await textOf(response.body), 'hello');
  const variables = environment(wasi);
  assert.deepEqual(
    ['PATH_INFO', 'QUERY_STRING', 'SCRIPT_NAME', 'X_MATCHED_ROUTE', 'X_COMPONENT_ROUTE', 'CONTENT_LENGTH'].map((name) =>
      variables.get(name),
    ),
    ['/a/b', 'c=1&d', '', '/...', '', '0'],
  );
  assert.equal(defaultArgv.includes('SCRIPT_NAME'), true);
  assert.deepEqual(wasi.command?.arguments, ['/a/b', 'c=1', 'd']);
});

test('a route brings its own', async () => {
  const { ask, wasi } = served((_, print) => print('Content-Type: a\n\n'));
  const match = { route: '/a/...', matchedRoute: '/a/...', componentRoute: '/a', pathInfo: '/b', params: [] };
  await ask({}, { match, wagi: { argv: 'prog x' } });
  assert.deepEqual(wasi.command?.arguments, ['prog', 'x']);
  assert.deepEqual([environment(wasi).get('SCRIPT_NAME'), environment(wasi).get('PATH_INFO')], ['/a', '/b']);
  await ask({}, { match });
  assert.deepEqual(wasi.command?.arguments, ['/a/b', 'c=1', 'd']);
});

test('the length of a body that does not say it is found out, up to 1 MiB', async () => {
  const { ask, wasi } = served((_, print) => print('Content-Type: a\n\n'));
  const lengthOf = async (sent: ReturnType<typeof body>): Promise<string | undefined> => {
    await ask({ method: 'POST', body: sent });
    return environment(wasi).get('CONTENT_LENGTH');
  };
  const kib = 'x'.repeat(1024);
  assert.equal(await lengthOf(body(['abc', 'de'])), '5');
  assert.equal(await lengthOf(body(['abc'], 3)), '3');
  assert.equal(await lengthOf(body(Array(1024).fill(kib))), '1048576');
  assert.equal(await lengthOf(body([...Array(1024).fill(kib), 'x', 'y'])), undefined);
});

test('a body of which no sandbox takes anything is cancelled, with what was read of it', async () => {
  const { ask, state } = served(() => assert.fail());
  for (const [sent, reads] of [
    [body(['abc'], 3), 0],
    [body(['abc']), 2],
  ] as const) {
    state.failure = new MayflyError('overloaded', 'full');
    await assert.rejects(ask({ method: 'POST', body: sent }), { code: 'overloaded' });
    assert.equal(sent.reads, reads);
    if (sent.length !== undefined) assert.ok(sent.cancelled > 0);
  }
  const long = body(['x'.repeat(1_048_576), 'y', 'z']);
  await assert.rejects(ask({ method: 'POST', body: long }), { code: 'overloaded' });
  assert.ok(long.cancelled > 0);
});

test('what was read of bodies that no sandbox took does not count any more', async () => {
  const { ask, state } = served((_, print) => print('Content-Type: a\n\n'));
  state.failure = new MayflyError('overloaded', 'full');
  const piece = 'x'.repeat(1_000_000);
  // More than all clients together may have held.
  for (let i = 0; i < 300; i++) await assert.rejects(ask({ method: 'POST', body: body([piece]) }), /full/);
  state.failure = undefined;
  // Nor that of programs that read nothing.
  for (let i = 0; i < 300; i++) assert.equal((await ask({ method: 'POST', body: body([piece]) })).status, 200);
});

test('a program that fails cancels what it left of the body', async () => {
  const { ask, state } = served(() => {
    throw new Trap('no');
  });
  const sent = body(['abc'], 3);
  await assert.rejects(ask({ method: 'POST', body: sent }), { code: 'guest-trap' });
  assert.ok(sent.cancelled > 0);
  assert.deepEqual(state.released, [false]);
});
