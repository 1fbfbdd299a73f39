// A component is decoded section by section, and an error names the section, the file and the offset.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../../test/support/wat.ts';
import { MayflyError } from '../../errors.ts';
import type { Canon, Definition } from './ast.ts';
import { decodeComponent } from './decode.ts';
import { looksLikeComponent, looksLikeCoreModule } from './preamble.ts';

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

function component(...bytes: number[]): Uint8Array {
  return Uint8Array.from([...PREAMBLE, ...bytes]);
}

function refusal(bytes: Uint8Array): MayflyError {
  try {
    decodeComponent(bytes, 'x.wasm');
  } catch (error) {
    assert(error instanceof MayflyError, String(error));
    return error;
  }
  return assert.fail('accepted');
}

async function definitions<Kind extends Definition['kind']>(
  text: string,
  kind: Kind,
): Promise<(Definition & { readonly kind: Kind })[]> {
  const all = decodeComponent(await assemble(`(component ${text})`)).definitions;
  return all.filter((one): one is Definition & { readonly kind: Kind } => one.kind === kind);
}

test('tells components from modules and from everything else', () => {
  const module = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  assert.deepEqual([looksLikeComponent(component()), looksLikeCoreModule(component())], [true, false]);
  assert.deepEqual([looksLikeComponent(module), looksLikeCoreModule(module)], [false, true]);
  assert.equal(refusal(module).code, 'component-is-module');
  assert.match(refusal(module).hint ?? '', /jco new/);
  assert.equal(refusal(Buffer.from('#!/bin/sh\n')).code, 'component-not-wasm');
  assert.equal(refusal(new Uint8Array()).message, 'Expected a component, found an empty file');
  assert.equal(refusal(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x0c, 0, 1, 0)).code, 'component-version');
  assert.equal(refusal(component().subarray(0, 6)).code, 'component-corrupt');
});

test('an empty component has nothing', () => {
  assert.deepEqual(decodeComponent(component()), { definitions: [], name: undefined, offset: 0 });
});

test('errors name the section, the file and the offset', () => {
  const error = refusal(component(10, 3, 1, 0, 5));
  assert.equal(error.message, 'Unexpected end of section "import"');
  assert.deepEqual(error.location, { file: 'x.wasm', offset: 13 });
  assert.equal(refusal(component(7, 9, 0)).message, 'Unexpected end of the file: section "type" needs 9 bytes');
  assert.equal(refusal(component(7, 2, 0, 0)).message, 'Unexpected content at the end of section "type"');
  assert.equal(refusal(component(13, 0)).message, 'Unknown section 13');
});

test('reads the name of a component, and forgives a malformed one', async () => {
  assert.equal(decodeComponent(await assemble('(component $greeter)')).name, 'greeter');
  const label = [...Buffer.from('component-name')];
  assert.equal(decodeComponent(component(0, 17, 14, ...label, 0xff, 0xfe)).name, undefined);
  assert.match(refusal(component(0, 2, 5, 0x61)).message, /Unexpected end of section "custom"/);
});

test('core modules are views of the file', async () => {
  const bytes = await assemble('(component (core module (memory 1)) (component (core module)))');
  const [module] = decodeComponent(bytes).definitions;
  assert(module?.kind === 'core-module');
  assert.equal(module.bytes.buffer, bytes.buffer);
  assert.equal(module.bytes.byteOffset, bytes.byteOffset + module.offset);
});

