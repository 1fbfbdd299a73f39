// Addresses of brokers are understood with their default ports, and are never shown with a password.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerAddress, shownAddress } from './broker-address.ts';

const schemes = { 'redis:': 6379, 'rediss:': 6380 };

test('an address has a host, and a port of its own or that of its scheme', () => {
  const origins = ['redis://h', 'rediss://h', 'redis://u:p@h:7/3', 'redis://[::1]:7'].map(
    (address) => brokerAddress('redis', address, schemes).origin,
  );
  assert.deepEqual(origins, ['h:6379', 'h:6380', 'h:7', '[::1]:7']);
});

test('what is none is an error without the address', () => {
  for (const wrong of ['', 'h:6379', 'http://u:secret@h', 'redis://', 'constructor://h', 'redis://h:999999']) {
    assert.throws(() => brokerAddress('redis', wrong, schemes), {
      code: 'trigger-start',
      message: 'The address of the redis trigger is no URL of such a server',
      hint: "Write it as 'redis://host:6379'",
    });
  }
});

test('people see no user and no password, whatever is in it', () => {
  const shown = ['redis://h:1/', 'mqtt://u:p@h', 'redis://u:p@ss/w@h:1', 'redis://{{ user }}:{{ word }}@{{ host }}'];
  assert.deepEqual(shown.map(shownAddress), ['h:1', 'h', 'h:1', '{{ host }}']);
});
