// Index spaces: of every sort two and more things, and always the one that is meant. What the validator accepts here is
// run, so that it and the linker count alike; what the linker refuses by itself has a case each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, callExport, instantiatePlan, linkText } from '../../../test/support/wat.ts';
import { MayflyError } from '../../errors.ts';
import { decodeComponent } from '../binary/decode.ts';
import type { Instance } from '../canon/instance.ts';
import type { HostInterface } from '../types/val-type.ts';
import { validateComponent } from '../validate/validate.ts';
import { HostRegistry } from './host-registry.ts';
import { linkComposition } from './link.ts';

const two = (name: string, service: string, values: readonly [number, number]): HostInterface => ({
  name,
  version: undefined,
  service,
  resources: {},
  functions: Object.fromEntries(
    ['one', 'two'].map((key, index) => [
      key,
      { call: (state: number) => state * 100 + values[index]!, suspends: false },
    ]),
  ),
});
const host = (): HostRegistry =>
  new HostRegistry([two('test:a/a', 'first', [1, 2]), two('test:b/b', 'second', [3, 4])]);

async function run(text: string): Promise<Instance> {
  validateComponent(decodeComponent(await assemble(`(component ${text})`)));
  const plan = await linkText(`(component ${text})`, host());
  const context = { state: (slot: number) => plan.services[slot]?.length };
  return instantiatePlan(plan, { context });
}

/** A core module whose `f` gives this number. */
const gives = (value: number): string => `(core module (func (export "f") (result i32) (i32.const ${value})))`;
/** Lifts the core function `f` of a core instance as `name`. */
const lift = (instance: number, name: string): string =>
  `(func (export "${name}") (result u32) (canon lift (core func ${instance} "f")))`;

test('core modules, core instances and core functions', async () => {
  const instance = await run(`${gives(1)} ${gives(2)} ${gives(3)}
    (core instance (instantiate 2)) (core instance (instantiate 0)) (core instance (instantiate 1))
    ${lift(0, 'three')} ${lift(1, 'one')} ${lift(2, 'two')}`);
  assert.deepEqual(
    ['one', 'two', 'three'].map((name) => callExport(instance, name)),
    [1, 2, 3],
  );
  assert.deepEqual(
    instance.plan.steps.map(({ slot, module }) => [slot, module]),
    [
      [0, 2],
      [1, 0],
      [2, 1],
    ],
  );
});

test('core memories, tables, globals and tags go where they are wanted', async () => {
  const instance = await run(`
    (core module $a (memory (export "m") 1) (memory (export "n") 2) (table (export "t") 3 funcref) (table (export "u") 4 funcref)
      (global (export "g") i32 (i32.const 5)) (global (export "h") i32 (i32.const 6))
      (tag (export "x")) (tag (export "y") (param i32)))
    (core instance $i (instantiate $a))
    (alias core export $i "m" (core memory)) (alias core export $i "n" (core memory $n))
    (alias core export $i "t" (core table)) (alias core export $i "u" (core table $u))
    (alias core export $i "g" (core global)) (alias core export $i "h" (core global $h))
    (alias core export $i "x" (core tag)) (alias core export $i "y" (core tag $y))
    (core module $b (import "e" "n" (memory 2)) (import "e" "u" (table 4 funcref)) (import "e" "h" (global i32))
      (import "e" "y" (tag (param i32)))
      (func (export "f") (result i32) (i32.add (i32.mul (memory.size) (i32.const 100))
        (i32.add (i32.mul (table.size 0) (i32.const 10)) (global.get 0)))))
    (core instance $j (instantiate $b (with "e" (instance (export "n" (memory $n)) (export "u" (table $u))
      (export "h" (global $h)) (export "y" (tag $y))))))
    ${lift(2, 'f')}`);
  assert.equal(callExport(instance, 'f'), 246);
});

const child = (value: number): string => `(component ${gives(value)} (core instance (instantiate 0)) ${lift(0, 'f')})`;

test('components, instances and functions, exported and again in use', async () => {
  const instance = await run(`${child(1)} ${child(2)} ${child(3)}
    (instance (instantiate 2)) (instance (instantiate 0))
    (alias export 1 "f" (func)) (alias export 0 "f" (func))
    (export "first" (func 0)) (export "second" (func 1)) (export "again" (func 3))
    (export "whole" (instance 0)) (export "copy" (instance 2))
    (instance (export "in" (func 1))) (export "inline" (instance 4))
    (export "child" (component 1)) (instance (instantiate 3)) (export "made" (instance 6))`);
  const found = ['first', 'second', 'again', 'whole#f', 'copy#f', 'inline#in', 'made#f'];
  assert.deepEqual(
    found.map((name) => callExport(instance, name)),
    [1, 3, 3, 3, 3, 3, 2],
  );
  assert.equal(instance.plan.exports.get('child')?.kind, 'other');
  assert.deepEqual(
    instance.plan.instances.map(({ parent }) => parent),
    [undefined, 0, 0, 0],
  );
});

