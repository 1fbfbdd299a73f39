// Imports and exports of core modules are read as V8 reads them, with offsets in the whole file.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../../test/support/wat.ts';
import { MayflyError } from '../../errors.ts';
import { readCoreModuleType } from './core-module.ts';

test('reads imports and exports with their types', async () => {
  const bytes = await assemble(`(module
    (type $t (func (param i32) (result f64)))
    (import "a" "f" (func (type $t)))
    (import "a" "m" (memory 1))
    (import "a" "g" (global (mut i64)))
    (table (export "table") 2 9 funcref)
    (global $h (export "h") i32 (i32.add (i32.const 1000000) (i32.const 2)))
    (global (export "v") v128 (v128.const i64x2 1 2))
    (global (export "r") funcref (ref.func 1))
    (tag (export "tag") (param i32))
    (func (export "own") (param i64 i64))
    (export "again" (func 0)) (export "m" (memory 0)) (export "g" (global 0)))`);
  const { imports, exports } = readCoreModuleType(bytes, 'x.wasm', 0);
  assert.deepEqual(
    imports.map(({ module, name, desc }) => [module, name, desc.kind]),
    [
      ['a', 'f', 'func'],
      ['a', 'm', 'memory'],
      ['a', 'g', 'global'],
    ],
  );
  const byName = new Map(exports.map(({ name, desc }) => [name, desc]));
  assert.deepEqual(byName.get('own'), { kind: 'func', type: { params: ['i64', 'i64'], results: [] } });
  assert.deepEqual(byName.get('again'), { kind: 'func', type: { params: ['i32'], results: ['f64'] } });
  assert.deepEqual(byName.get('g'), { kind: 'global', type: 'i64', mutable: true });
  assert.deepEqual(byName.get('v'), { kind: 'global', type: 'v128', mutable: false });
  assert.deepEqual(byName.get('r'), { kind: 'global', type: 'funcref', mutable: false });
  assert.equal(byName.get('tag')?.kind, 'tag');
  const table = byName.get('table');
  assert(table?.kind === 'table' && table.limits.max === 9n);
});

test('agrees with V8 on the names', async () => {
  const bytes = await assemble(`(module (type $s (struct (field i32 (mut i8)))) (type $a (array (ref null $s)))
    (import "x" "y" (func (param (ref null $s)))) (func (export "f") (result (ref $a)) unreachable)
    (global (export "g") (ref null $a) (array.new_fixed $a 1 (struct.new $s (i32.const 1) (i32.const 2)))))`);
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const { imports, exports } = readCoreModuleType(bytes, 'x.wasm', 0);
  assert.deepEqual(
    imports.map(({ module: from, name }) => [from, name]),
    WebAssembly.Module.imports(module).map(({ module: from, name }) => [from, name]),
  );
  assert.deepEqual(
    exports.map(({ name, desc }) => [name, desc.kind === 'func' ? 'function' : desc.kind]),
    WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]),
  );
});

test('errors give offsets in the whole file', () => {
  const bytes = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 3, 2, 1, 0);
  assert.throws(
    () => readCoreModuleType(bytes, 'x.wasm', 1000),
    (error) => error instanceof MayflyError && error.location?.offset === 1012 && /function type 0/.test(error.message),
  );
});
