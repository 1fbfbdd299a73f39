// Random bytes and numbers are as many as were asked for, differ each time, and are bounded in each version.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from '../../../errors.ts';
import { interfaces20231018 } from '../release-candidates/2023-10-18.ts';
import { interfaces20231110 } from '../release-candidates/2023-11-10.ts';
import { RC_2026_03_15, sameIn } from '../release-candidates/versions.ts';
import { caller } from '../wasi.test-kit.ts';
import { randomInterfaces } from './bindings-0.2.ts';
import { randomInterfaces03 } from './bindings-0.3.ts';
import { fillRandom } from './random.ts';

const call = caller(randomInterfaces, undefined);

test('gives as many bytes as asked for, no two draws alike', () => {
  for (const [name, func] of [
    ['random', 'get-random-bytes'],
    ['insecure', 'get-insecure-random-bytes'],
  ] as const) {
    const seen = new Set<string>();
    for (const size of [16, 512, 513, 4096, 100_000]) {
      for (let count = 0; count < 20; count++) {
        const bytes = call(`wasi:random/${name}`, func, BigInt(size)) as Uint8Array;
        assert.equal(bytes.length, size);
        seen.add(Buffer.from(bytes).toString('latin1'));
      }
    }
    assert.equal(seen.size, 100);
    assert.equal((call(`wasi:random/${name}`, func, 0n) as Uint8Array).length, 0);
  }
});

test('what was given out is not touched by later draws', () => {
  const bytes = call('wasi:random/random', 'get-random-bytes', 32n) as Uint8Array;
  const copy = bytes.slice();
  for (let count = 0; count < 2000; count++) call('wasi:random/random', 'get-random-u64');
  assert.deepEqual(bytes, copy);
});

test('numbers have 64 bits and differ', () => {
  const draws = Array.from({ length: 2000 }, () => call('wasi:random/random', 'get-random-u64') as bigint);
  assert.equal(new Set(draws).size, 2000);
  assert.equal(
    draws.reduce((all, draw) => all | draw),
    0xffff_ffff_ffff_ffffn,
  );
  const [a, b] = call('wasi:random/insecure-seed', 'insecure-seed') as [bigint, bigint];
  assert.notEqual(a, b);
});

const MiB = 1024 * 1024;
const isReached = (error: unknown): boolean =>
  error instanceof Trap && /^Limit reached: random bytes of one call \(67108864\)/.test(error.message);

/** Not only zeros, from the first byte to the last. */
function assertFilled(bytes: Uint8Array): void {
  for (const part of [bytes.subarray(0, 64), bytes.subarray(-64)]) assert.ok(part.some((byte) => byte !== 0));
}

for (const [version, interfaces] of [
  ['0.2', randomInterfaces],
  ['0.2.0-rc-2023-11-10', interfaces20231110],
  ['0.2.0-rc-2023-10-18', interfaces20231018],
] as const) {
  for (const [name, func] of [
    ['random', 'get-random-bytes'],
    ['insecure', 'get-insecure-random-bytes'],
  ] as const) {
    test(`${version}, ${func}: 64 MiB in one call and not a byte more`, () => {
      const draw = caller(interfaces, undefined);
      for (const size of [5 * MiB, 64 * MiB]) {
        const bytes = draw(`wasi:random/${name}`, func, BigInt(size)) as Uint8Array;
        assert.equal(bytes.length, size);
        assertFilled(bytes);
      }
      for (const size of [64n * BigInt(MiB) + 1n, 0xffff_ffff_ffff_ffffn]) {
        assert.throws(() => draw(`wasi:random/${name}`, func, size), isReached);
      }
    });
  }
}

for (const [version, interfaces] of [
  ['0.3', randomInterfaces03],
  ['0.3.0-rc-2026-03-15', randomInterfaces03.map((one) => sameIn(one, RC_2026_03_15))],
] as const) {
  test(`${version}: as much as is wanted up to 64 MiB, then those`, () => {
    const draw = caller(interfaces, {});
    for (const [wanted, given] of [
      [5 * MiB, 5 * MiB],
      [64 * MiB + 1, 64 * MiB],
    ] as const) {
      for (const [name, func] of [
        ['random', 'get-random-bytes'],
        ['insecure', 'get-insecure-random-bytes'],
      ] as const) {
        const bytes = draw(`wasi:random/${name}`, func, BigInt(wanted)) as Uint8Array;
        assert.equal(bytes.length, given);
        assertFilled(bytes);
      }
    }
  });
}

test('preview1: what lies in the memory is filled in place, up to the same limit', () => {
  const bytes = new Uint8Array(64 * MiB + 1);
  fillRandom(bytes.subarray(1));
  assertFilled(bytes.subarray(1));
  assert.throws(() => fillRandom(bytes), isReached);
});