test('reads every value type', async () => {
  const found = await definitions(
    `(type $r (resource (rep i32)))
     (type (record (field "a" u8) (field "b" string)))
     (type (variant (case "x") (case "y" f64)))
     (type (list s8)) (type (list u16 4)) (type (map string bool)) (type (tuple char s64))
     (type (flags "p" "q")) (type (enum "m")) (type (option u32)) (type (result u8 (error s16)))
     (type (own $r)) (type (borrow $r)) (type (stream u8)) (type (future)) (type error-context)`,
    'type',
  );
  const primitive = (name: string): unknown => ({ kind: 'primitive', primitive: name });
  assert.deepEqual(
    found.map(({ type }) => type),
    [
      { kind: 'resource', rep: 'i32', dtor: undefined, dtorAsync: false },
      {
        kind: 'record',
        fields: [
          { name: 'a', type: primitive('u8') },
          { name: 'b', type: primitive('string') },
        ],
      },
      {
        kind: 'variant',
        cases: [
          { name: 'x', type: undefined },
          { name: 'y', type: primitive('f64') },
        ],
      },
      { kind: 'list', element: primitive('s8'), length: undefined },
      { kind: 'list', element: primitive('u16'), length: 4 },
      { kind: 'map', key: primitive('string'), value: primitive('bool') },
      { kind: 'tuple', types: [primitive('char'), primitive('s64')] },
      { kind: 'flags', names: ['p', 'q'] },
      { kind: 'enum', names: ['m'] },
      { kind: 'option', type: primitive('u32') },
      { kind: 'result', ok: primitive('u8'), err: primitive('s16') },
      { kind: 'own', resource: 0 },
      { kind: 'borrow', resource: 0 },
      { kind: 'stream', element: primitive('u8') },
      { kind: 'future', element: undefined },
      primitive('error-context'),
    ],
  );
});

test('reads component and instance types with their declarations', async () => {
  const [type] = await definitions(
    `(type (component
       (import "a:b/c@1.2.3" (instance $i (export "r" (type (sub resource)))))
       (alias export $i "r" (type $r))
       (export "f" (func async (param "x" (borrow $r)) (result u8)))))`,
    'type',
  );
  assert(type?.type.kind === 'component');
  assert.deepEqual(
    type.type.declarations.map(({ kind }) => kind),
    ['type', 'import', 'alias', 'type', 'type', 'export'],
  );
  const [, imported, alias, , func] = type.type.declarations;
  assert(imported?.kind === 'import' && alias?.kind === 'alias' && func?.kind === 'type');
  assert.equal(imported.name.name, 'a:b/c@1.2.3');
  assert.deepEqual(alias.target, { kind: 'export', instance: 0, name: 'r' });
  assert(func.type.kind === 'func' && func.type.async);
});

test('reads the attributes of names', async () => {
  const [found] = await definitions('(import "a" (implements "x:y/z") (external-id "☃") (instance))', 'import');
  assert.deepEqual(found?.name, { name: 'a', versionSuffix: undefined, implements: 'x:y/z', externalId: '☃' });
});

test('resolves the function types of module types, through outer aliases', async () => {
  const [first, second] = await definitions(
    `(core type $f (func (param i32 f64) (result i64)))
     (core type (module
       (alias outer 1 $f (type $g))
       (import "m" "f" (func (type $g)))
       (export "mem" (memory 1 2))
       (export "g" (global (mut externref)))
       (export "t" (table 3 funcref))))`,
    'core-type',
  );
  const type = { params: ['i32', 'f64'], results: ['i64'] };
  assert.deepEqual(first?.type, { kind: 'func', type });
  const limits = { shared: false, is64: false, pageSizeLog2: undefined };
  assert.deepEqual(second?.type, {
    kind: 'module',
    type: {
      imports: [{ module: 'm', name: 'f', desc: { kind: 'func', type } }],
      exports: [
        { name: 'mem', desc: { kind: 'memory', limits: { ...limits, min: 1n, max: 2n } } },
        { name: 'g', desc: { kind: 'global', type: 'externref', mutable: true } },
        { name: 't', desc: { kind: 'table', element: 'funcref', limits: { ...limits, min: 3n, max: undefined } } },
      ],
    },
  });
});

