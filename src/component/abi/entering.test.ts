// Which component instances a call enters, and when it may not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComponentState } from './context.ts';
import { enterFrom, leave, mayEnterFrom } from './entering.ts';
import { HandleTable } from './handles.ts';

function component(parent?: ComponentState): ComponentState {
  return { handles: new HandleTable(), parent, index: 0, mayEnter: true, mayLeave: true };
}

/** A root with two children, one of which has a child. */
function family(): Record<'root' | 'left' | 'right' | 'inner', ComponentState> {
  const root = component();
  const left = component(root);
  return { root, left, right: component(root), inner: component(left) };
}

test('the host enters the callee and all that it is part of', () => {
  const { root, left, right, inner } = family();
  assert.deepEqual(enterFrom(inner, undefined), [inner, left, root]);
  assert.deepEqual(
    [root, left, right, inner].map(({ mayEnter }) => mayEnter),
    [false, false, true, false],
  );
});

test('a component enters what it is not part of itself', () => {
  const { root, left, right, inner } = family();
  assert.deepEqual(enterFrom(inner, right), [inner, left]);
  leave([inner, left]);
  assert.deepEqual(enterFrom(right, inner), [right]);
  leave([right]);
  assert.deepEqual(enterFrom(inner, root), [inner, left]);
  leave([inner, left]);
  assert.deepEqual([enterFrom(root, inner), enterFrom(left, left)], [[], []]);
});

test('who is entered is not entered again, whether itself or something that it is part of', () => {
  for (const entered of ['inner', 'left', 'root'] as const) {
    const all = family();
    all[entered].mayEnter = false;
    assert.equal(mayEnterFrom(all.inner, undefined), false, entered);
    assert.throws(() => enterFrom(all.inner, undefined), /Cannot enter component instance/, entered);
    const others = Object.entries(all).filter(([name]) => name !== entered);
    assert.ok(
      others.every(([, { mayEnter }]) => mayEnter),
      'nobody else is marked',
    );
  }
});

test('asking tells what entering would do, and marks nothing', () => {
  const { root, left, right, inner } = family();
  assert.equal(mayEnterFrom(inner, undefined), true);
  assert.equal(root.mayEnter && left.mayEnter && inner.mayEnter, true);
  root.mayEnter = false;
  assert.equal(mayEnterFrom(inner, right), true, 'the caller is part of the root, too');
  left.mayEnter = false;
  assert.equal(mayEnterFrom(inner, right), false);
  assert.equal(mayEnterFrom(inner, left), true);
});

test('what was entered may be entered again after it was left', () => {
  const { inner } = family();
  leave(enterFrom(inner, undefined));
  assert.equal(enterFrom(inner, undefined).length, 3);
});