test('outer aliases reach just as far as they say', async () => {
  const instance = await run(`${gives(1)} ${gives(2)} ${child(5)} ${child(6)}
    (core type (func)) (core type (func (param i32)))
    (component $outer ${gives(3)} ${child(7)}
      (component $inner
        (alias outer 2 1 (core module)) (alias outer 1 0 (core module)) (alias outer 2 1 (component)) (alias outer 1 0 (component))
        (alias outer 2 1 (core type))
        (core instance (instantiate 0)) (core instance (instantiate 1)) (instance (instantiate 0)) (instance (instantiate 1))
        ${lift(0, 'a')} ${lift(1, 'b')} (export "c" (func 0 "f")) (export "d" (func 1 "f")))
      (instance (instantiate $inner)) (export "i" (instance 0)))
    (instance (instantiate $outer)) (export "o" (instance 0 "i"))`);
  assert.deepEqual(
    ['o#a', 'o#b', 'o#c', 'o#d'].map((name) => callExport(instance, name)),
    [2, 3, 6, 7],
  );
});

test('arguments by their names: functions, instances, modules, components and types', async () => {
  const instance = await run(
    `${gives(4)} ${gives(8)} ${child(1)} ${child(2)}
    (instance (instantiate 0)) (instance (instantiate 1))
    (type $t u8) (type $u u32)
    (component $c
      (import "m" (core module $m (export "f" (func (result i32))))) (import "n" (core module $n (export "f" (func (result i32)))))
      (import "f" (func $f (result u32))) (import "i" (instance $i (export "f" (func (result u32)))))
      (import "k" (component $k (export "f" (func (result u32)))))
      (import "t" (type $t (eq u32)))
      (core instance (instantiate $n)) ${lift(0, 'n')}
      (instance (instantiate $k)) (export "k2" (func 1 "f"))
      (export "f2" (func $f)) (export "i2" (func $i "f")))
    (instance $made (instantiate $c (with "n" (core module 1)) (with "m" (core module 0)) (with "k" (component 1))
      (with "i" (instance 1)) (with "f" (func 0 "f")) (with "t" (type $u))))
    (export "made" (instance $made))`.replace(
      '(import "t" (type $t (eq u32)))',
      '(type $x u32) (import "t" (type $t (eq $x)))',
    ),
  );
  assert.deepEqual(
    ['made#n', 'made#k2', 'made#f2', 'made#i2'].map((name) => callExport(instance, name)),
    [8, 2, 1, 2],
  );
});

test('imports of the host: each function under its name, with the state of its own service', async () => {
  const instance = await run(`
    (import "test:b/b" (instance $b (export "two" (func (result u32))) (export "one" (func (result u32)))))
    (import "test:a/a" (instance $a (export "one" (func (result u32))) (export "two" (func (result u32)))))
    (core func $b1 (canon lower (func $b "one"))) (core func $a2 (canon lower (func $a "two"))) (core func $b2 (canon lower (func $b "two")))
    (core module $m (import "h" "x" (func $x (result i32))) (import "h" "y" (func $y (result i32))) (import "h" "z" (func $z (result i32)))
      (func (export "x") (result i32) (call $x)) (func (export "y") (result i32) (call $y)) (func (export "z") (result i32) (call $z)))
    (core instance $i (instantiate $m (with "h" (instance (export "y" (func $a2)) (export "z" (func $b2)) (export "x" (func $b1))))))
    (func (export "x") (result u32) (canon lift (core func $i "x")))
    (func (export "y") (result u32) (canon lift (core func $i "y")))
    (func (export "z") (result u32) (canon lift (core func $i "z")))`);
  assert.deepEqual(instance.plan.services, ['second', 'first']);
  assert.deepEqual(instance.plan.imports, ['test:b/b', 'test:a/a']);
  assert.deepEqual(
    ['x', 'y', 'z'].map((name) => callExport(instance, name)),
    [603, 502, 604],
  );
});