test('a recursion group defines all its types', () => {
  // rec { (struct), (func) }, then a module type that aliases the second and exports a function of it
  const rec = [0x4e, 2, 0x5f, 0, 0x60, 0, 0];
  const module = [0x50, 2, 2, 0x10, 1, 1, 1, 3, 1, 0x66, 0, 0];
  const bytes = component(3, 1 + rec.length + module.length, 2, ...rec, ...module);
  const kinds = decodeComponent(bytes).definitions.map((one) => one.kind === 'core-type' && one.type.kind);
  assert.deepEqual(kinds, ['other', 'func', 'module']);
});

test('reads instances, aliases, exports and nested components', async () => {
  const text = `
    (core module $m (func (export "f")))
    (core instance $i (instantiate $m (with "env" (instance (export "x" (func $g))))))
    (core func $g (canon lower (func $h)))
    (import "h" (func $h))
    (component $c (export "m" (core module $m)))
    (instance $j (instantiate $c (with "m" (core module $m))))
    (export "j" (instance $j) (instance))`;
  const kinds = decodeComponent(await assemble(`(component ${text})`)).definitions.map(({ kind }) => kind);
  for (const kind of ['core-instance', 'component', 'instance', 'import', 'export', 'canon'] as const) {
    assert(kinds.includes(kind), kind);
  }
  const [exported] = await definitions(text, 'export');
  assert.deepEqual(exported?.sort, { core: false, sort: 'instance' });
  assert.equal(exported?.desc?.kind, 'instance');
});

test('reads canonical functions with their options and immediates', async () => {
  const found = await definitions(
    `(core module $m (memory (export "m") 1) (func (export "r") (param i32 i32 i32 i32) (result i32) unreachable)
       (func (export "f") (param i32 i32)))
     (core instance $i (instantiate $m))
     (alias core export $i "m" (core memory $mem)) (alias core export $i "r" (core func $realloc))
     (func (param "x" string) (canon lift (core func $i "f") string-encoding=utf16 (memory $mem) (realloc $realloc)))
     (type $s (stream u8))
     (core func (canon stream.read $s async (memory $mem)))
     (core func (canon stream.cancel-write $s async))
     (core func (canon waitable-set.wait (memory $mem)))
     (core func (canon task.return (result u32)))
     (core func (canon context.get i32 1))
     (core func (canon thread.yield))
     (core func (canon subtask.drop))`,
    'canon',
  );
  const [lift, ...builtins] = found.map(({ canon }): Canon => canon);
  assert(lift?.kind === 'lift');
  assert.deepEqual(
    [lift.options.encoding, lift.options.memory, lift.options.realloc, lift.options.async],
    ['utf16', 0, 0, false],
  );
  const shown = builtins.map((one) => {
    assert(one.kind === 'builtin');
    return [one.name, one.type, one.async, one.memory, one.slot, one.result?.kind, one.options?.async];
  });
  assert.deepEqual(shown, [
    ['stream.read', 1, false, undefined, undefined, undefined, true],
    ['stream.cancel-write', 1, true, undefined, undefined, undefined, undefined],
    ['waitable-set.wait', undefined, false, 0, undefined, undefined, undefined],
    ['task.return', undefined, false, undefined, undefined, 'primitive', false],
    ['context.get', undefined, false, undefined, 1, undefined, undefined],
    ['thread.yield', undefined, false, undefined, undefined, undefined, undefined],
    ['subtask.drop', undefined, false, undefined, undefined, undefined, undefined],
  ]);
});

test('an option given twice is refused where it stands', () => {
  // canon lower of func 0 with the options utf8, utf16
  const error = refusal(component(8, 7, 1, 1, 0, 0, 2, 0, 1));
  assert.equal(error.message, 'Canonical option "string-encoding" is specified more than once');
  assert.equal(error.location?.offset, 16);
});

