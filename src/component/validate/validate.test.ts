// The rules, one or two cases each. The conformance suites have hundreds more: npm run conformance.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../../test/support/wat.ts';
import { MayflyError } from '../../errors.ts';
import { decodeComponent } from '../binary/decode.ts';
import { validateComponent } from './validate.ts';

async function validate(text: string): Promise<void> {
  validateComponent(decodeComponent(await assemble(`(component ${text})`), 'x.wasm'), 'x.wasm');
}

async function refuses(text: string, reason: RegExp): Promise<void> {
  await assert.rejects(validate(text), (error) => {
    assert(error instanceof MayflyError, String(error));
    assert.equal(error.code, 'component-corrupt');
    assert.equal(error.location?.file, 'x.wasm');
    assert.match(error.message, reason);
    return true;
  });
}

const LIBC = `
  (core module $libc (memory (export "m") 1)
    (func (export "r") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "f") (param i32 i32) (result i32) unreachable)
    (func (export "post") (param i32)))
  (core instance $c (instantiate $libc))
  (alias core export $c "m" (core memory $m))
  (alias core export $c "r" (core func $r))`;

test('errors give the offset of the definition', async () => {
  const bytes = await assemble('(component (type u8) (type (list 7)))');
  const [, second] = decodeComponent(bytes).definitions;
  assert.throws(
    () => validateComponent(decodeComponent(bytes)),
    (error) => error instanceof MayflyError && error.location?.offset === second?.offset,
  );
});

test('indices must exist', async () => {
  await refuses('(type (list 3))', /Unknown type 3/);
  await refuses('(export "a" (func 0))', /Unknown func 0/);
  await refuses('(core instance (instantiate 1))', /Unknown core module 1/);
  await refuses('(component (alias outer 4 0 (type)))', /outer alias count of 4/);
});

test('imported modules have the places in which they come', async () => {
  const two = `(import "a" (core module (export "f" (func)))) (import "b" (core module (export "m" (memory 1))))`;
  await validate(`${two} (core instance $i (instantiate 1)) (alias core export $i "m" (core memory))`);
  await refuses(`${two} (core instance $i (instantiate 0)) (alias core export $i "m" (core memory))`, /no export|"m"/);
  const third = '(core module (func (export "g")))';
  await validate(`${two} ${third} (core instance $i (instantiate 2)) (alias core export $i "g" (core func))`);
});

test('what is defined has the places in which it comes', async () => {
  for (const text of [
    `(core module (func (export "a"))) (core module (func (export "b")))
      (core instance (instantiate 0)) (core instance (instantiate 1))
      (alias core export 0 "a" (core func)) (alias core export 1 "b" (core func))`,
    `(import "x" (func)) (import "y" (func (param "p" u8)))
      (instance (export "a" (func 0))) (instance (export "b" (func 1)))
      (alias export 0 "a" (func)) (alias export 1 "b" (func))`,
    `(import "x" (func)) (component) (component (import "f" (func)))
      (instance (instantiate 0)) (instance (instantiate 1 (with "f" (func 0))))`,
    '(type (tuple u8)) (type (list u8)) (type (option 0)) (type (func (param "p" 1)))',
    `(core type (func)) (core type (module (export "m" (memory 1)))) (import "m" (core module (type 1)))
      (core instance (instantiate 0)) (alias core export 0 "m" (core memory))`,
  ]) {
    await validate(text);
  }
  await refuses(
    '(import "x" (func)) (import "y" (func)) (instance (export "a" (func 0))) (alias export 1 "a" (func))',
    /1/,
  );
});

test('a type must be of the kind that its place asks for', async () => {
  await refuses('(type $f (func)) (type (option $f))', /not a defined value type/);
  await refuses('(type $t u8) (type (own $t))', /not a resource type/);
  await refuses('(type $t u8) (import "f" (func (type $t)))', /not a func type/);
  await refuses('(type $t u8) (import "i" (instance (type $t)))', /not an instance type/);
});

