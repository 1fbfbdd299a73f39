// Names that a guest chose, and that mean something to JavaScript: they reach nothing but what was given under them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, callExport, coreModule, instantiatePlan, linkText } from '../../../test/support/wat.ts';
import { createUnsupportedService } from '../../host/unsupported/service.ts';
import { preview1Module } from '../../host/wasi/preview1/module.ts';
import { readCoreModule } from '../rewrite/read-core-module.ts';
import { linkCoreCommand } from './core-command.ts';
import { HostRegistry } from './host-registry.ts';

const awkward = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
];

/** What every object has, with its values: nothing may be added, and nothing changed. */
function common(): string {
  const shown = [Object.prototype, Object, Function.prototype, Array.prototype].map((one) =>
    Object.entries(Object.getOwnPropertyDescriptors(one)).map(([key, { value }]) => [key, typeof value, String(value)]),
  );
  return JSON.stringify(shown);
}

test('a core module may import from modules of any name, and finds what was given and nothing else', async () => {
  const before = common();
  for (const module of awkward) {
    const plan = await linkText(`(component
      (core module $dep (func (export "entries") (result i32) (i32.const 41)) (global (export "assign") i32 (i32.const 1)))
      (core instance $d (instantiate $dep))
      (core module $m
        (import "${module}" "entries" (func $f (result i32))) (import "${module}" "assign" (global $g i32))
        (func (export "run") (result i32) (i32.add (call $f) (global.get $g))))
      (core instance $i (instantiate $m (with "${module}" (instance $d))))
      (func (export "run") (result u32) (canon lift (core func $i "run"))))`);
    assert.equal(callExport(instantiatePlan(plan), 'run'), 42, module);
  }
  assert.equal(common(), before);
});

test('the same for the names of what is imported, from an instance and from inline exports', async () => {
  const before = common();
  for (const name of awkward) {
    const plan = await linkText(`(component
      (core module $dep (func (export "${name}") (result i32) (i32.const 20)))
      (core instance $d (instantiate $dep))
      (core instance $e (export "${name}" (func $d "${name}")))
      (core module $m (import "d" "${name}" (func $f (result i32))) (import "e" "${name}" (func $g (result i32)))
        (func (export "${name}") (result i32) (i32.add (call $f) (call $g))))
      (core instance $i (instantiate $m (with "d" (instance $d)) (with "e" (instance $e))))
      (func (export "run") (result u32) (canon lift (core func $i "${name}"))))`);
    assert.equal(callExport(instantiatePlan(plan), 'run'), 40, name);
  }
  assert.equal(common(), before);
});

const interfaces = { name: 'test:t/api', version: '0.2.0', service: 's' };
const importing = (declared: string): string => `(component (import "test:t/api@0.2.0" (instance ${declared})))`;

test('an interface of the host has no function and no resource that it does not list', async () => {
  const registry = new HostRegistry([{ ...interfaces, functions: {}, resources: {}, signatures: {} }]);
  for (const label of ['constructor', 'to-string', 'value-of', 'then']) {
    await assert.rejects(linkText(importing(`(export "${label}" (func))`), registry), {
      code: 'component-import-missing',
    });
    await assert.rejects(linkText(importing(`(export "${label}" (type (sub resource)))`), registry), {
      code: 'component-import-missing',
    });
  }
});

test('a function without a signature is not checked against what every object has', async () => {
  const functions = { constructor: { call: () => undefined, suspends: false } };
  const registry = new HostRegistry([{ ...interfaces, functions, resources: {}, signatures: {} }]);
  await linkText(importing('(export "constructor" (func))'), registry);
});

test('what stands in for an interface that is missing has functions and resources of any name', async () => {
  const unsupported = createUnsupportedService();
  const registry = new HostRegistry([], [], (name) => unsupported.standIn?.(name));
  const text = (declared: string): string => `(component (import "fermyon:spin/x@2.0.0" (instance $x ${declared}))
    (core func $c (canon lower (func $x "constructor")))
    (core module $m (import "e" "c" (func $c)) (func (export "run") (call $c)))
    (core instance $i (instantiate $m (with "e" (instance (export "c" (func $c))))))
    (func (export "run") (canon lift (core func $i "run"))))`;
  const plan = await linkText(
    text('(export "constructor" (func)) (export "to-string" (type (sub resource)))'),
    registry,
  );
  const instance = instantiatePlan(plan, { context: { state: () => undefined } });
  assert.throws(() => callExport(instance, 'run'), /it called "fermyon:spin\/x@2.0.0 constructor"/);
});

