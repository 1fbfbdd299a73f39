// Who may be suspended: whoever calls what may wait, over any number of components, in whatever order they stand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiftedFunction, Trampoline } from '../canon/plan.ts';
import type { HostFunction } from '../types/val-type.ts';
import { findSuspending } from './suspends.ts';

const waits: HostFunction = { call: () => undefined, suspends: true };
const answers: HostFunction = { call: () => undefined, suspends: false };
const lifted = (owner: number): LiftedFunction =>
  ({ index: 0, owner, core: undefined, type: undefined, options: undefined }) as unknown as LiftedFunction;

const trampoline = (owner: number, callee: Trampoline['callee'], blocks = false): Trampoline => ({
  name: 'x',
  owner,
  callee,
  blocks,
  make: () => () => undefined,
});

test('calls of the host: where it may wait', () => {
  const { suspends, mayWait } = findSuspending(3, [
    trampoline(0, answers),
    trampoline(2, waits),
    trampoline(0, undefined),
  ]);
  assert.deepEqual(suspends, [false, false, true]);
  assert.deepEqual(mayWait, [false, true, false]);
});

test('built-ins that wait by themselves', () => {
  assert.deepEqual(findSuspending(2, [trampoline(1, undefined, true)]), { suspends: [false, true], mayWait: [true] });
});

test('a chain of components, the one that waits last', () => {
  const chain = [trampoline(0, lifted(1)), trampoline(1, lifted(2)), trampoline(2, lifted(3)), trampoline(3, waits)];
  for (const order of [chain, chain.toReversed()]) {
    const { suspends, mayWait } = findSuspending(5, order);
    assert.deepEqual(suspends, [true, true, true, true, false]);
    assert.deepEqual(mayWait, [true, true, true, true]);
  }
  assert.deepEqual(findSuspending(2, [trampoline(0, lifted(1))]).suspends, [false, false]);
});

test('dropping a resource waits when its destructor may', () => {
  const resource = (destructor: object | undefined): Trampoline['callee'] =>
    ({ name: 'r', definedBy: 1, destructor }) as Trampoline['callee'];
  const waiting = trampoline(1, waits);
  const drops = (destructor: object | undefined): boolean =>
    findSuspending(2, [trampoline(0, resource(destructor)), waiting]).mayWait[0] === true;
  assert.equal(drops({}), true);
  assert.equal(drops(undefined), false);
  const hostResource = { name: 'r', host: { name: 'r' } } as Trampoline['callee'];
  assert.deepEqual(findSuspending(2, [trampoline(0, hostResource), waiting]).mayWait, [false, true]);
});