test('a core module that stands in the file once is compiled once, however often it is used', async () => {
  const instance = await run(`(core module $m (global $n (mut i32) (i32.const 0))
      (func (export "f") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
    (component $c (alias outer 1 $m (core module)) (core instance (instantiate 0)) ${lift(0, 'f')})
    (instance (instantiate $c)) (instance (instantiate $c)) (export "a" (instance 0)) (export "b" (instance 1))`);
  assert.equal(instance.plan.modules.length, 1);
  assert.deepEqual(
    ['a#f', 'a#f', 'b#f'].map((name) => callExport(instance, name)),
    [1, 2, 1],
  );
});

test('types of every kind are resolved to what they mean', async () => {
  const plan = await linkText(`(component
    (type $e (enum "x" "y")) (type $r (resource (rep i32)))
    (type $t (func (param "a" (list u8 4)) (param "b" (map string u16)) (param "c" (result u8 (error $e)))
      (param "d" (variant (case "n") (case "v" (option char)))) (param "e" (flags "p" "q")) (param "f" (tuple s8 s64))
      (param "g" (own $r)) (param "h" (borrow $r)) (param "i" (record (field "z" f32))) (result (list string))))
    ${gives(0).replace('(result i32)', '(param i32) (result i32)')} (core instance (instantiate 0)) (alias core export 0 "f" (core func $f))
    (func (export "f") (type $t) (canon lift (core func $f))))`);
  const found = plan.exports.get('f');
  assert.ok(found?.kind === 'func');
  const { params, result } = found.func.type;
  const kind = (name: string): unknown => ({ kind: name });
  const own = params.find(({ name }) => name === 'g')?.type;
  assert.ok(own?.kind === 'own');
  assert.deepEqual(
    params.map(({ type }) => type),
    [
      { kind: 'list', element: kind('u8'), length: 4 },
      { kind: 'list', element: { kind: 'tuple', types: [kind('string'), kind('u16')] } },
      { kind: 'result', ok: kind('u8'), err: { kind: 'enum', names: ['x', 'y'] } },
      {
        kind: 'variant',
        cases: [
          { name: 'n', type: undefined },
          { name: 'v', type: { kind: 'option', type: kind('char') } },
        ],
      },
      { kind: 'flags', names: ['p', 'q'] },
      { kind: 'tuple', types: [kind('s8'), kind('s64')] },
      { kind: 'own', resource: own.resource },
      { kind: 'borrow', resource: own.resource },
      { kind: 'record', fields: [{ name: 'z', type: kind('f32') }] },
    ],
  );
  assert.deepEqual(result, { kind: 'list', element: kind('string') });
});

test('instance types of imports: types by alias and by name, each the one that is meant', async () => {
  const registry = new HostRegistry([
    {
      name: 'test:r/r',
      version: undefined,
      service: 'r',
      resources: { 'a-thing': { name: 'a-thing' }, other: { name: 'other' } },
      functions: { get: { call: () => 7, suspends: false }, put: { call: () => undefined, suspends: false } },
      signatures: {
        get: 'func(borrow<test:r/r/other>) -> enum{x, y}',
        put: 'func(own<test:r/r/a-thing>, enum{p, q})',
      },
    },
  ]);
  const text = (get: string): string => `(component
    (type $outer (enum "x" "y"))
    (import "test:r/r" (instance
      (alias outer 1 $outer (type $x)) (type $local (enum "p" "q"))
      (export "thing" (type (eq $x))) (export "pq" (type $pq (eq $local)))
      (export "a-thing" (type $a (sub resource))) (export "other" (type $o (sub resource))) (export "same" (type $s (eq $o)))
      (export "get" (func (param "o" (borrow $s)) (result ${get}))) (export "put" (func (param "a" (own $a)) (param "b" $pq))))))`;
  await linkText(text('$x'), registry);
  await assert.rejects(linkText(text('$pq'), registry), {
    code: 'component-import-type',
    message: 'Import "test:r/r get" is declared as func(borrow<test:r/r/other>) -> enum{p, q}',
    hint: 'The host has func(borrow<test:r/r/other>) -> enum{x, y}',
  });
});

test('a resource that interfaces of other names share is a type of its own in each, whichever is linked first', async () => {
  const thing = { name: 'thing' };
  const registry = new HostRegistry(
    ['test:old/r', 'test:new/r'].map((name) => ({
      name,
      version: undefined,
      service: 'r',
      resources: { thing },
      functions: { get: { call: () => undefined, suspends: false } },
      signatures: { get: `func() -> own<${name}/thing>` },
    })),
  );
  const imported = (name: string): string => `(import "${name}" (instance
    (export "thing" (type $t (sub resource))) (export "get" (func (result (own $t))))))`;
  await linkText(`(component ${imported('test:new/r')})`, registry);
  await linkText(`(component ${imported('test:old/r')} ${imported('test:new/r')})`, registry);
});