test('preview1 has the functions that it lists', async () => {
  const registry = new HostRegistry([], [preview1Module]);
  for (const name of awkward) {
    const bytes = await assemble(`(module (import "wasi_snapshot_preview1" "${name}" (func))
      (memory (export "memory") 1) (func (export "_start")))`);
    assert.throws(() => linkCoreCommand(bytes, readCoreModule(bytes), registry), { code: 'component-import-missing' });
  }
});

const labels = ['constructor', 'then', 'to-string', 'value-of', 'prototype', 'has-own-property', 'to-json'];
const fields = labels.map((label) => `(field "${label}" u8)`).join('');
const record = Object.fromEntries(
  ['constructor', 'then', 'toString', 'valueOf', 'prototype', 'hasOwnProperty', 'toJson'].map((key, at) => [
    key,
    at + 1,
  ]),
);
const bytes = labels.map((_, at) => `\\0${at + 1}`).join('');

test('records, flags and cases may have labels that every object has', async () => {
  const flags = labels.map((label) => `"${label}"`).join(' ');
  const cases = labels.map((label) => `(case "${label}" u8)`).join('');
  const plan = await linkText(`(component
    ${coreModule(`(data (i32.const 64) "${bytes}")
      (func (export "record") (result i32) (i32.const 64))
      (func (export "flags") (result i32) (i32.const 5))
      (func (export "case") (param i32) (result i32) (i32.store8 (i32.const 96) (local.get 0)) (i32.const 96))`)}
    (core instance $i (instantiate $m))
    (type $r' (record ${fields})) (type $f' (flags ${flags})) (type $v' (variant ${cases}))
    (export $r "r" (type $r')) (export $f "f" (type $f')) (export $v "v" (type $v'))
    (func (export "get-record") (result $r) (canon lift (core func $i "record") (memory (core memory $i "memory"))))
    (func (export "get-flags") (result $f) (canon lift (core func $i "flags")))
    (func (export "get-case") (param "at" u32) (result $v) (canon lift (core func $i "case") (memory (core memory $i "memory")))))`);
  const instance = instantiatePlan(plan);
  const lifted = callExport(instance, 'get-record');
  assert.deepEqual(Object.entries(lifted as object), Object.entries(record));
  assert.equal(await lifted, lifted, 'a record with the field "then" is nothing that could be waited for');
  const set = Object.entries(callExport(instance, 'get-flags') as object).filter(([, value]) => value);
  assert.deepEqual(set, [
    ['constructor', true],
    ['toString', true],
  ]);
  for (const [at, tag] of labels.entries()) assert.deepEqual(callExport(instance, 'get-case', at), { tag, val: 0 });
});

test('such records pass from one component to another', async () => {
  const plan = await linkText(`(component
    (component $giver
      ${coreModule(`(data (i32.const 64) "${bytes}") (func (export "record") (result i32) (i32.const 64))`)}
      (core instance $i (instantiate $m))
      (type $r' (record ${fields})) (export $r "r" (type $r'))
      (func (export "get") (result $r) (canon lift (core func $i "record") (memory (core memory $i "memory")))))
    (component $taker
      (type $r' (record ${fields}))
      (import "r" (type $r (eq $r'))) (import "get" (func $get (result $r)))
      (core module $memory (memory (export "memory") 1))
      (core instance $own (instantiate $memory))
      (core func $low (canon lower (func $get) (memory (core memory $own "memory"))))
      (core module $m (import "e" "get" (func $get (param i32))) (import "e" "memory" (memory 1))
        (func (export "sum") (result i32) (local $at i32) (local $sum i32)
          (call $get (i32.const 0))
          (loop (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
            (br_if 0 (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const ${labels.length}))))
          (local.get $sum)))
      (core instance $i (instantiate $m (with "e" (instance (export "get" (func $low)) (export "memory" (memory $own "memory"))))))
      (func (export "sum") (result u32) (canon lift (core func $i "sum"))))
    (instance $g (instantiate $giver))
    (instance $t (instantiate $taker (with "r" (type $g "r")) (with "get" (func $g "get"))))
    (export "sum" (func $t "sum")))`);
  assert.equal(callExport(instantiatePlan(plan), 'sum'), (labels.length * (labels.length + 1)) / 2);
});