test('types are well formed', async () => {
  await refuses('(type (record))', /At least one/);
  await refuses('(type (list u8 0))', /cannot be empty/);
  await refuses('(type (record (field "aB" u8)))', /kebab case/);
  await refuses('(type (enum "a" "A"))', /conflicts/);
  await refuses(`(type (flags ${Array.from({ length: 33 }, (_, i) => `"f${i}"`).join(' ')}))`, /more than 32/);
  await refuses('(type (map f32 u8))', /keys of a map/);
  await refuses('(type $r (resource (rep i32))) (type (func (result (borrow $r))))', /borrow/);
  await refuses('(type $r (resource (rep i32))) (type (future (option (borrow $r))))', /borrow/);
  await refuses('(type (list u64 33554432))', /maximum byte size/);
});

test('lifting needs the core signature that the type flattens to', async () => {
  await validate(
    `${LIBC} (func (param "x" string) (result u8) (canon lift (core func $c "f") (memory $m) (realloc $r)))`,
  );
  await validate(
    `${LIBC} (func (param "a" u32) (param "b" (variant (case "x" f32) (case "y" u32))) (result string)
    (canon lift (core func $three) (memory $m)))`.replace(
      '(func (param',
      `(core module $n (func (export "f") (param i32 i32 i32) (result i32) unreachable))
    (core instance $d (instantiate $n)) (alias core export $d "f" (core func $three)) (func (param`,
    ),
  );
  await refuses(`${LIBC} (func (param "x" f32) (canon lift (core func $c "f")))`, /\[f32\] -> \[\]/);
  await refuses(
    `${LIBC} (func (param "x" string) (result u8) (canon lift (core func $c "f") (memory $m)))`,
    /`realloc`/,
  );
  await refuses(`${LIBC} (func (param "x" string) (result u8) (canon lift (core func $c "f")))`, /`memory`/);
  await refuses(
    `${LIBC} (func (param "x" u32) (param "y" u32) (result u8)
       (canon lift (core func $c "f") (post-return (core func $c "f"))))`,
    /post-return/,
  );
});

test('lowering gives the core signature that the type flattens to', async () => {
  const use = (type: string, options: string, core: string): string => `${LIBC}
    (import "f" (func $f ${type})) (core func $g (canon lower (func $f) ${options}))
    (core module $user (import "" "f" (func ${core})))
    (core instance (instantiate $user (with "" (instance (export "f" (func $g))))))`;
  await validate(use('(param "x" (option u64)) (result bool)', '', '(param i32 i64) (result i32)'));
  await validate(use('(result (tuple u8 u8))', '(memory $m)', '(param i32)'));
  await validate(use('(param "x" string)', '(memory $m)', '(param i32 i32)'));
  await validate(use('async (param "x" u8) (result u8)', 'async (memory $m)', '(param i32 i32) (result i32)'));
  await refuses(use('(param "x" u64)', '', '(param i32)'), /expected \[i32\] -> \[\], found \[i64\] -> \[\]/);
  await refuses(use('(result (tuple u8 u8))', '', '(param i32)'), /`memory`/);
  await refuses(use('(result string)', '(memory $m)', '(param i32)'), /`realloc`/);
  await refuses(use('', 'async', '(result i32)'), /requires an async function type/);
});

test('built-ins have the types of the specification', async () => {
  const use = (canon: string, core: string, before = ''): string => `${LIBC} ${before}
    (core func $g (canon ${canon}))
    (core module $user (import "" "f" (func ${core})))
    (core instance (instantiate $user (with "" (instance (export "f" (func $g))))))`;
  await validate(use('stream.new $s', '(result i64)', '(type $s (stream u8))'));
  await validate(use('stream.read $s (memory $m)', '(param i32 i32 i32) (result i32)', '(type $s (stream u8))'));
  await validate(use('waitable-set.wait (memory $m)', '(param i32 i32) (result i32)'));
  await validate(use('task.return (result string) (memory $m)', '(param i32 i32)'));
  await validate(use('resource.rep $x', '(param i32) (result i32)', '(type $x (resource (rep i32)))'));
  await validate(use('thread.yield', '(result i32)'));
  await refuses(use('stream.read $s', '(param i32 i32 i32) (result i32)', '(type $s (stream u8))'), /`memory`/);
  await refuses(use('future.new $s', '(result i64)', '(type $s (stream u8))'), /not a future type/);
  await refuses(use('context.get i32 2', '(result i32)'), /no slot 2/);
});

