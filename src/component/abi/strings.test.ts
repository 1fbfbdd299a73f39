// Strings cross in every encoding and come back as they went; invalid ones and those out of memory trap.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callExport, coreModule, instantiatePlan, linkText } from '../../../test/support/wat.ts';
import { Trap } from '../../errors.ts';

const identity = `
  (func (export "id") (param i32 i32) (result i32)
    (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
  (func (export "range") (param i32 i32) (result i32)
    (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
  (func (export "list") (param i32 i32) (result i32)
    (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))`;

/** `id` gives the string back; `range` reads a string at any place; `bytes` gives the bytes that were stored. */
async function guest(encoding: string): Promise<ReturnType<typeof instantiatePlan>> {
  const options = `(memory (core memory $i "memory")) (realloc (core func $i "realloc")) string-encoding=${encoding}`;
  const plan = await linkText(`(component ${coreModule(identity)} (core instance $i (instantiate $m))
    (func (export "id") (param "s" string) (result string) (canon lift (core func $i "id") ${options}))
    (func (export "range") (param "at" u32) (param "units" u32) (result string)
      (canon lift (core func $i "range") ${options}))
    (func (export "put") (param "s" (list u8)) (result (list u8)) (canon lift (core func $i "list") ${options})))`);
  return instantiatePlan(plan);
}

const samples = ['', 'a', 'hello world', 'é', 'ÿĀ', '€uro', '😀', 'a'.repeat(23), 'a'.repeat(25), `${'x'.repeat(40)}é`];

for (const encoding of ['utf8', 'utf16', 'latin1+utf16']) {
  test(`${encoding}: strings come back as they went in`, async () => {
    const instance = await guest(encoding);
    for (const text of samples) assert.equal(callExport(instance, 'id', text), text);
    for (let round = 0; round < 200; round++) {
      const text = randomText();
      assert.equal(callExport(instance, 'id', text), text);
    }
  });

  test(`${encoding}: long Latin-1 strings keep their end`, async () => {
    const instance = await guest(encoding);
    for (let length = 250; length < 290; length++) {
      const text = Buffer.from(Array.from({ length }, (_, index) => (index % 3 ? 0xe9 : 0x41))).toString('latin1');
      assert.equal(callExport(instance, 'id', text), text);
    }
  });

  test(`${encoding}: a lone surrogate becomes U+FFFD`, async () => {
    assert.equal(callExport(await guest(encoding), 'id', 'a\ud800b'), 'a\ufffdb');
  });

  test(`${encoding}: a range that leaves the memory traps`, async () => {
    for (const [at, units] of [
      [65_530, 100],
      [0xffff_fff0, 16],
      [0, 0xffff_ffff],
      [0, 0x7fff_ffff],
      [0x1_0000, 1],
    ]) {
      const instance = await guest(encoding);
      assert.throws(() => callExport(instance, 'range', at, units), Trap);
    }
  });
}

test('utf8: invalid bytes trap', async () => {
  for (const bytes of [[0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
    const instance = await guest('utf8');
    const at = place(instance, Uint8Array.from(bytes));
    assert.throws(() => callExport(instance, 'range', at, bytes.length), /not valid UTF-8/);
  }
});

test('utf16: lone surrogates and odd addresses trap', async () => {
  const lone = await guest('utf16');
  const at = place(lone, Uint8Array.from([0x00, 0xd8, 0x41, 0x00]));
  assert.throws(() => callExport(lone, 'range', at, 2), /not valid UTF-16/);
  assert.throws(() => callExport(lone, 'range', 1025, 1), Trap);
});

test('latin1: every byte is a character of its own', async () => {
  const instance = await guest('latin1+utf16');
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const at = place(instance, bytes);
  const text = callExport(instance, 'range', at, 256) as string;
  assert.deepEqual(
    [...text].map((char) => char.charCodeAt(0)),
    [...bytes],
  );
});

/** Puts bytes into the guest at an even address and says where. */
function place(instance: ReturnType<typeof instantiatePlan>, bytes: Uint8Array): number {
  const memory = instance.core[0]?.memory as WebAssembly.Memory;
  new Uint8Array(memory.buffer as ArrayBuffer).set(bytes, 2048);
  return 2048;
}

function randomText(): string {
  const length = Math.floor(Math.random() * 40);
  const highest = [0x7f, 0xff, 0xffff, 0x10ffff][Math.floor(Math.random() * 4)] as number;
  return Array.from({ length }, () => String.fromCodePoint(Math.floor(Math.random() * highest)))
    .join('')
    .toWellFormed();
}