test('a guest may import less than there is, and what is missing is named with what there is', async () => {
  const cases: readonly (readonly [text: string, code: string, message: RegExp, hint?: RegExp])[] = [
    [
      '(import "test:c/c" (instance))',
      'component-import-missing',
      /"test:c\/c" is no interface/,
      /nothing of that name/,
    ],
    ['(import "test:a/x" (instance))', 'component-import-missing', /"test:a\/x" is no interface/, /test:a\/a/],
    [
      '(import "test:a/a" (instance (export "three" (func))))',
      'component-import-missing',
      /"test:a\/a three" is no function/,
      /The host has: one, two/,
    ],
    [
      '(import "test:a/a" (instance (export "r" (type (sub resource)))))',
      'component-import-missing',
      /"test:a\/a r" is no resource/,
      /nothing of that name/,
    ],
    ['(import "f" (func))', 'component-import-missing', /"f" is no function/],
    ['(import "c" (component))', 'component-import-missing', /"c" is no component/],
    ['(import "m" (core module))', 'component-import-missing', /"m" is no core-module/],
    ['(import "r" (type (sub resource)))', 'component-import-missing', /"r" is no type/],
    [
      '(import "test:a/a" (instance (export "i" (instance))))',
      'component-unsupported',
      /Import "test:a\/a" holds a instance/,
    ],
    [
      '(import "test:a/a" (instance (export "i" (instance $i)) (alias export $i "t" (type))))',
      'component-unsupported',
      /holds a instance|outer types only/,
    ],
  ];
  for (const [text, code, message, hint] of cases) {
    await assert.rejects(linkText(`(component ${text})`, host()), (error) => {
      assert.ok(error instanceof MayflyError, String(error));
      assert.equal(error.code, code, text);
      assert.match(error.message, message);
      if (hint) assert.match(error.hint ?? '', hint);
      return true;
    });
  }
});

test('what the validator would have refused is refused by the linker, too: no index leads nowhere', async () => {
  const cases: readonly (readonly [text: string, message: string])[] = [
    ['(core instance (instantiate 3))', 'Unknown core module 3'],
    ['(instance (instantiate 3))', 'Unknown component 3'],
    ['(export "f" (func 3))', 'Unknown function 3'],
    ['(export "f" (instance 3))', 'Unknown instance 3'],
    ['(export "f" (component 3))', 'Unknown component 3'],
    ['(export "f" (type 3))', 'Unknown type 3'],
    ['(export "f" (core module 3))', 'Unknown core module 3'],
    ['(type (list 3))', 'Unknown type 3'],
    ['(type $f (func)) (type (list $f))', 'Type 0 is not a value type'],
    ['(type $t u8) (type (own $t))', 'Type 0 is not a resource type'],
    ['(core instance (export "f" (func 3)))', 'Unknown core func 3'],
    ['(core instance (export "m" (memory 3)))', 'Unknown core memory 3'],
    ['(core func (canon lower (func 3)))', 'Unknown function 3'],
    ['(core func (canon resource.drop 3))', 'Unknown type 3'],
    ['(type $t (func)) (func (type $t) (canon lift (core func 3)))', 'Unknown core function 3'],
    [
      `${gives(1)} (core instance (instantiate 0)) (alias core export 0 "f" (core func)) (type $t u8) (func (type $t) (canon lift (core func 0)))`,
      'Type 0 is not a function type',
    ],
    ['(alias export 3 "f" (func))', 'Unknown instance 3'],
    ['(alias core export 3 "f" (core func))', 'Unknown core instance 3'],
    ['(instance) (alias export 0 "f" (func))', 'Nothing is given for "f"'],
    ['(core instance) (alias core export 0 "f" (core func))', 'Core instance has no export "f"'],
    [
      '(core module (import "a" "b" (func))) (core instance (instantiate 0))',
      'Core module needs "a", which is not given',
    ],
    ['(component (import "f" (func))) (instance (instantiate 0))', 'Nothing is given for "f"'],
    [
      '(component (alias outer 3 0 (type))) (instance (instantiate 0))',
      'Alias to the scope 3 levels out, which does not exist',
    ],
    ['(import "i" (instance (type 3)))', 'Unknown type 3'],
  ];
  for (const [text, message] of cases) {
    await assert.rejects(linkText(`(component ${text})`, host()), { code: 'component-corrupt', message }, text);
  }
});