test('core instances are linked by core subtyping', async () => {
  const link = (wanted: string, given: string): string => `
    (core module $a ${given}) (core instance $i (instantiate $a))
    (core module $b (import "m" "x" ${wanted})) (core instance (instantiate $b (with "m" (instance $i))))`;
  await validate(link('(memory 1)', '(memory (export "x") 2)'));
  await refuses(link('(memory 2)', '(memory (export "x") 1)'), /minimum of 2, found 1/);
  await refuses(link('(global i32)', '(global (export "x") (mut i32) (i32.const 0))'), /mutable/);
  await refuses(link('(func)', '(memory (export "x") 1)'), /expected func, found memory/);
  await refuses(link('(func)', ''), /does not export an item named "x"/);
});

test('components are instantiated with arguments that satisfy their imports', async () => {
  const link = (wanted: string, given: string): string =>
    `(import "x" ${given}) (component $c (import "y" ${wanted})) (instance (instantiate $c (with "y" (ARG 0))))`;
  const func = (wanted: string, given: string): string =>
    link(`(func ${wanted})`, `(func ${given})`).replace('ARG', 'func');
  await validate(func('(param "a" u8) (result string)', '(param "a" u8) (result string)'));
  await refuses(func('(param "a" u8)', '(param "b" u8)'), /named "a", found "b"/);
  await refuses(func('(result u8)', '(result u16)'), /Expected u8, found u16/);
  await refuses(func('async', ''), /async/);
  const instance = (wanted: string, given: string): string =>
    link(`(instance ${wanted})`, `(instance ${given})`).replace('ARG', 'instance');
  await validate(instance('(export "f" (func))', '(export "f" (func)) (export "g" (func))'));
  await refuses(
    instance('(export "f" (func)) (export "g" (func))', '(export "f" (func))'),
    /Missing expected export "g"/,
  );
  await refuses('(component $c (import "y" (func))) (instance (instantiate $c))', /Missing import named "y"/);
});

test('resource types are generative, and told apart', async () => {
  const same = '(component $same (import "a" (type $a (sub resource))) (import "b" (type (eq $a))))';
  const check = (a: string, b: string): string =>
    `${same} (type $r (resource (rep i32))) (type $s (resource (rep i32)))
     (component $c (type $t (resource (rep i32))) (export "t" (type $t)))
     (instance $i (instantiate $c)) (instance $j (instantiate $c))
     (alias export $i "t" (type $it)) (alias export $i "t" (type $it2)) (alias export $j "t" (type $jt))
     (instance (instantiate $same (with "a" (type ${a})) (with "b" (type ${b}))))`;
  await validate(check('$r', '$r'));
  await validate(check('$it', '$it2'));
  await refuses(check('$r', '$s'), /not the same/);
  await refuses(check('$it', '$jt'), /not the same/);
});

test('supplied types take the place of imported ones in the exports of an instance', async () => {
  const text = (second: string): string => `
    (component $c (import "t" (type $t (sub resource))) (import "f" (func $f (param "x" (own $t))))
      (export "g" (func $f)))
    (component $d (import "t" (type $t (sub resource))) (import "g" (func (param "x" (own $t)))))
    (type $r (resource (rep i32))) (type $s (resource (rep i32)))
    (core func $drop (canon resource.drop $r))
    (func $f (param "x" (own $r)) (canon lift (core func $drop)))
    (instance $i (instantiate $c (with "t" (type $r)) (with "f" (func $f))))
    (instance (instantiate $d (with "t" (type ${second})) (with "g" (func $i "g"))))`;
  await validate(text('$r'));
  await refuses(text('$s'), /not the same/);
});

test('only a resource of this component can be made', async () => {
  await refuses('(import "r" (type $r (sub resource))) (core func (canon resource.new $r))', /not a local resource/);
  await validate('(import "r" (type $r (sub resource))) (core func (canon resource.drop $r))');
});

