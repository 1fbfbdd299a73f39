// Imports are resolved within a version track, the missing ones are named, and calls suspend and are cancelled.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callExport, instantiatePlan, linkText } from '../../../test/support/wat.ts';
import { MayflyError, Trap } from '../../errors.ts';
import { ImportDuringInitialization } from '../canon/instance.ts';
import type { HostInterface } from '../types/val-type.ts';
import { HostRegistry } from './host-registry.ts';

type Functions = Record<string, (state: never, ...args: never[]) => unknown>;

function offer(name: string, version: string, functions: Functions, suspends = false): HostInterface {
  const entries = Object.entries(functions).map(([key, call]) => [key, { call, suspends }] as const);
  return { name, version, service: 's', functions: Object.fromEntries(entries), resources: {} };
}

/** Imports test:t/api@<version> with `add: func(a: u32, b: u32) -> u32`, exports `run`, which calls it. */
const adder = (version: string): string => `(component
  (import "test:t/api@${version}" (instance $api (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
  (core func $add (canon lower (func $api "add")))
  (core module $m (import "h" "add" (func $add (param i32 i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $add (local.get 0) (i32.const 1))))
  (core instance $i (instantiate $m (with "h" (instance (export "add" (func $add))))))
  (func (export "run") (param "x" u32) (result u32) (canon lift (core func $i "run"))))`;

const add = (_: never, a: never, b: never): number => (a as number) + (b as number);
const context = { state: () => undefined };

test('a host of 0.2.12 serves guests of the whole track', async () => {
  const registry = new HostRegistry([offer('test:t/api', '0.2.12', { add })]);
  for (const version of ['0.2.0', '0.2.5', '0.2.12']) {
    const instance = instantiatePlan(await linkText(adder(version), registry), { context });
    assert.equal(callExport(instance, 'run', 41), 42);
  }
});

test('a missing interface or function is named, with what there is', async () => {
  const wrongVersion = new HostRegistry([offer('test:t/api', '0.3.0', { add })]);
  await assert.rejects(linkText(adder('0.2.0'), wrongVersion), (error: MayflyError) => {
    assert.equal(error.code, 'component-import-missing');
    assert.match(error.message, /test:t\/api@0\.2\.0/);
    assert.match(error.hint ?? '', /test:t\/api@0\.3\.0/);
    return true;
  });
  const wrongFunction = new HostRegistry([offer('test:t/api', '0.2.0', { subtract: add })]);
  await assert.rejects(linkText(adder('0.2.0'), wrongFunction), /Import "test:t\/api@0\.2\.0 add"/);
});

test('imports refuse to be called without a request, and the import is named', async () => {
  const registry = new HostRegistry([offer('test:t/api', '0.2.0', { add })]);
  const instance = instantiatePlan(await linkText(adder('0.2.0'), registry));
  assert.throws(
    () => callExport(instance, 'run', 1),
    (error: unknown) => {
      assert.ok(error instanceof ImportDuringInitialization);
      assert.equal(error.importName, 'test:t/api@0.2.0 add');
      return true;
    },
  );
});

test('a blocking import suspends the guest, and others run meanwhile', async () => {
  const release = Promise.withResolvers<number>();
  const slow = (_: never, a: never): unknown => ((a as number) === 1 ? release.promise : a);
  const registry = new HostRegistry([offer('test:t/api', '0.2.0', { add: slow }, true)]);
  const plan = await linkText(adder('0.2.0'), registry);
  const waiting = callExport(instantiatePlan(plan, { context }), 'run', 1) as Promise<unknown>;
  assert.equal(await callExport(instantiatePlan(plan, { context }), 'run', 7), 7);
  release.resolve(99);
  assert.equal(await waiting, 99);
});

test('cancelling ends a suspended guest with the reason given, and no import works afterwards', async () => {
  const registry = new HostRegistry([offer('test:t/api', '0.2.0', { add: () => new Promise(() => {}) }, true)]);
  const instance = instantiatePlan(await linkText(adder('0.2.0'), registry), { context });
  const waiting = callExport(instance, 'run', 1) as Promise<unknown>;
  assert.equal(instance.suspended, true);
  instance.cancel(new MayflyError('guest-cancelled', 'gone'));
  await assert.rejects(waiting, /gone/);
  assert.equal(instance.suspended, false);
});

