// Streams between host and guest deliver every byte in order, hold writers back, and end from either side.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callExport, instantiatePlan, linkText } from '../../../test/support/wat.ts';
import type { Instance } from '../canon/instance.ts';
import { type HostFuture, type HostReadable, hostStream } from './host-streams.ts';
import type { Store } from './store.ts';

/** Copies a stream through a buffer of `capacity` bytes, and adds 1 to a future. */
const copier = (capacity: number, element: 'u8' | 'string', size: number): string => `(component
  (core module $libc (memory (export "memory") 2) (global $free (mut i32) (i32.const 66000))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (if (i32.gt_u (global.get $free) (i32.const 130000)) (then (global.set $free (i32.const 66000))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (type $s (stream ${element}))
  (type $f (future u32))
  (core func $new (canon stream.new $s))
  (core func $read (canon stream.read $s (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $write (canon stream.write $s (memory (core memory $libc "memory"))))
  (core func $dropr (canon stream.drop-readable $s))
  (core func $dropw (canon stream.drop-writable $s))
  (core func $return (canon task.return (result $s)))
  (core func $fnew (canon future.new $f))
  (core func $fread (canon future.read $f (memory (core memory $libc "memory"))))
  (core func $fwrite (canon future.write $f (memory (core memory $libc "memory"))))
  (core func $fdropr (canon future.drop-readable $f))
  (core func $fdropw (canon future.drop-writable $f))
  (core func $freturn (canon task.return (result $f)))
  (core module $m
    (import "libc" "memory" (memory 2))
    (import "i" "new" (func $new (result i64)))
    (import "i" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "i" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "i" "dropr" (func $dropr (param i32)))
    (import "i" "dropw" (func $dropw (param i32)))
    (import "i" "return" (func $return (param i32)))
    (import "i" "fnew" (func $fnew (result i64)))
    (import "i" "fread" (func $fread (param i32 i32) (result i32)))
    (import "i" "fwrite" (func $fwrite (param i32 i32) (result i32)))
    (import "i" "fdropr" (func $fdropr (param i32)))
    (import "i" "fdropw" (func $fdropw (param i32)))
    (import "i" "freturn" (func $freturn (param i32)))
    (func (export "copy") (param $in i32) (local $ends i64) (local $w i32) (local $n i32) (local $got i32) (local $sent i32)
      (local.set $ends (call $new))
      (local.set $w (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (call $return (i32.wrap_i64 (local.get $ends)))
      (block $end (loop $more
        (local.set $got (call $read (local.get $in) (i32.const 0) (i32.const ${capacity})))
        (local.set $n (i32.shr_u (local.get $got) (i32.const 4)))
        (local.set $sent (i32.const 0))
        (block $written (loop $rest
          (br_if $written (i32.ge_u (local.get $sent) (local.get $n)))
          (local.set $got (i32.or (i32.and (local.get $got) (i32.const 15))
            (call $write (local.get $w) (i32.mul (local.get $sent) (i32.const ${size}))
              (i32.sub (local.get $n) (local.get $sent)))))
          (br_if $end (i32.and (local.get $got) (i32.const 1)))
          (local.set $sent (i32.add (local.get $sent) (i32.shr_u (local.get $got) (i32.const 4))))
          (local.set $got (i32.and (local.get $got) (i32.const 15)))
          (br $rest)))
        (br_if $end (i32.and (local.get $got) (i32.const 1)))
        (br $more)))
      (call $dropr (local.get $in))
      (call $dropw (local.get $w)))
    (func (export "next") (param $in i32) (local $ends i64) (local $w i32)
      (local.set $ends (call $fnew))
      (local.set $w (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (call $freturn (i32.wrap_i64 (local.get $ends)))
      (drop (call $fread (local.get $in) (i32.const 0)))
      (call $fdropr (local.get $in))
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
      (drop (call $fwrite (local.get $w) (i32.const 0)))
      (call $fdropw (local.get $w))))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "i" (instance
    (export "new" (func $new)) (export "read" (func $read)) (export "write" (func $write))
    (export "dropr" (func $dropr)) (export "dropw" (func $dropw)) (export "return" (func $return))
    (export "fnew" (func $fnew)) (export "fread" (func $fread)) (export "fwrite" (func $fwrite))
    (export "fdropr" (func $fdropr)) (export "fdropw" (func $fdropw)) (export "freturn" (func $freturn))))))
  (func (export "copy") async (param "in" $s) (result $s) (canon lift (core func $i "copy") async))
  (func (export "next") async (param "in" $f) (result $f) (canon lift (core func $i "next") async)))`;

