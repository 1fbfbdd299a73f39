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

test('private closes each of its networks from its first address to its last, and nothing beside them', () => {
  const blocked = new BlockedNetworks(['private']);
  for (const [first, last, before, behind] of [
    ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
    ['100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
    ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
    ['192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
    ['192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
    ['192.88.99.0', '192.88.99.255', '192.88.98.255', '192.88.100.0'],
    ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
    ['198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
    ['198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
    ['203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
    ['64:ff9b:1::', '64:ff9b:1:ffff::1', '64:ff9b::808:808', '64:ff9b:2::'],
    ['100::', '100::ffff', '99::1', '101::'],
    ['2001:0::', '2001:1ff::1', '2000::1', '2001:200::1'],
    ['2001:db8::', '2001:db8:ffff::1', '2001:db7::1', '2001:db9::1'],
    ['3fff::', '3fff:fff::1', '3ffe::1', '3fff:1000::1'],
    ['5f00::', '5f00:ffff::1', '5eff::1', '5f01::1'],
    ['fc00::', 'fdff::1', 'fbff::1', 'fe00::1'],
    ['fe80::', 'febf::1', 'fe7f::1', undefined],
    ['fec0::', 'feff::1', undefined, undefined],
    ['ff00::', 'ffff::1', undefined, undefined],
  ]) {
    for (const address of [first, last]) assert.equal(blocked.blocks(`${address}`), true, `${address}`);
    for (const address of [before, behind]) if (address) assert.equal(blocked.blocks(address), false, address);
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

test('the unspecified address is open where loopback is', () => {
  const blocked = new BlockedNetworks(['10.0.0.0/8']);
  for (const address of ['0.0.0.0', '::', '::ffff:0.0.0.0']) assert.equal(blocked.blocks(address), false, address);
});

test('what is no address is closed, and nothing is where nothing is blocked', () => {
  assert.equal(new BlockedNetworks(['10.0.0.0/8']).blocks('example.com'), true);
  assert.equal(new BlockedNetworks([]).blocks('10.0.0.1'), false);
});