test('middleware: each calls the one behind it, and what does not fit is refused', async () => {
  const handler = 'wasi:http/handler@0.3.0';
  const serves = (value: number): string => `${gives(value)} (core instance (instantiate 0))
    (alias core export 0 "f" (core func $f)) (func $h (result u32) (canon lift (core func $f)))
    (instance $i (export "handle" (func $h))) (export "${handler}" (instance $i))`;
  const passes = (add: number, declared = '(result u32)'): string => `
    (import "${handler}" (instance $next (export "handle" (func ${declared}))))
    (core func $n (canon lower (func $next "handle")))
    (core module $m (import "h" "n" (func $n (result i32))) (func (export "f") (result i32) (i32.add (call $n) (i32.const ${add}))))
    (core instance $c (instantiate $m (with "h" (instance (export "n" (func $n))))))
    (func $h (result u32) (canon lift (core func $c "f"))) (instance $i (export "handle" (func $h))) (export "${handler}" (instance $i))`;
  const chain = async (...texts: string[]): Promise<Instance> => {
    const components = await Promise.all(
      texts.map(async (text) => decodeComponent(await assemble(`(component ${text})`))),
    );
    const { readCoreModule } = await import('../rewrite/read-core-module.ts');
    return instantiatePlan(
      linkComposition(
        { kind: 'component', component: components.at(-1)! },
        components.slice(0, -1).map((component) => ({ kind: 'component', component })),
        { dependencies: [], middleware: components.slice(0, -1).map(() => ({ configuration: 0 })) },
        { host: host(), moduleImports: (bytes) => readCoreModule(bytes).imports },
      ),
      {
        context: { state: () => undefined },
      },
    );
  };
  const all = await chain(passes(100), passes(20), serves(3));
  assert.equal(callExport(all, `${handler}#handle`), 123);
  assert.deepEqual(all.plan.imports, []);
  const beside = '(import "test:a/a" (instance (export "one" (func (result u32)))))';
  const both = await chain(
    beside + passes(100).replaceAll('(instance $i ', '(instance $mine ').replace('(instance $i)', '(instance $mine)'),
    serves(3),
  );
  assert.deepEqual(both.plan.imports, ['test:a/a']);
  assert.equal(callExport(both, `${handler}#handle`), 103);
  const refused =
    (code: string, message: RegExp, hint = /./) =>
    (error: unknown) => {
      assert.ok(error instanceof MayflyError && error.code === code, String(error));
      assert.match(error.message, message);
      assert.match(error.hint ?? 'none', hint);
      return true;
    };
  await assert.rejects(chain(serves(1), serves(2)), refused('guest-no-handler', /does not import wasi:http\/handler/));
  await assert.rejects(chain(passes(1), ''), refused('guest-no-handler', /must export/, /One of them exports nothing/));
  await assert.rejects(
    chain(passes(1), '(instance) (export "x" (instance 0))'),
    refused('guest-no-handler', /must export/, /exports x$/),
  );
  await assert.rejects(
    chain(
      passes(1, '(result u64)')
        .replace('(result i32)))', '(result i64)))')
        .replace('(call $n)', '(i32.wrap_i64 (call $n))'),
      serves(2),
    ),
    refused('component-import-missing', /as func\(\) -> u64; the other one has func\(\) -> u32/),
  );
  await assert.rejects(
    chain(
      passes(1)
        .replaceAll('"handle" (func (result u32))', '"other" (func (result u32))')
        .replace('$next "handle"', '$next "other"'),
      serves(2),
    ),
    refused('component-import-missing', /other", which the other one does not export/),
  );
});

test('core types through outer aliases: of two the one that a new thread starts with', async () => {
  const plan = await linkText(`(component (core type $a (func (param i32))) (core type $b (func (param i64)))
    (component $inner (core module $t (table (export "t") 1 funcref)) (core instance $i (instantiate $t))
      (alias outer 1 $a (core type $x)) (alias outer 1 $b (core type $y)) (alias core export $i "t" (core table $table))
      (core func $n (canon thread.new-indirect $y (core table $table)))
      (core func $m (canon thread.new-indirect $x (core table $table)))
      (core module $u (import "h" "n" (func (param i32 i64) (result i32))) (import "h" "m" (func (param i32 i32) (result i32))))
      (core instance (instantiate $u (with "h" (instance (export "n" (func $n)) (export "m" (func $m)))))))
    (instance (instantiate $inner)))`);
  const params = plan.trampolines.map(({ coreType }) => coreType?.params);
  assert.deepEqual(params, [
    ['i32', 'i64'],
    ['i32', 'i32'],
  ]);
});
