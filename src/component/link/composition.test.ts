// Several components are linked as one: which imports a dependency fulfils, whose host functions each of them calls, and
// what does not fit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, callExport, instantiatePlan } from '../../../test/support/wat.ts';
import { MayflyError } from '../../errors.ts';
import type { Component } from '../binary/ast.ts';
import { decodeComponent } from '../binary/decode.ts';
import type { Instance } from '../canon/instance.ts';
import { readCoreModule } from '../rewrite/read-core-module.ts';
import type { HostInterface } from '../types/val-type.ts';
import { validateComponent } from '../validate/validate.ts';
import { type Composition, type JoinedDependency, matchesImport, type Part } from './composition.ts';
import { HostRegistry } from './host-registry.ts';
import { linkComposition } from './link.ts';

/** `test:host/who` gives the state, which here is the number of the configuration. */
const who: HostInterface = {
  name: 'test:host/who',
  version: undefined,
  service: 'who',
  resources: {},
  functions: { me: { call: (state: number) => state, suspends: false } },
};

const importsWho = '(import "test:host/who" (instance $who (export "me" (func (result u32)))))';

/** Exports an instance whose `get` adds `more` to the number of the configuration under which it calls the host. */
const dependency = (name: string, more: number): string => `(component ${importsWho}
  (core func $me (canon lower (func $who "me")))
  (core module $m (import "h" "me" (func $me (result i32)))
    (func (export "get") (result i32) (i32.add (call $me) (i32.const ${more}))))
  (core instance $i (instantiate $m (with "h" (instance (export "me" (func $me))))))
  (func $get (result u32) (canon lift (core func $i "get")))
  (instance $out (export "get" (func $get)))
  (export "${name}" (instance $out)))`;

/** Imports \`get\` of these names; \`sum\` adds what they give, and 1000 times its own configuration. */
const dependent = (names: readonly string[]): string => `(component ${importsWho}
  ${names.map((name, at) => `(import "${name}" (instance $d${at} (export "get" (func (result u32)))))`).join('\n')}
  (core func $me (canon lower (func $who "me")))
  ${names.map((_, at) => `(core func $c${at} (canon lower (func $d${at} "get")))`).join('\n')}
  (core module $m (import "h" "me" (func $me (result i32)))
    ${names.map((_, at) => `(import "h" "c${at}" (func $c${at} (result i32)))`).join('\n')}
    (func (export "sum") (result i32) (i32.mul (call $me) (i32.const 1000))
      ${names.map((_, at) => `(i32.add (call $c${at}))`).join(' ')}))
  (core instance $i (instantiate $m (with "h" (instance (export "me" (func $me))
    ${names.map((_, at) => `(export "c${at}" (func $c${at}))`).join(' ')}))))
  (func (export "sum") (result u32) (canon lift (core func $i "sum"))))`;

const partOf = (component: Component): Part => ({ kind: 'component', component });

async function link(main: string, joined: readonly string[], composition: Composition): Promise<Instance> {
  const decoded = await Promise.all(
    [main, ...joined].map(async (text) => {
      const component = decodeComponent(await assemble(text));
      validateComponent(component);
      return component;
    }),
  );
  const [first, ...rest] = decoded;
  const plan = linkComposition(partOf(first!), rest.map(partOf), composition, {
    host: new HostRegistry([who]),
    moduleImports: (bytes) => readCoreModule(bytes).imports,
  });
  return instantiatePlan(plan, { context: { state: (slot: number) => plan.configurations?.[slot] } });
}

const dependencies = (...all: readonly (Partial<JoinedDependency> & { name: string })[]): Composition => ({
  dependencies: all.map((one) => ({ export: undefined, configuration: 0, ...one })),
  middleware: [],
});

test('each part calls the host under its own configuration, and those of one configuration share a slot', async () => {
  const names = ['test:d/one', 'test:d/two', 'test:e/three'];
  const instance = await link(
    dependent(names),
    names.map((name, at) => dependency(name, 100 * (at + 1))),
    dependencies(
      { name: 'test:d/one', configuration: 1 },
      { name: 'test:d/two', configuration: 2 },
      { name: 'test:e', configuration: 1 },
    ),
  );
  assert.equal(callExport(instance, 'sum'), 0 + 101 + 202 + 301);
  assert.deepEqual(instance.plan.services, ['who', 'who', 'who']);
  assert.deepEqual(instance.plan.configurations, [1, 2, 0]);
  assert.deepEqual(instance.plan.imports, ['test:host/who']);
});

test('one dependency fulfils several imports, by its package, by an export of another name, in another version', async () => {
  const twice = dependency('test:d/one', 5).replace(
    '(export "test:d/one"',
    '(export "test:d/two" (instance $out)) (export "test:d/one"',
  );
  assert.equal(
    callExport(await link(dependent(['test:d/one', 'test:d/two']), [twice], dependencies({ name: 'test:d' })), 'sum'),
    10,
  );
  const renamed = await link(
    dependent(['test:d/one']),
    [dependency('my:own/thing', 7)],
    dependencies({ name: 'test:d/one', export: 'my:own/thing' }),
  );
  assert.equal(callExport(renamed, 'sum'), 7);
  const newer = await link(
    dependent(['test:d/one@1.0.0']),
    [dependency('test:d/one@1.2.0', 9)],
    dependencies({ name: 'test:d/one' }),
  );
  assert.equal(callExport(newer, 'sum'), 9);
});

