// A run of a command as an exchange: what the program finds, what becomes of what it prints, and of the body that it
// does not read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError, type HttpRequest } from '../../../host/http-message.ts';
import type { WasiState } from '../../../host/wasi/state.ts';
import { CgiExchange } from './exchange.ts';

const request = {
  method: 'POST',
  scheme: 'http',
  authority: 'example.org',
  target: '/a/b?x=1',
  headers: [['host', 'example.org']],
} as unknown as HttpRequest;
const match = { route: '/a/...', matchedRoute: '/a/...', componentRoute: '/a', pathInfo: '/b', params: [] };

function bench(withState = true) {
  const cancelled: unknown[] = [];
  const source = { read: () => undefined, cancel: (reason?: unknown) => void cancelled.push(reason) };
  const state = {} as WasiState;
  const exchange = new CgiExchange(withState ? state : undefined, {
    request,
    body: { source, length: 12 },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of ours
    route: { match, argv: '${SCRIPT_NAME} ${ARGS}' },
    clientAddress: '192.0.2.1:5000',
  });
  const print = (text: string): void => {
    const { stdout } = state.command as { stdout: { write(bytes: Uint8Array): unknown } };
    stdout.write(Buffer.from(text));
  };
  return { cancelled, state, exchange, print };
}

test('the program finds its command line, its variables and its streams', () => {
  const { state, exchange } = bench();
  const { arguments: args, environment, stdin } = state.command ?? assert.fail();
  assert.deepEqual(args, ['/a/b', 'x=1']);
  const variables = new Map(environment);
  assert.equal(variables.get('CONTENT_LENGTH'), '12');
  assert.equal(variables.get('REQUEST_METHOD'), 'POST');
  assert.ok(stdin);
  assert.deepEqual(exchange.params, []);
});

test('what it prints is the response, and the body that it left is cancelled at its end', async () => {
  const { cancelled, exchange, print } = bench();
  print('Status: 202\ncontent-type: text/plain\n\nhello');
  exchange.end({ error: undefined, exitCode: 0 });
  const response = await exchange.response;
  assert.deepEqual([response.status, response.headers], [202, [['content-type', 'text/plain']]]);
  assert.equal(exchange.settled, response);
  assert.deepEqual(cancelled, [undefined]);
});

test('one that fails: the response rejects with the reason, and so does the body', async () => {
  const { cancelled, exchange } = bench();
  const error = new Error('trapped');
  exchange.end({ error, exitCode: 0 });
  await assert.rejects(exchange.response, error);
  assert.deepEqual(cancelled, [error]);
});

test('one that prints no head and exits: the code is told with what is missing', async () => {
  const failing = bench();
  failing.exchange.end({ error: undefined, exitCode: 3 });
  await assert.rejects(failing.exchange.response, (error) => {
    assert.ok(error instanceof HttpError);
    assert.match(error.message, /, and exited with code 3$/);
    return true;
  });
  const silent = bench();
  silent.exchange.end({ error: undefined, exitCode: 0 });
  await assert.rejects(silent.exchange.response, (error) => {
    assert.ok(error instanceof HttpError);
    assert.doesNotMatch(error.message, /exited with/);
    return true;
  });
});

test('a component that imports nothing prints nothing', async () => {
  const { exchange, cancelled } = bench(false);
  exchange.end({ error: undefined, exitCode: 0 });
  await assert.rejects(exchange.response, HttpError);
  assert.equal(cancelled.length, 1);
});
