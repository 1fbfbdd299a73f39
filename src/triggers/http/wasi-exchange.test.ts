// What a request brings to the state of WASI, and what becomes of its answer on the way out of an invocation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest, HttpResponse } from '../../host/http-message.ts';
import { type WasiConfigured, WasiState } from '../../host/wasi/state.ts';
import { RequestContext } from '../../sandbox/request-context.ts';
import { silentLog } from '../../telemetry/log.ts';
import { beginHandler, beginIncomingHandler, wasiFor } from './wasi-exchange.ts';

const request: HttpRequest = {
  method: 'GET',
  scheme: 'http',
  authority: 'x',
  target: '/',
  headers: [],
  body: undefined,
};

function contextWith(...names: readonly string[]): RequestContext {
  const services = names.map((name) => ({
    name,
    prepare: (context: unknown) => (name === 'wasi' ? new WasiState({} as WasiConfigured, context as never) : {}),
    finish: () => {},
  }));
  return new RequestContext('component', services, silentLog);
}

test('hops travel with the request, in whichever slot the state of WASI is', () => {
  for (const context of [contextWith('wasi'), contextWith('variables', 'wasi')]) {
    assert.equal(wasiFor(context, request)?.hops, 0);
    assert.equal(wasiFor(context, { ...request, hops: 3 })?.hops, 3);
    assert.equal(wasiFor(context, request), wasiFor(context, request));
  }
});

test('a component that imports nothing of WASI has no state of it, and can be no handler', () => {
  const context = contextWith('variables');
  assert.equal(wasiFor(context, request), undefined);
  for (const begin of [beginHandler, beginIncomingHandler]) {
    assert.throws(() => begin(context, request), { code: 'internal' });
  }
});

test('an exchange of each kind is made for a request', async () => {
  const exchange = beginIncomingHandler(contextWith('wasi'), request);
  assert.equal(exchange.params.length, 2);
  exchange.end({ error: undefined, exitCode: 0 });
  await assert.rejects(exchange.response, { code: 'HTTP-response-incomplete' });
  const other = beginHandler(contextWith('wasi'), request);
  assert.equal(other.params.length, 1);
  other.end({ error: new Error('broke'), exitCode: 0 });
  await assert.rejects(other.response satisfies Promise<HttpResponse>, /broke/);
});
