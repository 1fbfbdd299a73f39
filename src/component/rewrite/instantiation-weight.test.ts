// A module weighs what V8 makes anew for each instance, and too much of it is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '@bytecodealliance/jco';
import { prepareArtifact } from '../../sandbox/artifact.ts';
import { HostRegistry } from '../link/host-registry.ts';
import { instantiationWeight } from './instantiation-weight.ts';
import { readCoreModule } from './read-core-module.ts';

const weightOf = async (text: string): Promise<number> => instantiationWeight(readCoreModule(await parse(text)));

test('what the engine makes anew for each instance weighs', async () => {
  const empty = await weightOf('(module)');
  for (const part of [
    '(import "a" "b" (global i32))',
    '(global (mut i32) (i32.const 0))',
    '(table 1 funcref)',
    '(memory 1)',
    '(func)',
    '(func $f) (elem declare func $f)',
  ]) {
    assert.ok((await weightOf(`(module ${part})`)) > empty, part);
  }
  const exported =
    (await weightOf('(module (func $f) (export "f" (func $f)))')) - (await weightOf('(module (func $f))'));
  assert.equal(exported, 16);
});

test('many instances of a module that is much to instantiate are refused', async () => {
  const exports = Array.from({ length: 400 }, (_, index) => `(export "e${index}" (func $f))`).join(' ');
  const instances = (count: number): string => '(core instance (instantiate $m))'.repeat(count);
  const component = (count: number): Promise<Uint8Array> =>
    parse(`(component (core module $m (func $f) ${exports}) ${instances(count)})`);
  const options = { host: new HostRegistry(), maximumPages: 100, maximumTableElements: 100, interruptible: false };
  await prepareArtifact(await component(20), options);
  await assert.rejects(async () => prepareArtifact(await component(900), options), {
    code: 'component-over-limit',
    message: /Limit reached: instantiation weight/,
  });
});

test('by how much: sections count with their own bytes, wherever they stand', async () => {
  const before = '(memory 1) (func $f) (export "a name that takes some room" (func $f))';
  const none = await weightOf(`(module ${before})`);
  assert.equal(none, 16 * 2 + 4);
  // one byte for their number, then flags, i32.const, the offset and end, and the length
  assert.equal(await weightOf(`(module ${before} (data (i32.const 0) "${'x'.repeat(100)}"))`), none + 2);
  assert.equal(await weightOf(`(module ${before} (data (i32.const 0) "x"))`), none + 1);
  // one byte for their number; flags, kind, and their number; a byte each
  assert.equal(await weightOf(`(module ${before} (elem declare func ${'$f '.repeat(40)}))`), none + 44);
});
