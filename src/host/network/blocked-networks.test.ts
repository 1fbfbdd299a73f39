// Which addresses `block_networks` closes, in all the forms in which an address can be written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockedNetworks } from './blocked-networks.ts';

test('a range closes its addresses, also where IPv6 stands for them', () => {
  const blocked = new BlockedNetworks(['123.123.0.0/16', '2001:a::/96', '9.9.9.9']);
  for (const address of [
    ...['123.123.123.123', '::ffff:123.123.1.1', '::123.123.1.1', '64:ff9b::7b7b:101', '2002:7b7b:101::5'],
    ...['2001:a::1000', '9.9.9.9', '0:0:0:0:0:ffff:7b7b:0101'],
  ]) {
    assert.equal(blocked.blocks(address), true, address);
  }
  for (const address of ['123.100.0.1', '2001:b::1000', '9.9.9.10', '2002:7b7c:101::5', '::1', '0.0.0.0']) {
    assert.equal(blocked.blocks(address), false, address);
  }
});

test('private closes what is not reachable from everywhere', () => {
  const blocked = new BlockedNetworks(['private']);
  for (const address of [
    ...[
      '0.0.0.0',
      '10.10.10.10',
      '100.64.1.1',
      '127.0.0.1',
      '169.254.169.254',
      '172.31.0.1',
      '192.0.0.1',
      '192.168.1.1',
    ],
    ...['224.0.0.1', '255.255.255.255', '::', '::1', '::ffff:10.10.10.10', 'fc00::f00d', 'fe80::1%eth0', 'ff02::1'],
    ...['64:ff9b::a00:1', '2002:a00:1::'],
  ]) {
    assert.equal(blocked.blocks(address), true, address);
  }
  for (const address of ['123.123.123.123', '2600::beef', '::ffff:8.8.8.8', '100.128.0.1', '172.32.0.1']) {
    assert.equal(blocked.blocks(address), false, address);
  }
});

test('the unspecified address counts as loopback, to which it leads', () => {
  const blocked = new BlockedNetworks(['127.0.0.0/8', '::1/128']);
  for (const address of ['0.0.0.0', '::', '::ffff:0.0.0.0']) assert.equal(blocked.blocks(address), true, address);
});

test('what is no address is closed, and nothing is where nothing is blocked', () => {
  assert.equal(new BlockedNetworks(['10.0.0.0/8']).blocks('example.com'), true);
  assert.equal(new BlockedNetworks([]).blocks('10.0.0.1'), false);
});
