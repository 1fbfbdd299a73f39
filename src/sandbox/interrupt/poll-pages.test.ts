// Each memory has a page that the host can take away, and the guest cannot use it for anything.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '@bytecodealliance/jco';
import { processLibc } from '../memory/kernel.ts';
import { openPollPages, POLL_ADDRESS, pollAddress, processPollPages } from './poll-pages.ts';

const polls = processPollPages();
const skip = typeof polls === 'string' ? { skip: polls } : {};

test('a memory that may reach the address is not polled', skip, () => {
  assert.equal(pollAddress(4096), POLL_ADDRESS);
  assert.equal(pollAddress(32_683), POLL_ADDRESS);
  assert.equal(pollAddress(32_684), undefined);
  assert.equal(pollAddress(65_536), undefined);
});

test('each memory of a sandbox has a page of its own, and grows as before', skip, () => {
  const memories = [1, 2].map((initial) => new WebAssembly.Memory({ initial, maximum: 64 }));
  const [first, second] = openPollPages(memories, 64) as [bigint, bigint];
  assert.notEqual(first, second);
  for (const memory of memories) {
    memory.grow(62);
    new Uint8Array(memory.buffer).fill(1);
    assert.throws(() => memory.grow(2), RangeError);
  }
});

test('a guest reads zeros from its page, cannot write there, and reaches nothing beside it', skip, async () => {
  const bytes = await parse(`(module (import "m" "memory" (memory 1 4))
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "load of a vector") (param i32) (result i32) (i32x4.extract_lane 0 (v128.load (local.get 0))))
    (func (export "store") (param i32) (result i32) (i32.store (local.get 0) (i32.const 1)) (i32.const 0))
    (func (export "exchange") (param i32) (result i32) (i32.atomic.rmw.xchg (local.get 0) (i32.const 1)))
    (func (export "fill") (param i32) (result i32) (memory.fill (local.get 0) (i32.const 1) (i32.const 4)) (i32.const 0))
    (func (export "copy from") (param i32) (result i32)
      (memory.copy (i32.const 0) (local.get 0) (i32.const 4)) (i32.const 0)))`);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  openPollPages([memory], 4);
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const guest = new WebAssembly.Instance(module, { m: { memory } }).exports as Record<string, (at: number) => number>;
  const { byteLength } = polls as Exclude<typeof polls, string>;
  for (const at of [POLL_ADDRESS, POLL_ADDRESS + byteLength - 16]) {
    assert.equal(guest.load!(at), 0);
    assert.equal(guest['load of a vector']!(at), 0);
    for (const name of ['store', 'exchange', 'fill', 'copy from']) {
      assert.throws(() => guest[name]!(at), WebAssembly.RuntimeError, name);
    }
    assert.equal(guest.load!(at), 0);
  }
  for (const at of [POLL_ADDRESS - 4, POLL_ADDRESS + byteLength]) {
    assert.throws(() => guest.load!(at), WebAssembly.RuntimeError);
  }
});

test('no page is opened in a memory that may reach the address: it would be one of the guest', skip, () => {
  const memory = new WebAssembly.Memory({ initial: 32_700, maximum: 40_000 });
  assert.deepEqual(openPollPages([memory], 40_000), []);
  const bytes = new Uint8Array(memory.buffer);
  bytes[POLL_ADDRESS] = 1;
  assert.equal(bytes[POLL_ADDRESS], 1);
});

const libc = processLibc();

test('wherever the C library is at hand guests poll: only larger pages of the system are a reason not to', {
  skip: typeof libc === 'string' && libc,
}, () => {
  if (typeof polls === 'string') assert.match(polls, /^pages have \d+ bytes$/);
});
