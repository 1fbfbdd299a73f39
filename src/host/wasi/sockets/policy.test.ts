// What entries of `allowed_outbound_hosts` open for sockets, use by use.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllowedHosts } from '../../network/allowed-hosts.ts';
import { noNetwork, outboundPolicy, policyOf, type SocketUse } from './policy.ts';

const policy = (...entries: string[]) => outboundPolicy(parseAllowedHosts(entries));
const uses: readonly SocketUse[] = ['tcp-bind', 'tcp-connect', 'udp-bind', 'udp-send'];

test('each scheme opens its own way out, and none the way in', () => {
  for (const [entry, open] of [
    ['tcp://1.2.3.4:80', [false, true, false, false]],
    ['udp://1.2.3.4:80', [false, false, true, true]],
    ['*://1.2.3.4:80', [false, true, true, true]],
    ['http://1.2.3.4:80', [false, false, false, false]],
  ] as const) {
    const one = policy(entry);
    assert.deepEqual(
      uses.map((use) => one.allows(use, '1.2.3.4', 80)),
      open,
      entry,
    );
    assert.deepEqual(
      uses.map((use) => one.allows(use, '1.2.3.4', 81) || one.allows(use, '1.2.3.5', 80)),
      [false, false, false, false],
    );
  }
  assert.equal(policy('tcp://[::1]:80').allows('tcp-connect', '::1', 80), true);
  assert.equal(policy('tcp://[::1]:80').allows('tcp-connect', '::2', 80), false);
});

test('a local UDP port of the system’s choice is for whoever may send anywhere', () => {
  const may = (entry: string, host: string, port: number): boolean => policy(entry).allows('udp-bind', host, port);
  for (const host of ['0.0.0.0', '::', '0:0:0:0:0:0:0:0']) {
    assert.equal(may('udp://1.2.3.4:80', host, 0), true, host);
    assert.equal(may('*://1.2.3.4:80', host, 0), true, host);
    assert.equal(may('tcp://1.2.3.4:80', host, 0), false, host);
    assert.equal(may('udp://1.2.3.4:80', host, 1), false, host);
  }
  assert.equal(policy('tcp://h:1', 'udp://1.2.3.4:80').allows('udp-bind', '0.0.0.0', 0), true, 'one rule is enough');
  assert.equal(policy('tcp://h:1', 'tcp://g:1').allows('udp-bind', '0.0.0.0', 0), false);
  for (const host of ['127.0.0.1', '::1', '0.0.0.1']) assert.equal(may('udp://1.2.3.4:80', host, 0), false, host);
});

test('a name is looked up for a rule of any port, of TCP or UDP', () => {
  const may = (entry: string): boolean => policy(entry).allowsName('h.example');
  for (const entry of ['tcp://h.example:80', 'udp://h.example:80', '*://*:1', 'tcp://*.example:5']) {
    assert.equal(may(entry), true, entry);
  }
  for (const entry of ['http://h.example', 'tcp://other.example:80', 'tcp://1.2.3.4:80']) {
    assert.equal(may(entry), false, entry);
  }
});

test('without entries there is no network', () => {
  assert.equal(policyOf([]), noNetwork);
  assert.deepEqual(
    [...uses.map((use) => noNetwork.allows(use, '::1', 1)), noNetwork.allowsName('h')],
    Array(5).fill(false),
  );
  assert.equal(policyOf(parseAllowedHosts(['tcp://h:1'])).allowsName('h'), true);
});
