// The address that is checked is the one that is connected to; a name is looked up once.
import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { defaultRuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import { BlockedAddress } from './blocked-networks.ts';
import { createOutboundNetwork, type LookUp, type OutboundNetwork } from './outbound-network.ts';

function network(blockNetworks: string[], lookUp: LookUp): OutboundNetwork {
  const config = defaultRuntimeConfig();
  const outboundNetworking = { ...config.outboundNetworking, blockNetworks };
  return createOutboundNetwork({ ...config, outboundNetworking }, lookUp);
}

const address = (text: string) => ({ address: text, family: text.includes(':') ? 6 : 4 });

test('a name gives an address that is not blocked, or none', async () => {
  const made = network(['10.0.0.0/8'], async (host) =>
    host === 'both' ? [address('10.0.0.1'), address('9.9.9.9')] : [address('10.0.0.1'), address('::ffff:10.0.0.2')],
  );
  assert.equal(await made.resolve('both'), '9.9.9.9');
  await assert.rejects(made.resolve('inside'), BlockedAddress);
});

test('an address is not looked up, but checked', async () => {
  const made = network(['127.0.0.0/8', '::1'], () => assert.fail('looked up'));
  assert.equal(await made.resolve('8.8.8.8'), '8.8.8.8');
  assert.equal(await made.resolve('[2001:db8::1]'), '2001:db8::1');
  await assert.rejects(made.resolve('127.0.0.1'), BlockedAddress);
  await assert.rejects(made.resolve('[::1]'), BlockedAddress);
  assert.throws(() => made.checkLiteral('[::ffff:127.0.0.1]'), BlockedAddress);
  assert.doesNotThrow(() => made.checkLiteral('localhost'));
});

test('clients that take no lookup get an address, IPv4 first, where something is blocked', async () => {
  const both: LookUp = async () => [address('2600::1'), address('9.9.9.9')];
  assert.equal(await network(['10.0.0.0/8'], both).pinned('x'), '9.9.9.9');
  assert.equal(await network(['9.0.0.0/8'], both).pinned('x'), '2600::1');
  assert.equal(await network([], both).pinned('x'), undefined);
  await assert.rejects(network(['private'], async () => [address('10.0.0.1')]).pinned('x'), BlockedAddress);
});

test('a name that leads elsewhere the second time does not get there', async () => {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  let asked = 0;
  const made = network(['10.0.0.0/8'], async () => [address(asked++ === 0 ? '127.0.0.1' : '10.0.0.1')]);
  const reach = (): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({ host: 'rebinding.example', port, lookup: made.lookup, timeout: 5000 });
      socket.on('connect', () => resolve(`reached ${socket.remoteAddress}`));
      socket.on('error', (error) => resolve(error.name));
    });
  assert.equal(await reach(), 'reached 127.0.0.1');
  assert.equal(asked, 1);
  assert.equal(await reach(), 'BlockedAddress');
  server.close();
});

test('node:net gets one address or all of them, of the family that it wants', async () => {
  const made = network([], async () => [address('::1'), address('127.0.0.1')]);
  const ask = (options: object): Promise<unknown[]> =>
    new Promise((resolve) => made.lookup('x', options, (...args) => resolve(args)));
  assert.deepEqual(await ask({}), [null, '::1', 6]);
  assert.deepEqual(await ask({ family: 4 }), [null, '127.0.0.1', 4]);
  assert.deepEqual(await ask({ all: true, family: 4 }), [null, [address('127.0.0.1')]]);
  const none = network([], async () => [address('127.0.0.1')]);
  const failed = await new Promise<unknown[]>((resolve) => none.lookup('x', { family: 6 }, (...args) => resolve(args)));
  assert.equal((failed[0] as NodeJS.ErrnoException).code, 'ENOTFOUND');
});
