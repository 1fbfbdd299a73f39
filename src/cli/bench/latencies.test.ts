// The histogram of latencies against sorting the same values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../test/support/random.ts';
import { Latencies } from './latencies.ts';

const MOST_OFF = 1 / 128;
const shares = [0, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 1];

function exact(sorted: readonly number[], share: number): number {
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] as number;
}

test('percentiles are what sorting gives, to one part in 128, from microseconds to an hour', () => {
  const random = seeded(7);
  for (const magnitude of [200, 5_000, 1_000_000, 3_600_000_000]) {
    const values = Array.from({ length: 5_000 }, () => random.int(magnitude));
    const latencies = new Latencies();
    for (const value of values) latencies.record(value);
    values.sort((a, b) => a - b);
    for (const share of shares) {
      const wanted = exact(values, share);
      const found = latencies.percentile(share);
      assert.ok(Math.abs(found - wanted) <= wanted * MOST_OFF, `${share} below ${magnitude}: ${found}, not ${wanted}`);
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    assert.ok(Math.abs(latencies.mean - mean) <= mean * MOST_OFF);
  }
});

test('small values are exact, and what is out of range counts as the nearest', () => {
  const latencies = new Latencies();
  for (const value of [0.4, 1, 255]) latencies.record(value);
  assert.deepEqual(latencies.buckets, [
    [0, 1],
    [1, 1],
    [255, 1],
  ]);
  const out = new Latencies();
  out.record(-3);
  out.record(1e12);
  assert.equal(out.total, 2);
  assert.equal(out.percentile(0), 0);
  assert.ok(Math.abs(out.percentile(1) - 3.6e9) < 3.6e9 * MOST_OFF);
});

test('sums of several are as one that got all of their values', () => {
  const random = seeded(3);
  const [all, one, other] = [new Latencies(), new Latencies(), new Latencies()];
  for (let number = 0; number < 1_000; number++) {
    const value = random.int(80_000);
    all.record(value);
    (number % 3 ? one : other).record(value);
  }
  one.add(other.buckets);
  assert.deepEqual(one.buckets, all.buckets);
  assert.equal(one.total, 1_000);
  assert.throws(() => one.add([[1e9, 1]]), { code: 'internal' });
});

test('ranges have every value once, in limits that grow by one ratio', () => {
  const random = seeded(5);
  const latencies = new Latencies();
  for (let number = 0; number < 2_000; number++) latencies.record(100 + random.int(20) ** 3);
  const ranges = latencies.ranges(12);
  assert.equal(ranges.length, 12);
  assert.equal(
    ranges.reduce((sum, { count }) => sum + count, 0),
    2_000,
  );
  for (const [index, { from }] of ranges.entries()) {
    if (index > 0) assert.ok(Math.abs(from - ranges[index - 1]!.to) < 1e-6 * from);
  }
  assert.deepEqual([new Latencies().ranges(5), new Latencies().percentile(0.5), new Latencies().mean], [[], 0, 0]);
});

test('one value alone has a range of its own', () => {
  const latencies = new Latencies();
  latencies.record(40);
  assert.equal(latencies.ranges(4)[0]?.count, 1);
});
