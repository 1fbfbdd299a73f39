// The host initialises a core module as the engine would: segments, offsets, start function.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, callExport } from '../../test/support/wat.ts';
import type { Instance } from '../component/canon/instance.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import { prepareArtifact } from './artifact.ts';
import { createFactory } from './factory.ts';

/** `read` gives the byte at an address of a module's memory after its initialisation. */
const component = (inside: string, before = ''): string => `(component ${before}
  (core module $m ${inside} (func (export "read") (param i32) (result i32) (i32.load8_u (local.get 0))))
  (core instance $i (instantiate $m ${before === '' ? '' : '(with "env" (instance $e))'}))
  (func (export "read") (param "at" u32) (result u32) (canon lift (core func $i "read"))))`;

async function prepare(text: string): ReturnType<typeof prepareArtifact> {
  return prepareArtifact(await assemble(text), {
    host: new HostRegistry(),
    maximumPages: 100,
    maximumTableElements: 1000,
    interruptible: false,
  });
}

const options = {
  strategy: 'copy',
  maximumPages: 100,
  preinitialize: undefined,
  handleLimit: 10,
  extraImports: {},
} as const;

/** What `read` gives for each address, in a sandbox from the image and in one that is initialised for the request. */
async function bytesAt(text: string, addresses: readonly number[]): Promise<unknown[][]> {
  const artifact = await prepare(text);
  const factories = [
    await createFactory(artifact, options),
    await createFactory(artifact, { ...options, preinitialize: false }),
  ];
  return Promise.all(
    factories.map(async (factory) => {
      const { instance } = factory.make({ state: () => undefined });
      const bytes: unknown[] = [];
      for (const at of addresses) bytes.push(await callExport(instance as Instance, 'read', at));
      return bytes;
    }),
  );
}

const globalModule = `(core module $g (global (export "base") i32 (i32.const 500)))
  (core instance $e (instantiate $g))`;

test('segments with constant offsets, in their order', async () => {
  const text = component('(memory 1) (data (i32.const 8) "abc") (data (i32.const 9) "X") (data "passive")');
  assert.deepEqual(await bytesAt(text, [8, 9, 10, 0]), [
    [97, 88, 99, 0],
    [97, 88, 99, 0],
  ]);
});

test('offsets above 2^31, negative as they are written', async () => {
  const text = component('(memory 1) (data (i32.const 65535) "z") (data (i32.const 65536) "")');
  assert.deepEqual(await bytesAt(text, [65_535]), [[122], [122]]);
});

test('an offset that an imported global holds', async () => {
  const text = component('(import "env" "base" (global $b i32)) (memory 1) (data (global.get $b) "q")', globalModule);
  assert.deepEqual(await bytesAt(text, [500]), [[113], [113]]);
});

test('a computed offset: the engine does it', async () => {
  const text = component(
    `(import "env" "base" (global $b i32)) (memory 1)
     (data (i32.add (global.get $b) (i32.const 7)) "w") (data (i32.const 1) "v")`,
    globalModule,
  );
  assert.deepEqual(await bytesAt(text, [507, 1]), [
    [119, 118],
    [119, 118],
  ]);
});

test('the start function runs after the segments, once', async () => {
  const text = component(`(memory 1) (data (i32.const 0) "\\05")
    (func $s (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))) (start $s)`);
  assert.deepEqual(await bytesAt(text, [0]), [[6], [6]]);
});

test('a segment that does not fit ends the initialisation, as in the engine', async () => {
  const artifact = await prepare(component('(memory 1) (data (i32.const 65535) "zz")'));
  const factory = await createFactory(artifact, options);
  assert.match(factory.reason ?? '', /initialisation fails: Data segment is out of bounds/);
  assert.throws(() => factory.make({ state: () => undefined }), /out of bounds/);
});

test('a module that does not compile, beside one that initialises itself, is an error of loading', async () => {
  const text = component(
    `(import "env" "base" (global $b i32)) (memory 1) (data (i32.add (global.get $b) (i32.const 7)) "w")
     (func (result i32) (i64.const 1))`,
    globalModule,
  );
  await assert.rejects(prepare(text), /does not compile/);
});