test('a resource of a dependency belongs to both: handles cross, and its destructor runs', async () => {
  const owner = `(component
    (core module $m (global $last (mut i32) (i32.const 0))
      (func (export "dtor") (param i32) (global.set $last (local.get 0)))
      (func (export "last") (result i32) (global.get $last)))
    (core instance $i (instantiate $m))
    (type $thing (resource (rep i32) (dtor (core func $i "dtor"))))
    (core func $new (canon resource.new $thing))
    (core module $n (import "h" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "value") (param i32) (result i32) (local.get 0)))
    (core instance $j (instantiate $n (with "h" (instance (export "new" (func $new))))))
    (export $t "thing" (type $thing))
    (func $make (param "of" u32) (result (own $t)) (canon lift (core func $j "make")))
    (func $value (param "self" (borrow $t)) (result u32) (canon lift (core func $j "value")))
    (func $last (result u32) (canon lift (core func $i "last")))
    (component $shim (import "t" (type $t (sub resource)))
      (import "make" (func $make (param "of" u32) (result (own $t))))
      (import "value" (func $value (param "self" (borrow $t)) (result u32)))
      (import "last" (func $last (result u32)))
      (export $x "thing" (type $t))
      (export "make" (func $make) (func (param "of" u32) (result (own $x))))
      (export "value" (func $value) (func (param "self" (borrow $x)) (result u32)))
      (export "last" (func $last)))
    (instance $out (instantiate $shim (with "t" (type $t)) (with "make" (func $make)) (with "value" (func $value)) (with "last" (func $last))))
    (export "test:d/things" (instance $out)))`;
  const user = `(component
    (import "test:d/things" (instance $d (export "thing" (type $t (sub resource)))
      (export "make" (func (param "of" u32) (result (own $t))))
      (export "value" (func (param "self" (borrow $t)) (result u32)))
      (export "last" (func (result u32)))))
    (alias export $d "thing" (type $t))
    (core func $make (canon lower (func $d "make")))
    (core func $value (canon lower (func $d "value")))
    (core func $last (canon lower (func $d "last")))
    (core func $drop (canon resource.drop $t))
    (core module $m (import "h" "make" (func $make (param i32) (result i32)))
      (import "h" "value" (func $value (param i32) (result i32)))
      (import "h" "last" (func $last (result i32)))
      (import "h" "drop" (func $drop (param i32)))
      (func (export "run") (result i32) (local $handle i32)
        (local.set $handle (call $make (i32.const 20)))
        (call $value (local.get $handle))
        (call $drop (local.get $handle))
        (i32.add (i32.mul (call $last) (i32.const 100)))))
    (core instance $i (instantiate $m (with "h" (instance (export "make" (func $make)) (export "value" (func $value))
      (export "last" (func $last)) (export "drop" (func $drop))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))`;
  const instance = await link(user, [owner], dependencies({ name: 'test:d/things' }));
  assert.equal(callExport(instance, 'run'), 20 + 2000);
});

test('what does not fit is refused', async () => {
  const refused = async (code: string, message: RegExp, ...args: Parameters<typeof link>): Promise<void> =>
    assert.rejects(link(...args), (error: unknown) => {
      assert.ok(error instanceof MayflyError, String(error));
      assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
      return true;
    });
  const [main, one] = [dependent(['test:d/one']), dependency('test:d/one', 1)];
  await refused('component-dependency', /"test:x" fulfils no import/, main, [one], dependencies({ name: 'test:x' }));
  await refused(
    'component-dependency',
    /"test:d\/one" and "test:d" both fulfil the import "test:d\/one"/,
    main,
    [one, one],
    dependencies({ name: 'test:d/one' }, { name: 'test:d' }),
  );
  await refused(
    'component-dependency',
    /does not export "test:d\/one" for the import "test:d\/one"/,
    main,
    [dependency('test:d/two', 1)],
    dependencies({ name: 'test:d' }),
  );
  const wider = one.replaceAll('u32', 'u64').replaceAll('(result i32)', '(result i64)');
  const alone = wider.replace(importsWho.replaceAll('u32', 'u64'), '').replace(/\(core func \$me .*\)\n/, '');
  const plain = alone
    .replace('(import "h" "me" (func $me (result i64)))', '')
    .replace('(i32.add (call $me) (i32.const 1))', '(i64.const 1)')
    .replace('(with "h" (instance (export "me" (func $me))))', '');
  await refused(
    'component-import-missing',
    /"test:d\/one get", as func\(\) -> u32; the other one has func\(\) -> u64/,
    main,
    [plain],
    dependencies({ name: 'test:d/one' }),
  );
});

test('names of dependencies match imports as in Spin', () => {
  const matches: Readonly<Record<string, readonly string[]>> = {
    'foo:bar/baz@0.1.0': ['foo:bar/baz@0.1.0'],
    'foo:bar/baz': ['foo:bar/baz@0.1.0', 'foo:bar/baz'],
    'foo:bar': ['foo:bar/baz@0.1.0', 'foo:bar/baz'],
    'foo:bar@0.1.0': ['foo:bar/baz@0.1.0'],
    'foo-bar': ['foo-bar'],
  };
  for (const [name, imports] of Object.entries(matches)) {
    for (const one of imports) assert.equal(matchesImport(name, one), true, `${name} ${one}`);
  }
  const differs: Readonly<Record<string, readonly string[]>> = {
    'foo:bar/baz@0.1.0': ['foo:bar/baz', 'foo:bar/baz@0.1.1'],
    'foo:bar/baz': ['foo:bar/bub', 'foo:bar/baz-bub', 'foo-bar'],
    'foo:bar': ['foo:bub/bib', 'foo:bar-baz/bib'],
    'foo:bar@0.1.0': ['foo:bar/baz'],
    foo: ['foo:bar/baz'],
  };
  for (const [name, imports] of Object.entries(differs)) {
    for (const one of imports) assert.equal(matchesImport(name, one), false, `${name} ${one}`);
  }
});