async function copierInstance(capacity: number, element: 'u8' | 'string' = 'u8'): Promise<Instance> {
  return instantiatePlan(await linkText(copier(capacity, element, element === 'u8' ? 1 : 8)));
}

function idle(instance: Instance): Promise<boolean> {
  return (instance.store as Store).idle();
}

/** A small generator with a seed: xorshift. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

test('bytes pass through a guest in chunks of any size, in order and complete', async () => {
  for (const [seed, capacity] of [
    [1, 7],
    [2, 1000],
    [3, 65_536],
  ] as const) {
    const next = random(seed * 7919);
    const instance = await copierInstance(capacity);
    const { readable, writable } = hostStream<number>();
    const output = (await callExport(instance, 'copy', readable)) as HostReadable<number>;
    const sent = Uint8Array.from({ length: 20_000 }, () => next(256));
    const send = async (): Promise<void> => {
      for (let at = 0; at < sent.length; ) {
        const chunk = sent.subarray(at, at + 1 + next(3000));
        assert.equal(await writable.write(chunk), chunk.length);
        at += chunk.length;
      }
      writable.close();
    };
    const receive = async (): Promise<Uint8Array> => {
      const chunks: Uint8Array[] = [];
      for (;;) {
        const chunk = (await output.read(1 + next(2000))) as Uint8Array | undefined;
        if (!chunk) return Buffer.concat(chunks);
        assert.ok(chunk instanceof Uint8Array);
        chunks.push(chunk);
      }
    };
    const [received] = await Promise.all([receive(), send()]);
    assert.deepEqual(Buffer.from(received), Buffer.from(sent));
    assert.equal(await idle(instance), true);
    assert.equal(instance.suspended, false);
    assert.equal(instance.store?.hostEnds.size, 0);
  }
});

test('64 KiB cross in one piece', async () => {
  const instance = await copierInstance(65_536);
  const { readable, writable } = hostStream<number>();
  const output = (await callExport(instance, 'copy', readable)) as HostReadable<number>;
  const reading = output.read();
  await writable.write(new Uint8Array(65_536).fill(7));
  assert.equal((await reading)?.length, 65_536);
});

test('elements that need allocation pass, too', async () => {
  const instance = await copierInstance(5, 'string');
  const { readable, writable } = hostStream<string>();
  const output = (await callExport(instance, 'copy', readable)) as HostReadable<string>;
  const sent = Array.from({ length: 40 }, (_, index) => `text ${index} ${'ä'.repeat(index)}`);
  const write = writable.write(sent).then(() => writable.close());
  const received: string[] = [];
  for await (const chunk of output) received.push(...Array.from(chunk));
  await write;
  assert.deepEqual(received, sent);
  assert.equal(await idle(instance), true);
});

test('the reader that goes away ends the guest, and through it the writer', async () => {
  const instance = await copierInstance(100);
  const { readable, writable } = hostStream<number>();
  const output = (await callExport(instance, 'copy', readable)) as HostReadable<number>;
  let told = 0;
  writable.onDrop(() => told++);
  const writing = writable.write(new Uint8Array(1000));
  assert.equal((await output.read())?.length, 100);
  output.close();
  assert.ok((await writing) < 1000);
  assert.equal(writable.dropped, true);
  assert.equal(told, 1);
  assert.equal(await writable.write(new Uint8Array(1)), 0);
  assert.equal(await idle(instance), true);
});

test('a read and a write that wait can be called off', async () => {
  const instance = await copierInstance(10);
  const { readable, writable } = hostStream<number>();
  const output = (await callExport(instance, 'copy', readable)) as HostReadable<number>;
  const reading = output.read();
  output.cancelRead();
  assert.equal(await reading, undefined);
  const writing = writable.write(new Uint8Array(25));
  await new Promise((resolve) => setImmediate(resolve));
  writable.cancelWrite();
  assert.equal(await writing, 10);
  assert.equal((await output.read())?.length, 10);
  writable.close();
  assert.equal(await output.read(), undefined);
  assert.equal(await idle(instance), true);
});

test('the end of the request reaches what the host waits for', async () => {
  const instance = await copierInstance(10);
  const { readable, writable } = hostStream<number>();
  const output = (await callExport(instance, 'copy', readable)) as HostReadable<number>;
  const reading = output.read();
  instance.cancel(new Error('the client went away'));
  await assert.rejects(reading, /client went away/);
  await assert.rejects(idle(instance), /client went away/);
  await assert.rejects(callExport(instance, 'copy', readable) as Promise<unknown>, /client went away/);
  assert.equal(await writable.write(new Uint8Array(3)), 0);
  assert.equal(instance.suspended, true);
});

test("a read that waits for its guest's turn ends with the guest", async () => {
  const instance = await copierInstance(10, 'string');
  const { readable } = hostStream<string>();
  const output = (await callExport(instance, 'copy', readable)) as HostReadable<string>;
  instance.activity = {
    enter: () => undefined,
    tryEnter: () => false,
    resume: () => undefined,
    pause: () => false,
    suspend: () => undefined,
    leave: () => undefined,
  };
  const reading = output.read();
  await new Promise((resolve) => setImmediate(resolve));
  instance.cancel(new Error('the client went away'));
  const late = new Promise((resolve) => setTimeout(resolve, 2_000, 'still waits'));
  await assert.rejects(Promise.race([reading, late]), /client went away/);
});

test('futures take promises and give their value once', async () => {
  const instance = await copierInstance(10);
  const later = Promise.withResolvers<number>();
  const answer = (await callExport(instance, 'next', later.promise)) as HostFuture<number>;
  const value = answer.read();
  later.resolve(41);
  assert.equal(await value, 42);
  assert.equal(await answer.read(), 42);
  assert.equal(await idle(instance), true);
  const first = (await callExport(instance, 'next', Promise.resolve(1))) as HostFuture<number>;
  const second = (await callExport(instance, 'next', first)) as HostFuture<number>;
  assert.equal(await second.read(), 3);
  assert.throws(() => first.handOver(), /passed on already/);
});

test('a promise that rejects ends the guest', async () => {
  const instance = await copierInstance(10);
  const answer = (await callExport(instance, 'next', Promise.reject(new Error('no value')))) as HostFuture<number>;
  await assert.rejects(answer.read(), /no value/);
});

test('a guest may hold the end that it was given through a reset, and the host sees the stream end', async () => {
  const instance = await copierInstance(10);
  const { readable, writable } = hostStream<number>();
  const call = callExport(instance, 'copy', readable) as Promise<HostReadable<number>>;
  const output = await call;
  output.close();
  writable.close();
  assert.equal(await idle(instance), true);
  instance.resetHostSide();
  const again = hostStream<number>();
  const copy = (await callExport(instance, 'copy', again.readable)) as HostReadable<number>;
  const reading = copy.read();
  await again.writable.write(Uint8Array.of(1, 2));
  assert.deepEqual(await reading, Uint8Array.of(1, 2));
});

/** Gives the first byte of a stream, for which it waits before it returns. */
const first = `(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (type $s (stream u8))
  (core func $read (canon stream.read $s (memory (core memory $libc "memory"))))
  (core func $drop (canon stream.drop-readable $s))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "i" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "i" "drop" (func $drop (param i32)))
    (func (export "first") (param $in i32) (result i32)
      (drop (call $read (local.get $in) (i32.const 0) (i32.const 1)))
      (call $drop (local.get $in))
      (i32.load8_u (i32.const 0))))
  (core instance $i (instantiate $m (with "libc" (instance $libc))
    (with "i" (instance (export "read" (func $read)) (export "drop" (func $drop))))))
  (func (export "first") async (param "in" $s) (result u32) (canon lift (core func $i "first"))))`;

test('a guest that waits for what the host has not written yet is no deadlock', async () => {
  const instance = await instantiatePlan(await linkText(first));
  const { readable, writable } = hostStream<number>();
  const result = callExport(instance, 'first', readable);
  for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate);
  assert.equal(await writable.write(Uint8Array.of(42)), 1);
  assert.equal(await result, 42);
  writable.close();
});
