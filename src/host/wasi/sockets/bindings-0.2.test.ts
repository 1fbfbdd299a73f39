import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from '../../../errors.ts';
import { caller } from '../test-support.ts';
import { socketsInterfaces } from './bindings-0.2.ts';

const call = caller(socketsInterfaces, undefined);
const denied = { tag: 'err', val: 'access-denied' };

test('every way to the network is denied', () => {
  const network = call('wasi:sockets/instance-network', 'instance-network');
  assert.deepEqual(call('wasi:sockets/tcp-create-socket', 'create-tcp-socket', 'ipv4'), denied);
  assert.deepEqual(call('wasi:sockets/udp-create-socket', 'create-udp-socket', 'ipv6'), denied);
  assert.deepEqual(call('wasi:sockets/ip-name-lookup', 'resolve-addresses', network, 'localhost'), denied);
});

test('methods are there to link against, and cannot be reached', () => {
  assert.equal(Object.keys(socketsInterfaces.find(({ name }) => name.endsWith('/tcp'))!.functions).length, 28);
  assert.throws(() => call('wasi:sockets/tcp', '[method]tcp-socket.accept', {}), Trap);
});
