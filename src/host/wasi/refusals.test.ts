// What the log says of a guest whose requests are refused again and again, by each way out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Logger } from '../../telemetry/log.ts';
import type { HttpClient } from '../outbound-http/client.ts';
import { createSendRequest } from '../outbound-http/send.ts';
import { spinHttpInterface } from '../outbound-http/spin-interface.ts';
import { httpInterfaces } from './http/bindings-0.2.ts';
import { httpInterfaces03 } from './http/bindings-0.3.ts';
import { createWasiService } from './service.ts';
import { future } from './streams-0.3.test-kit.ts';
import { caller, testSandbox, testState } from './wasi.test-kit.ts';

type Call = ReturnType<typeof caller>;

/** A guest that may send nothing, and the lines that its request leaves. */
function guest(interfaces: Parameters<typeof caller>[0]) {
  const lines: string[] = [];
  const log = { warn: (_: unknown, line: string) => void lines.push(line) } as unknown as Logger;
  const client: HttpClient = { send: () => assert.fail('nothing may go out'), close() {} };
  const dispatch = () => assert.fail('nothing may go on');
  const sendRequest = createSendRequest({ componentId: 'test', allowedHosts: [], dispatch, log, client });
  const state = testState({ sendRequest }, testSandbox({ log }));
  return { lines, state, call: caller(interfaces, state, /^send$/) };
}

const nobody = 'nobody.example';

const ways: Readonly<Record<string, readonly [Parameters<typeof caller>[0], (call: Call) => unknown]>> = {
  'wasi:http/outgoing-handler@0.2': [
    httpInterfaces,
    (call) => {
      const types = 'wasi:http/types';
      const request = call(types, '[constructor]outgoing-request', call(types, '[constructor]fields'));
      call(types, '[method]outgoing-request.set-authority', request, nobody);
      call(types, '[method]outgoing-request.set-path-with-query', request, '/');
      return call('wasi:http/outgoing-handler', 'handle', request, undefined);
    },
  ],
  'wasi:http/client@0.3': [
    httpInterfaces03,
    (call) => {
      const types = 'wasi:http/types';
      const trailers = future({ tag: 'ok', val: undefined });
      const [request] = call(
        types,
        '[static]request.new',
        call(types, '[constructor]fields'),
        undefined,
        trailers,
        undefined,
      ) as [object];
      call(types, '[method]request.set-authority', request, nobody);
      return call('wasi:http/client', 'send', request);
    },
  ],
  'fermyon:spin/http': [
    [spinHttpInterface],
    (call) =>
      call('fermyon:spin/http', 'send-request', {
        method: 'get',
        uri: `http://${nobody}/`,
        headers: [],
        params: [],
        body: undefined,
      }),
  ],
};

for (const [name, [interfaces, send]] of Object.entries(ways)) {
  test(`refused again and again through ${name}: three lines, and at the end one with the number`, async () => {
    const { lines, state, call } = guest(interfaces);
    for (let i = 0; i < 10; i++) await send(call);
    await new Promise(setImmediate);
    assert.equal(lines.length, 3);
    for (const line of lines) assert.match(line, /may not send requests to https?:\/\/nobody\.example/);
    createWasiService().finish?.(state);
    assert.deepEqual(lines.slice(3), ['7 more requests were refused to it while it served this one']);
  });
}

test('refused three times: nothing is left to tell at the end, nor without any', async () => {
  for (const times of [0, 3]) {
    const { lines, state, call } = guest([spinHttpInterface]);
    for (let i = 0; i < times; i++) await ways['fermyon:spin/http']?.[1](call);
    createWasiService().finish?.(state);
    assert.equal(lines.length, times);
  }
});

test('each request has lines of its own', async () => {
  const [one, other] = [guest([spinHttpInterface]), guest([spinHttpInterface])];
  for (let i = 0; i < 4; i++) await ways['fermyon:spin/http']?.[1](one.call);
  await ways['fermyon:spin/http']?.[1](other.call);
  assert.deepEqual([one.lines.length, other.lines.length], [3, 1]);
});
