import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from '../../../errors.ts';
import { caller } from '../test-support.ts';
import { randomInterfaces } from './bindings-0.2.ts';

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

test('a length that would hold the thread traps', () => {
  assert.throws(() => call('wasi:random/random', 'get-random-bytes', 0xffff_ffff_ffff_ffffn), Trap);
});