test('what a host function throws ends the guest', async () => {
  const fail = (): never => {
    throw new Trap('no such thing');
  };
  const registry = new HostRegistry([offer('test:t/api', '0.2.0', { add: fail })]);
  const instance = instantiatePlan(await linkText(adder('0.2.0'), registry), { context });
  assert.throws(() => callExport(instance, 'run', 1), /no such thing/);
});

/** `inner` defines a resource with a destructor that counts; `outer` uses it through its handles. */
const resources = `(component
  (component $inner
    (core module $dtor (global $dropped (mut i32) (i32.const 0))
      (func (export "drop") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
      (func (export "dropped") (result i32) (global.get $dropped)))
    (core instance $d (instantiate $dtor))
    (type $thing (resource (rep i32) (dtor (core func $d "drop"))))
    (core func $new (canon resource.new $thing))
    (core module $m (import "h" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "peek") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1000))))
    (core instance $i (instantiate $m (with "h" (instance (export "new" (func $new))))))
    (export $t "thing" (type $thing))
    (func (export "make") (param "rep" u32) (result (own $t)) (canon lift (core func $i "make")))
    (func (export "peek") (param "x" (borrow $t)) (result u32) (canon lift (core func $i "peek")))
    (func (export "dropped") (result u32) (canon lift (core func $d "dropped"))))
  (instance $in (instantiate $inner))
  (component $outer
  (import "in" (instance $in
    (export "thing" (type $t (sub resource)))
    (export "make" (func (param "rep" u32) (result (own $t))))
    (export "peek" (func (param "x" (borrow $t)) (result u32)))))
  (alias export $in "thing" (type $thing))
  (core func $make (canon lower (func $in "make")))
  (core func $peek (canon lower (func $in "peek")))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "h" "make" (func $make (param i32) (result i32)))
    (import "h" "peek" (func $peek (param i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (func (export "round") (param i32) (result i32) (local $h i32) (local $seen i32)
      (local.set $h (call $make (local.get 0)))
      (local.set $seen (call $peek (local.get $h)))
      (call $drop (local.get $h))
      (local.get $seen))
    (func (export "twice") (param i32) (local $h i32)
      (local.set $h (call $make (local.get 0)))
      (call $drop (local.get $h))
      (call $drop (local.get $h)))
    (func (export "leak") (param i32) (result i32) (call $make (local.get 0))))
  (core instance $i (instantiate $m (with "h" (instance
    (export "make" (func $make)) (export "peek" (func $peek)) (export "drop" (func $drop))))))
  (func (export "round") (param "rep" u32) (result u32) (canon lift (core func $i "round")))
  (func (export "twice") (param "rep" u32) (canon lift (core func $i "twice")))
  (func (export "leak") (param "rep" u32) (result u32) (canon lift (core func $i "leak"))))
  (instance $out (instantiate $outer (with "in" (instance $in))))
  (func (export "round") (alias export $out "round"))
  (func (export "twice") (alias export $out "twice"))
  (func (export "leak") (alias export $out "leak"))
  (export "inner" (instance $in)))`;

test('resources cross between composed components, and their destructor runs once', async () => {
  const instance = instantiatePlan(await linkText(resources));
  assert.equal(callExport(instance, 'round', 5), 1005);
  assert.equal(callExport(instance, 'inner#dropped'), 5);
  assert.equal(callExport(instance, 'round', 7), 1007);
  assert.equal(callExport(instance, 'inner#dropped'), 12);
  assert.throws(() => callExport(instance, 'twice', 1), /Unknown handle index/);
});

test('a handle that is left behind is seen, and a reset of the host side removes it', async () => {
  const instance = instantiatePlan(await linkText(resources));
  const live = (): number => instance.components.reduce((sum, { handles }) => sum + handles.live, 0);
  assert.equal(callExport(instance, 'leak', 5), 1);
  assert.equal(live(), 1);
  instance.resetHostSide();
  assert.equal(live(), 0);
});

