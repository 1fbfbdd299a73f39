// Which functions check at their entry, function by function: sizes and calls are the test's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeLayout } from './core-module.ts';
import { functionsToCheck } from './entry-checks.ts';
import { noCode } from './read-code.ts';

interface Fn {
  /** Of its body. */
  readonly bytes: number;
  readonly calls?: readonly number[];
  /** It calls an import, or through a table. */
  readonly out?: boolean;
}

/** Between the start of an entry and its body. */
const SIZE_BYTES = 3;

function checks(...functions: readonly Fn[]): number[] {
  let at = 100;
  const entries: number[] = [];
  const bodies: number[] = [];
  const callees: number[] = [];
  const calleeEnds: number[] = [];
  for (const { bytes, calls = [] } of functions) {
    entries.push(at);
    bodies.push(at + SIZE_BYTES);
    at += SIZE_BYTES + bytes;
    callees.push(...calls);
    calleeEnds.push(callees.length);
  }
  const code: CodeLayout = {
    ...noCode,
    entries: Uint32Array.from(entries),
    bodies: Uint32Array.from(bodies),
    callsOut: Uint8Array.from(functions, ({ out }) => Number(out ?? false)),
    callees: Uint32Array.from(callees),
    calleeEnds: Uint32Array.from(calleeEnds),
  };
  return [...functionsToCheck(code, at)];
}

const SHORT = 16_384;
const LONG = 4_194_304;

test('what calls nothing ends by itself, however long it is', () => {
  assert.deepEqual(checks({ bytes: 1 }, { bytes: 100 * LONG }), [0, 0]);
});

test('what calls out checks: it may come back', () => {
  assert.deepEqual(checks({ bytes: 1, out: true }, { bytes: 1, calls: [0] }), [1, 1]);
});

test('what calls itself checks, and so do those that call each other', () => {
  assert.deepEqual(checks({ bytes: 1, calls: [0] }), [1]);
  assert.deepEqual(checks({ bytes: 1, calls: [1] }, { bytes: 1, calls: [2] }, { bytes: 1, calls: [0] }), [1, 1, 1]);
});

test('a function is short with all that it calls, each call counted, up to 16 KiB', () => {
  assert.deepEqual(checks({ bytes: 100 }, { bytes: SHORT - 100, calls: [0] }), [0, 0]);
  assert.deepEqual(checks({ bytes: 100 }, { bytes: SHORT - 99, calls: [0] }), [0, 1]);
  assert.deepEqual(checks({ bytes: 100 }, { bytes: SHORT - 200, calls: [0, 0] }), [0, 0]);
  assert.deepEqual(checks({ bytes: 100 }, { bytes: SHORT - 199, calls: [0, 0] }), [0, 1]);
});

test('the order in which functions stand makes no difference for a few levels of calls', () => {
  assert.deepEqual(checks({ bytes: 10, calls: [1] }, { bytes: 10, calls: [2] }, { bytes: 10 }), [0, 0, 0]);
  const chain = (depth: number): number[] =>
    checks(
      ...Array.from({ length: depth }, (_, index) => ({ bytes: 10, calls: index < depth - 1 ? [index + 1] : [] })),
    );
  assert.deepEqual(chain(4), [0, 0, 0, 0]);
  // Deeper than the sweeps: the outermost check, which is on the safe side.
  assert.deepEqual(chain(6), [1, 1, 0, 0, 0, 0]);
});

test('a straight line of calls of functions that are long in sum: they check, whoever calls them', () => {
  const long = { bytes: LONG / 4 };
  assert.deepEqual(checks(long, { bytes: 10, calls: [0, 0, 0, 0] }), [0, 1]);
  assert.deepEqual(checks(long, { bytes: 10, calls: [0, 0, 0, 0, 0] }), [1, 1]);
  const two = { bytes: LONG / 2 };
  assert.deepEqual(checks(two, two, { bytes: 10, calls: [0, 1] }), [0, 0, 1]);
  assert.deepEqual(checks(two, { bytes: LONG / 2 + 1 }, { bytes: 10, calls: [0, 1] }), [1, 1, 1]);
});

test('of a long line those that check anyway do not count', () => {
  const out = { bytes: LONG, out: true };
  assert.deepEqual(checks({ bytes: 100 }, out, { bytes: 10, calls: [0, 1, 1, 1] }), [0, 1, 1]);
});

test('each function has its own callees', () => {
  const functions: Fn[] = [
    { bytes: 10 },
    { bytes: 10, out: true },
    { bytes: 10, calls: [0] },
    { bytes: 10, calls: [1] },
  ];
  assert.deepEqual(checks(...functions, { bytes: 10, calls: [2, 0] }, { bytes: 10 }), [0, 1, 0, 1, 0, 0]);
});

test('the first function breaks its long line as the others do', () => {
  assert.deepEqual(checks({ bytes: 10, calls: [1, 1, 1, 1, 1] }, { bytes: LONG / 4 }), [1, 1]);
});