test('types in exports need names', async () => {
  const text = (before: string): string => `
    (core module $n (func (export "f") (param i32))) (core instance $d (instantiate $n))
    (type $rec (record (field "x" u32))) ${before}
    (func $f (param "r" $used) (canon lift (core func $d "f"))) (export "f" (func $f))`;
  await validate(text('(export $used "rec" (type $rec))'));
  await refuses(text('(type $used (record (field "x" u32)))'), /without a name/);
  await refuses('(type $r (resource (rep i32))) (import "f" (func (param "x" (own $r))))', /without a name/);
});

test('resources do not leave their component through outer aliases', async () => {
  await validate('(type $t (record (field "x" u8))) (component (alias outer 1 0 (type)))');
  await refuses('(type $t (resource (rep i32))) (component (alias outer 1 0 (type)))', /refers to resources/);
});

test('annotated names match their types', async () => {
  const of = (func: string): string => `(import "r" (type $r (sub resource))) (import ${func})`;
  await validate(of('"[method]r.m" (func (param "self" (borrow $r)))'));
  await validate(of('"[constructor]r" (func (result (result (own $r) (error string))))'));
  await refuses(of('"[method]r.m" (func (param "self" (own $r)))'), /borrow/);
  await refuses(of('"[constructor]r" (func)'), /return one value/);
  await refuses(of('"[static]s.m" (func)'), /No resource "s"/);
  await refuses(of('"R" (func)'), /conflicts/);
});

test('an ascribed export hides what its type does not show', async () => {
  const text = (name: string): string => `
    (component $c (core module $n (func (export "f"))) (core instance $d (instantiate $n))
      (func $f (canon lift (core func $d "f"))) (instance $i (export "f" (func $f)) (export "g" (func $f)))
      (export "i" (instance $i) (instance (export "f" (func)))))
    (instance $c (instantiate $c)) (alias export $c "i" (instance $i)) (alias export $i "${name}" (func))`;
  await validate(text('f'));
  await refuses(text('g'), /no export named "g"/);
});

test('module types are checked like modules', async () => {
  await refuses('(core type (module (export "a" (func)) (export "a" (func))))', /already defined/);
  await refuses('(core type (module (import "a" "b" (memory 2 1))))', /greater than its maximum/);
  await refuses('(core module (import "a" "b" (func)) (import "a" "b" (func)))', /Duplicate import/);
});

test('of two functions that are lifted, and two that are not, each has its own type', async () => {
  const two = `(core module $m (func (export "a") (result i32) i32.const 0) (func (export "b") (result i64) i64.const 0))
    (core instance $i (instantiate $m))
    (func $a (result u32) (canon lift (core func $i "a"))) (func $b (result u64) (canon lift (core func $i "b")))
    (core func $la (canon lower (func $a))) (core func $lb (canon lower (func $b)))`;
  const takes = (a: string, b: string): string => `(core module $n (import "h" "a" (func (result ${a})))
      (import "h" "b" (func (result ${b}))))
    (core instance (instantiate $n (with "h" (instance (export "a" (func $la)) (export "b" (func $lb))))))`;
  await validate(
    `${two} ${takes('i32', 'i64')} (export "a" (func $a) (func (result u32))) (export "b" (func $b) (func (result u64)))`,
  );
  await refuses(`${two} ${takes('i64', 'i32')}`, /./);
  await refuses(`${two} (export "a" (func $a) (func (result u64)))`, /./);
  await refuses(`${two} (export "b" (func $b) (func (result u32)))`, /./);
});

test('sixteen parameters are passed as they are, the seventeenth takes all of them to memory', async () => {
  const lifted = (count: number, core: string, options: string): string => `
    (core module $n (memory (export "m") 1) (func (export "f") (param ${core}))
      (func (export "r") (param i32 i32 i32 i32) (result i32) unreachable))
    (core instance $i (instantiate $n)) (alias core export $i "m" (core memory $mem))
    (func ${Array.from({ length: count }, (_, index) => `(param "p${index}" u32)`).join(' ')}
      (canon lift (core func $i "f") ${options}))`;
  await validate(lifted(16, 'i32 '.repeat(16), ''));
  await refuses(lifted(17, 'i32', ''), /memory/);
  await refuses(lifted(17, 'i32', '(memory $mem)'), /realloc/);
  await validate(lifted(17, 'i32', '(memory $mem) (realloc (core func $i "r"))'));
});