test('the limit of handles traps and is named', async () => {
  const instance = instantiatePlan(await linkText(resources), { handleLimit: 3 });
  for (let index = 0; index < 3; index++) callExport(instance, 'leak', index);
  assert.throws(() => callExport(instance, 'leak', 9), /Limit reached: handles \(3\)/);
});

test('after a trap the component instance cannot be entered any more', async () => {
  const instance = instantiatePlan(await linkText(resources));
  assert.throws(() => callExport(instance, 'twice', 1));
  assert.throws(() => callExport(instance, 'round', 1), /Cannot enter component instance/);
});

test('a guest cannot catch what the host throws, nor a cancellation', async () => {
  const catching = adder('0.2.0').replace(
    '(func (export "run") (param i32) (result i32) (call $add (local.get 0) (i32.const 1)))',
    `(func (export "run") (param i32) (result i32)
      (block (try_table (catch_all 0) (drop (call $add (local.get 0) (i32.const 1)))))
      (i32.const 77))`,
  );
  const fail = (): never => {
    throw new Trap('no such thing');
  };
  const failing = new HostRegistry([offer('test:t/api', '0.2.0', { add: fail })]);
  const instance = instantiatePlan(await linkText(catching, failing), { context });
  assert.throws(() => callExport(instance, 'run', 1), /no such thing/);
  const waiting = new HostRegistry([offer('test:t/api', '0.2.0', { add: () => new Promise(() => {}) }, true)]);
  const suspended = instantiatePlan(await linkText(catching, waiting), { context });
  const call = callExport(suspended, 'run', 1) as Promise<unknown>;
  suspended.cancel(new Trap('gone'));
  await assert.rejects(call, /gone/);
});

test('a host function under another type than the host has is refused', async () => {
  const signatures = { add: 'func(u32, string) -> u32' };
  const registry = new HostRegistry([{ ...offer('test:t/api', '0.2.0', { add }), signatures }]);
  await assert.rejects(linkText(adder('0.2.0'), registry), (error: MayflyError) => {
    assert.equal(error.code, 'component-import-type');
    assert.match(error.message, /declared as func\(u32, u32\) -> u32/);
    return true;
  });
});

test('interfaces of different names may have one implementation of a resource between them', async () => {
  const thing = { name: 'thing' };
  const offers = ['test:one/api', 'test:two/api'].map((name) => ({
    ...offer(name, '1.0.0', { '[static]thing.open': () => ({}) }),
    resources: { thing },
    signatures: { '[static]thing.open': `func() -> own<${name}/thing>` },
  }));
  const imported = (name: string): string => `(import "${name}@1.0.0" (instance
    (export "thing" (type $thing (sub resource))) (export "[static]thing.open" (func (result (own $thing))))))`;
  const registry = new HostRegistry(offers);
  for (const names of [['test:one/api'], ['test:two/api'], ['test:one/api', 'test:two/api']]) {
    const plan = await linkText(`(component ${names.map(imported).join('')})`, registry);
    assert.deepEqual(
      plan.imports,
      names.map((name) => `${name}@1.0.0`),
    );
  }
});

test('each export calls its own function, in the order of the component', async () => {
  const constant = (name: string, value: number): string =>
    `(func (export "${name}") (result i32) (i32.const ${value}))`;
  const lift = (name: string): string => `(func (export "${name}") (result u32) (canon lift (core func $i "${name}")))`;
  const plan = await linkText(
    `(component (core module $m ${constant('one', 1)} ${constant('two', 2)} ${constant('three', 3)})
      (core instance $i (instantiate $m)) ${lift('two')} ${lift('one')} ${lift('three')})`,
  );
  assert.deepEqual(
    plan.lifted.map(({ index }) => index),
    [0, 1, 2],
  );
  const instance = instantiatePlan(plan);
  assert.deepEqual(
    [callExport(instance, 'one'), callExport(instance, 'two'), callExport(instance, 'three')],
    [1, 2, 3],
  );
});
