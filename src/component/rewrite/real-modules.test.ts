// Core modules of the tools in node_modules, whole and damaged: rewritten ones validate, damaged ones are refused in order.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { random } from '../../../test/support/random-module.ts';
import { MayflyError } from '../../errors.ts';
import { readCoreModule } from './read-core-module.ts';
import { rewriteCoreModule } from './rewrite-core-module.ts';

const home = join(import.meta.dirname, '../../../node_modules');
const paths = [
  '@bytecodealliance/jco-transpile/vendor/js-component-bindgen-component.core2.wasm',
  '@bytecodealliance/jco-transpile/vendor/wasm-tools.core.wasm',
  '@bytecodealliance/jco/lib/wasi_snapshot_preview1.command.wasm',
  '@bytecodealliance/jco/lib/wasi_snapshot_preview1.reactor.wasm',
  '@bytecodealliance/componentize-js/lib/starlingmonkey_embedding.wasm',
  '@yowasp/clang/gen/llvm.core2.wasm',
].filter((path) => existsSync(join(home, path)));
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(join(home, path)));

test('there are real modules to test with', () => assert.ok(paths.length > 0));

const interrupt = { module: 'watch', name: 'flag' };
for (const path of paths) {
  test(`rewritten, it validates: ${path}`, () => {
    const bytes = read(path);
    const info = readCoreModule(bytes);
    for (const image of [false, true]) {
      const options = { importMemories: 'own', interrupt, exportInternals: 'x:', maximumPages: 65_536, image };
      const rewritten = rewriteCoreModule(bytes, info, options);
      new WebAssembly.Module(rewritten);
      const after = readCoreModule(rewritten);
      assert.equal(after.funcTypes.length, info.funcTypes.length);
      assert.equal(after.memories.length, info.memories.length + 1);
    }
  });
}

/** Reads or refuses; anything but `component-corrupt` is a defect. */
function isRead(bytes: Uint8Array): boolean {
  try {
    readCoreModule(bytes);
    return true;
  } catch (error) {
    if (error instanceof MayflyError && error.code === 'component-corrupt') return false;
    throw error;
  }
}

const smallest = paths.find((path) => path.endsWith('.core2.wasm'));

test('a module with a few bytes changed is read or refused, and never reaches what is not its own', () => {
  if (smallest === undefined) return;
  const original = read(smallest);
  const next = random(7);
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const bytes = original.slice();
    for (let changes = 1 + next(4); changes > 0; changes--) bytes[8 + next(bytes.length - 8)] = next(256);
    if (!isRead(bytes)) {
      refused++;
      assert.equal(round % 10 === 0 && WebAssembly.validate(bytes), false, `round ${round}: V8 takes what was refused`);
    }
  }
  assert.ok(refused > 100);
});

test('a module cut short is refused', () => {
  if (smallest === undefined) return;
  const original = read(smallest);
  const next = random(8);
  for (let round = 0; round < 300; round++) isRead(original.subarray(0, next(original.length)));
});

test('bytes without sense are refused', () => {
  const next = random(9);
  for (let round = 0; round < 3000; round++) {
    const bytes = Uint8Array.from({ length: 8 + next(200) }, () => next(256));
    bytes.set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    bytes[8] = next(14);
    bytes[9] = next(bytes.length);
    isRead(bytes);
  }
});

test('code of nothing but continuation bytes, and nesting without end, take no long time', () => {
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0];
  const leb = (value: number): number[] =>
    [0, 7, 14, 21].map((shift) => ((value >> shift) & 0x7f) | (shift < 21 ? 0x80 : 0));
  const size = 1 << 20;
  for (const fill of [[0x80], [0x03, 0x40], [0x02, 0x40], [0x0e, 0xff], [0x04, 0x40, 0x05]]) {
    const body = Uint8Array.from({ length: size }, (_, i) => fill[i % fill.length] ?? 0);
    const bytes = Uint8Array.from([...head, 3, 2, 1, 0, 10, ...leb(size + 6), 1, ...leb(size + 1), 0]);
    const whole = new Uint8Array(bytes.length + size);
    whole.set(bytes);
    whole.set(body, bytes.length);
    assert.equal(isRead(whole), false);
  }
});
