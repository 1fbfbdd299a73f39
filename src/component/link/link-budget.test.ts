// Small components that are made of a lot: what linking may take is bounded, and each bound is named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callExport, instantiatePlan, linkText } from '../../../test/support/wat.ts';
import type { Plan } from '../canon/plan.ts';
import { linkLimits } from './link-budget.ts';

const overLimit = (limit: string): RegExp => new RegExp(`Limit reached: ${limit} \\(`);

async function refused(text: string, limit: string): Promise<void> {
  await assert.rejects(linkText(text), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'component-over-limit');
    assert.match(error.message, overLimit(limit));
    return true;
  });
}

const repeat = (count: number, text: string | ((index: number) => string)): string =>
  Array.from({ length: count }, (_, index) => (typeof text === 'string' ? text : text(index))).join(' ');

/** Each level instantiates the one before twice. */
function doubling(levels: number, innermost: string): string {
  const level = (index: number): string => `(component $c${index + 1}
    (alias outer 1 $c${index} (component $p)) (instance (instantiate $p)) (instance (instantiate $p)))`;
  return `(component (component $c0 ${innermost}) ${repeat(levels, level)} (instance (instantiate $c${levels})))`;
}

test('component instances that double with each level end at a limit', async () => {
  await refused(doubling(40, ''), 'component instances');
  assert.equal((await linkText(doubling(8, ''))).instances.length, 2 ** 9);
});

test('so do core instances, wherever they stand', async () => {
  const four = '(core module $m (func)) (core instance (instantiate $m)) (core instance (instantiate $m))';
  await refused(doubling(9, `${four} (core instance (instantiate $m))`), 'core instances');
  const most = linkLimits['core instances'];
  const flat = (count: number): string =>
    `(component (core module $m (func)) ${repeat(count, '(core instance (instantiate $m))')})`;
  assert.equal((await linkText(flat(most))).steps.length, most);
  await refused(flat(most + 1), 'core instances');
});

test('the limits hold for the number that they name, and not for one more', async () => {
  const most = linkLimits['core modules'];
  assert.equal((await linkText(`(component ${repeat(most, '(core module)')})`)).modules.length, most);
  await refused(`(component ${repeat(most + 1, '(core module)')})`, 'core modules');
  const instances = (count: number): string =>
    `(component (component $c) ${repeat(count, '(instance (instantiate $c))')})`;
  await linkText(instances(linkLimits['component instances'] - 1));
  await refused(instances(linkLimits['component instances']), 'component instances');
});

test('definitions count as often as their component is instantiated, with their parts', async () => {
  const many = repeat(1200, '(type (list u8))');
  await refused(`(component (component $c ${many}) ${repeat(900, '(instance (instantiate $c))')})`, 'linking steps');
  const record = `(type (record ${repeat(1200, (index) => `(field "f${index}" u8)`)}))`;
  await refused(`(component (component $c ${record}) ${repeat(900, '(instance (instantiate $c))')})`, 'linking steps');
  const exports = repeat(1200, (index) => `(export "e${index}" (func $f))`);
  const inline = `(core module $m (func (export "f"))) (core instance $m (instantiate $m))
    (core func $f (alias core export $m "f")) (core instance ${exports})`;
  await refused(`(component (component $c ${inline}) ${repeat(900, '(instance (instantiate $c))')})`, 'linking steps');
});

test('a type of shared parts counts with all of them where a function of it is lowered', async () => {
  const types = `(type $t0 (result u8 (error u8))) ${repeat(11, (index) => `(type $t${index + 1} (result $t${index} (error $t${index})))`)}`;
  const text = (count: number): string => `(component ${types}
    (core module $k (func (export "f") (param ${repeat(13, 'i32')})))
    (core instance $k (instantiate $k))
    (func $f (param "x" $t11) (canon lift (core func $k "f")))
    (component $c ${types} (import "f" (func $f (param "x" $t11))) ${repeat(count, '(core func (canon lower (func $f)))')})
    (instance (instantiate $c (with "f" (func $f)))))`;
  await linkText(text(20));
  await refused(text(400), 'linking steps');
});

test('instances that are exported under two names at each level are planned once', async () => {
  const level = (index: number): string => `(component $c${index + 1} (alias outer 1 $c${index} (component $p))
    (instance $a (instantiate $p)) (export "a" (instance $a)) (export "b" (instance $a)))`;
  const plan: Plan = await linkText(`(component
    (component $c0 (core module $m (func (export "f") (result i32) (i32.const 7))) (core instance $i (instantiate $m))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))
    ${repeat(60, level)} (instance $z (instantiate $c60)) (export "z" (instance $z)))`);
  let exports = plan.exports;
  for (const name of ['z', ...Array.from({ length: 60 }, (_, index) => (index % 2 ? 'a' : 'b'))]) {
    const found = exports.get(name);
    assert.equal(found?.kind, 'instance');
    if (found?.kind === 'instance') exports = found.exports;
  }
  const inner = { ...plan, exports };
  assert.equal(callExport(instantiatePlan(inner), 'f'), 7);
});