test('components nested too deeply are refused', () => {
  let bytes: number[] = PREAMBLE;
  for (let level = 0; level < 150; level++) {
    const size = bytes.length;
    bytes = [...PREAMBLE, 4, (size & 0x7f) | 0x80, size >> 7, ...bytes];
  }
  assert.match(refusal(Uint8Array.from(bytes)).message, /Nesting is deeper than 100 levels/);
});

test('a small file cannot announce what it does not have', () => {
  // the type section announces 2^32 - 1 types, then a start section as many results
  assert.match(refusal(component(7, 6, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f)).message, /4294967295 elements announced/);
  assert.match(refusal(component(9, 7, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f)).message, /results/);
});

test('other versions and layers are refused as such', () => {
  const headed = (version: number, layer: number): Uint8Array =>
    Uint8Array.of(0x00, 0x61, 0x73, 0x6d, version & 0xff, version >> 8, layer & 0xff, layer >> 8);
  for (const [version, layer] of [
    [0x0c, 1],
    [0x0e, 1],
    [0x10d, 1],
    [0x0d, 2],
    [0x0d, 0x101],
    [0x0d, 0],
    [2, 0],
    [0x101, 0],
  ] as const) {
    const error = refusal(headed(version, layer));
    assert.equal(error.code, 'component-version');
    assert.equal(error.message, `Unknown binary version ${version} of layer ${layer}`);
    assert.equal(error.location?.offset, 4);
  }
  for (let length = 1; length < 4; length++) {
    assert.equal(refusal(headed(0x0d, 1).subarray(0, length)).code, 'component-not-wasm');
  }
  for (let length = 4; length < 8; length++) {
    const error = refusal(headed(0x0d, 1).subarray(0, length));
    assert.deepEqual([error.code, error.location?.offset], ['component-corrupt', length]);
    assert.equal(looksLikeComponent(headed(0x0d, 1).subarray(0, length)), false);
    assert.equal(looksLikeCoreModule(headed(1, 0).subarray(0, length)), false);
  }
  assert.equal(looksLikeComponent(headed(99, 1)), true);
  assert.equal(looksLikeCoreModule(headed(2, 0)), false);
  for (const at of [0, 1, 2, 3]) {
    const bytes = headed(0x0d, 1);
    bytes[at] = 9;
    const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    assert.equal(
      refusal(bytes).message,
      `Expected a component, found bytes that are no WebAssembly: they start with "${start}"`,
    );
  }
});

test('outer aliases of core types keep their order, and may be aliased again', async () => {
  const [inner] = await definitions(
    `(core type $a (func (param i32))) (core type $b (func (param i64)))
     (component (alias outer 1 $a (core type $x)) (alias outer 1 $b (core type $y))
       (core type (module (alias outer 1 $x (type $s)) (alias outer 1 $y (type $t))
         (import "m" "s" (func (type $s))) (import "m" "t" (func (type $t))))))`,
    'component',
  );
  const types = inner?.component.definitions.flatMap((one) => (one.kind === 'core-type' ? [one.type] : []));
  assert.deepEqual(
    types?.flatMap((one) => (one.kind === 'module' ? one.type.imports.map(({ desc }) => desc) : [])),
    [
      { kind: 'func', type: { params: ['i32'], results: [] } },
      { kind: 'func', type: { params: ['i64'], results: [] } },
    ],
  );
});

test('limits of 32 bits end there, those of 64 do not', () => {
  const large = [0x80, 0x80, 0x80, 0x80, 0x10];
  /** A module type that imports a memory. */
  const of = (flags: number, ...bounds: number[]): (() => unknown) => {
    const body = [0x50, 1, 0, 1, 0x61, 1, 0x62, 2, flags, ...bounds];
    return () => decodeComponent(component(3, 1 + body.length, 1, ...body));
  };
  of(1, 1, 2)();
  of(5, ...large, ...large)();
  assert.throws(of(0, ...large), { code: 'component-corrupt' });
  assert.throws(of(1, 1, ...large), { code: 'component-corrupt' });
});
