// Addresses as text, as numbers, and their kinds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canonical,
  fits,
  hostOf,
  isUnicast,
  isUnspecified,
  parseIp,
  sameAddress,
  socketAddress,
  textOf,
  unspecified,
} from './ip-address.ts';

const at = (address: string, port = 80) => socketAddress({ address, port });

test('text becomes numbers, and goes back to text', () => {
  for (const [text, val] of [
    ['127.0.0.1', [127, 0, 0, 1]],
    ['::', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['::1', [0, 0, 0, 0, 0, 0, 0, 1]],
    ['fe80::', [0xfe80, 0, 0, 0, 0, 0, 0, 0]],
    ['fe80::1:2%eth0', [0xfe80, 0, 0, 0, 0, 0, 1, 2]],
    ['1:2:3:4:5:6:7:8', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['::ffff:192.0.2.1', [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201]],
    ['64:ff9b::1.2.3.4', [0x64, 0xff9b, 0, 0, 0, 0, 0x0102, 0x0304]],
  ] as const) {
    const parsed = parseIp(text);
    assert.deepEqual(parsed, { tag: val.length === 4 ? 'ipv4' : 'ipv6', val: [...val] }, text);
    assert.deepEqual(parseIp(textOf(parsed)), parsed);
  }
  assert.equal(textOf(parseIp('fe80::a')), 'fe80:0:0:0:0:0:0:a');
  assert.deepEqual(at('127.0.0.1'), { tag: 'ipv4', val: { port: 80, address: [127, 0, 0, 1] } });
  assert.deepEqual(at('::1').val, { port: 80, flowInfo: 0, scopeId: 0, address: [0, 0, 0, 0, 0, 0, 0, 1] });
  assert.deepEqual([hostOf(unspecified('ipv4')), unspecified('ipv4').val.port], ['0.0.0.0', 0]);
  assert.equal(hostOf(unspecified('ipv6')), '0:0:0:0:0:0:0:0');
});

test('what a socket of a family takes', () => {
  for (const [address, four, six] of [
    ['127.0.0.1', true, false],
    ['::1', false, true],
    ['::', false, true],
    ['::2', false, false],
    ['::1.2.3.4', false, false],
    ['::1:0', false, false],
    ['::1:0:0', false, true],
    ['::ffff:1.2.3.4', false, false],
    ['::fffe:1.2.3.4', false, true],
    ['1::ffff:1.2.3.4', false, true],
  ] as const) {
    assert.deepEqual([fits(at(address), 'ipv4'), fits(at(address), 'ipv6')], [four, six], address);
  }
});

test('kinds of addresses', () => {
  for (const [address, unicast] of [
    ['223.255.255.255', true],
    ['224.0.0.0', false],
    ['239.255.255.255', false],
    ['240.0.0.0', true],
    ['255.255.255.254', true],
    ['255.255.255.255', false],
    ['ff00::', false],
    ['ffff::1', false],
    ['feff::', true],
    ['::', true],
  ] as const) {
    assert.equal(isUnicast(at(address)), unicast, address);
  }
  assert.deepEqual(
    ['0.0.0.0', '0.0.0.1', '::', '1::'].map((address) => isUnspecified(at(address))),
    [true, false, true, false],
  );
});

test('two addresses are one by family, port and numbers', () => {
  assert.equal(sameAddress(at('1.2.3.4'), at('1.2.3.4')), true);
  assert.equal(sameAddress(at('1.2.3.4'), at('1.2.3.5')), false);
  assert.equal(sameAddress(at('1.2.3.4'), at('0.2.3.4')), false);
  assert.equal(sameAddress(at('1.2.3.4'), at('1.2.3.4', 81)), false);
  assert.equal(sameAddress(at('::'), at('0.0.0.0')), false);
  assert.equal(sameAddress(at('::1'), at('0:0::0:1')), true);
});

test('an IPv4 address in IPv6 is the IPv4 address that is meant', () => {
  const text = (address: string): string => textOf(canonical(parseIp(address)));
  assert.equal(text('::ffff:192.0.2.129'), '192.0.2.129');
  assert.equal(text('1.2.3.4'), '1.2.3.4');
  assert.equal(text('::192.0.2.1'), '0:0:0:0:0:0:c000:201');
  assert.equal(text('::1:ffff:1.2.3.4'), '0:0:0:0:1:ffff:102:304');
});
