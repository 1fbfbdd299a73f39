// What of a TCP socket's options reaches Node's socket, and what an accepted socket takes over.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { TcpOptions } from './tcp-options.ts';

/** What `setKeepAlive` was called with. */
function applied(options: TcpOptions): unknown[][] {
  const calls: unknown[][] = [];
  const socket = { setKeepAlive: (...args: unknown[]) => void calls.push(args) } as unknown as Socket;
  options.applyTo(socket, 'ipv4');
  return calls;
}

const SECOND = 1_000_000_000n;

test('keep-alive is off unless it was asked for, and has its three times then', () => {
  const options = new TcpOptions();
  assert.deepEqual(applied(options), [[false]]);
  options.idle = 5n * SECOND;
  assert.deepEqual(applied(options), [[false]]);
  options.keepAlive = true;
  options.interval = SECOND + 1n;
  options.count = 3;
  assert.deepEqual(applied(options), [[true, 5000, 2000, 3]]);
  options.keepAlive = false;
  assert.deepEqual(applied(options), [[false]]);
});

const names = ['idle', 'interval', 'count', 'hopLimit', 'receiveBuffer', 'sendBuffer', 'backlog'] as const;
const valuesOf = (options: TcpOptions): unknown[] => names.map((name) => options[name]);

test('what nobody set is what Linux has', () => {
  assert.deepEqual(valuesOf(new TcpOptions()), [7200n * SECOND, 75n * SECOND, 9, 64, 65_536n, 65_536n, 128]);
  assert.equal(new TcpOptions().keepAlive, false);
});

test('values beyond what the system takes become the largest, 0 is refused', () => {
  const options = new TcpOptions();
  const time = (ns: bigint): bigint => {
    options.idle = ns;
    options.interval = ns;
    assert.equal(options.idle, options.interval);
    return options.idle / SECOND;
  };
  assert.deepEqual([1n, SECOND, SECOND + 1n, 32_767n * SECOND, 32_767n * SECOND + 1n, 2n ** 64n - 1n].map(time), [
    1n,
    1n,
    2n,
    32_767n,
    32_767n,
    32_767n,
  ]);
  const count = (value: number): number => {
    options.count = value;
    return options.count;
  };
  assert.deepEqual([1, 127, 128, 2 ** 32 - 1].map(count), [1, 127, 127, 127]);
  const size = (bytes: bigint): bigint => {
    options.receiveBuffer = bytes;
    options.sendBuffer = bytes;
    assert.equal(options.receiveBuffer, options.sendBuffer);
    return options.sendBuffer;
  };
  const largest = 2n ** 31n - 1n;
  assert.deepEqual([1n, largest, largest + 1n, 2n ** 64n - 1n].map(size), [1n, largest, largest, largest]);
  options.setBacklog(2n ** 64n - 1n);
  assert.equal(options.backlog, 2 ** 31 - 1);
  const before = valuesOf(options);
  for (const set of [
    () => (options.idle = 0n),
    () => (options.interval = 0n),
    () => (options.count = 0),
    () => (options.hopLimit = 0),
    () => (options.receiveBuffer = 0n),
    () => (options.sendBuffer = 0n),
    () => options.setBacklog(0n),
  ]) {
    assert.throws(set, { code: 'invalid-argument' });
  }
  assert.deepEqual(valuesOf(options), before);
});

test('an accepted socket has what the listener was told, and goes its own way from there', () => {
  const listener = new TcpOptions();
  listener.keepAlive = true;
  listener.idle = 2n * SECOND;
  listener.interval = 3n * SECOND;
  listener.count = 4;
  listener.hopLimit = 5;
  listener.receiveBuffer = 6000n;
  listener.sendBuffer = 7000n;
  const accepted = listener.clone();
  assert.equal(accepted.keepAlive, true);
  assert.deepEqual(valuesOf(accepted), [2n * SECOND, 3n * SECOND, 4, 5, 6000n, 7000n, 128]);
  listener.hopLimit = 9;
  assert.equal(accepted.hopLimit, 5);
});
