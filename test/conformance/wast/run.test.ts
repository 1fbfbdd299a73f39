// A .wast file runs against an engine, and each assertion that does not hold says what came instead.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayflyEngine } from '../mayfly-engine.ts';
import { readDirectives } from './directives.ts';
import { newState, runDirective } from './run.ts';

async function statuses(source: string): Promise<string[]> {
  const state = newState('x.wast', mayflyEngine());
  const result: string[] = [];
  for (const directive of readDirectives(source)) {
    const outcome = await runDirective(state, directive);
    result.push(outcome.status === 'passed' ? 'passed' : outcome.reason);
  }
  return result;
}

const ADDER = `(component $adder
  (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "die") unreachable))
  (core instance $i (instantiate $m))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (func (export "die") (canon lift (core func $i "die"))))`;

test('runs components and compares what they return', async () => {
  const calls =
    '(assert_return (invoke "add" (u32.const 2) (u32.const 3)) (u32.const 5)) (assert_trap (invoke "die") "unreachable")';
  assert.deepEqual(await statuses(`${ADDER} ${calls}`), ['passed', 'passed', 'passed']);
});

test('says what came instead', async () => {
  const [, wrong, alive] = await statuses(
    `${ADDER} (assert_return (invoke "add" (u32.const 2) (u32.const 3)) (u32.const 6))
     (assert_trap (invoke "add" (u32.const 1) (u32.const 1)) "boom")`,
  );
  assert.equal(wrong, 'Expected 6, got 5');
  assert.equal(alive, 'Expected a trap: boom');
});

test('`unreachable` does not pass for another trap', async () => {
  const [, outcome] = await statuses(`${ADDER} (assert_trap (invoke "die") "unaligned pointer")`);
  assert.match(outcome ?? '', /unreachable.*unaligned pointer/);
});

test('an invalid component that is accepted fails, and a valid one that is refused', async () => {
  assert.deepEqual(await statuses('(assert_invalid (component) "why") (component (type (list 9)))'), [
    'Accepted, but: why',
    'component-corrupt: Unknown type 9: index out of bounds (at offset 11)',
  ]);
  assert.deepEqual(await statuses('(assert_invalid (component (type (list 9))) "")'), ['passed']);
});

test('what follows a component that could not be made says why', async () => {
  const [, call] = await statuses('(component (import "x" (func))) (invoke "f")');
  assert.match(call ?? '', /^No instance: component-import-missing/);
});
