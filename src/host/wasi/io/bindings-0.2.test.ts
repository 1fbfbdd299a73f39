// Streams of wasi:io 0.2 read, write, wait, splice and close as its WIT documents it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from '../../../errors.ts';
import { caller, testState } from '../wasi.test-kit.ts';
import { inputStreamResource, ioInterfaces, outputStreamResource, pollableResource } from './bindings-0.2.ts';
import { releaseAll } from './host-object.ts';
import { Pipe } from './pipe.ts';
import { GuestInputStream, GuestOutputStream, GuestPollable } from './resources.ts';
import { bytesInputStream, emptyInputStream } from './source-stream.ts';
import { pattern } from './stream.contract.ts';
import { type InputStream, type OutputStream, StreamFailure } from './streams.ts';

const state = testState();
const call = caller(ioInterfaces, state);
const input = (name: string, self: GuestInputStream, ...rest: unknown[]) =>
  call('wasi:io/streams', `[method]input-stream.${name}`, self, ...rest);
const output = (name: string, self: GuestOutputStream, ...rest: unknown[]) =>
  call('wasi:io/streams', `[method]output-stream.${name}`, self, ...rest);
const guestInput = (stream: InputStream) => new GuestInputStream(state, stream);
const guestOutput = (stream: OutputStream) => new GuestOutputStream(state, stream);

const closed = { tag: 'err', val: { tag: 'closed' } };
const done = { tag: 'ok', val: undefined };
const MAX_U64 = 0xffff_ffff_ffff_ffffn;
const failing: InputStream = {
  read() {
    throw new StreamFailure('it broke');
  },
  ready: () => undefined,
  close() {},
};

test('read: bytes, nothing yet, then closed', () => {
  const pipe = new Pipe();
  const self = guestInput(pipe.input());
  assert.deepEqual(input('read', self, 10n), { tag: 'ok', val: new Uint8Array(0) });
  pipe.end();
  const full = guestInput(bytesInputStream(pattern(5)));
  assert.deepEqual(input('read', full, 3n), { tag: 'ok', val: pattern(5).subarray(0, 3) });
  assert.deepEqual(input('read', full, 0n), { tag: 'ok', val: new Uint8Array(0) });
  assert.deepEqual(input('read', full, MAX_U64), { tag: 'ok', val: pattern(5).subarray(3) });
  assert.deepEqual(input('read', full, 1n), closed);
  assert.deepEqual(input('read', full, 0n), closed);
  assert.deepEqual(input('blocking-read', full, 0n), closed);
});

test('read: the longest length of u64 gives a bounded list', () => {
  const asked: number[] = [];
  const self = guestInput({
    read: (max) => {
      asked.push(max);
      return Uint8Array.of(1);
    },
    ready: () => undefined,
    close() {},
  });
  input('read', self, MAX_U64);
  input('blocking-skip', self, MAX_U64);
  assert.deepEqual(asked, [1_048_576, 1_048_576]);
});

test('a failure is told once, with a message, and the stream is closed then', () => {
  const self = guestInput(failing);
  const result = input('read', self, 1n) as { val: { tag: string; val: StreamFailure } };
  assert.equal(result.val.tag, 'last-operation-failed');
  assert.equal(call('wasi:io/error', '[method]error.to-debug-string', result.val.val), 'it broke');
  assert.deepEqual(input('read', self, 1n), closed);
  assert.deepEqual(input('blocking-read', self, 1n), closed);
  assert.deepEqual(input('skip', self, 1n), closed);
});

test('blocking-read answers at once when it can, and waits else', async () => {
  const pipe = new Pipe();
  const self = guestInput(pipe.input());
  pipe.write(Uint8Array.of(1));
  assert.deepEqual(input('blocking-read', self, 5n), { tag: 'ok', val: Uint8Array.of(1) });
  const later = input('blocking-read', self, 5n);
  assert.ok(later instanceof Promise);
  pipe.write(Uint8Array.of(2, 3));
  assert.deepEqual(await later, { tag: 'ok', val: Uint8Array.of(2, 3) });
  const skipped = input('blocking-skip', self, 5n);
  pipe.write(Uint8Array.of(2, 3));
  assert.deepEqual(await skipped, { tag: 'ok', val: 2n });
  const last = input('blocking-read', self, 5n);
  pipe.end();
  assert.deepEqual(await last, closed);
});

test('write needs a permit from check-write and uses it up', () => {
  const pipe = new Pipe({ capacity: 100 });
  const self = guestOutput(pipe);
  assert.throws(() => output('write', self, Uint8Array.of(1)), Trap);
  assert.deepEqual(output('write', self, new Uint8Array(0)), done);
  assert.deepEqual(output('check-write', self), { tag: 'ok', val: 100n });
  assert.deepEqual(output('write', self, new Uint8Array(60)), done);
  assert.throws(() => output('write', self, new Uint8Array(41)), Trap);
  assert.deepEqual(output('write', self, new Uint8Array(40)), done);
  assert.deepEqual(output('check-write', self), { tag: 'ok', val: 0n });
  assert.throws(() => output('write', self, Uint8Array.of(1)), Trap);
});

test('a write that was not allowed is shown where it is short text', () => {
  const told = (bytes: Uint8Array): string => {
    try {
      output('write', guestOutput(new Pipe()), bytes);
    } catch (error) {
      return (error as Error).message;
    }
    return 'taken';
  };
  const plain = 'write of 3 bytes exceeds the 0 that check-write allowed';
  assert.equal(told(Buffer.from('no\n')), `${plain}: "no"`);
  assert.equal(told(Uint8Array.of(0, 1, 2)), plain);
  assert.equal(told(Buffer.alloc(201, 'x')), plain.replace('3', '201'));
});

test('a flush takes the permit back', () => {
  const self = guestOutput(new Pipe());
  output('check-write', self);
  assert.deepEqual(output('flush', self), done);
  assert.throws(() => output('write', self, Uint8Array.of(1)), Trap);
});

test('write to a stream that closed since check-write is closed, not a trap', () => {
  const pipe = new Pipe();
  const self = guestOutput(pipe);
  output('check-write', self);
  pipe.source().cancel();
  assert.deepEqual(output('write', self, Uint8Array.of(1)), closed);
  assert.deepEqual(output('check-write', self), closed);
  assert.deepEqual(output('flush', self), closed);
  assert.deepEqual(output('blocking-flush', self), closed);
  assert.deepEqual(output('blocking-write-and-flush', self, Uint8Array.of(1)), closed);
});

test('write-zeroes follows the rules of write and allocates nothing before it has checked', () => {
  const pipe = new Pipe({ capacity: 100 });
  const self = guestOutput(pipe);
  assert.throws(() => output('write-zeroes', self, 1n), Trap);
  output('check-write', self);
  assert.throws(() => output('write-zeroes', self, MAX_U64), Trap);
  assert.deepEqual(output('write-zeroes', self, 4n), done);
  assert.deepEqual(pipe.source().read(), new Uint8Array(4));
});

test('blocking writes take 4096 bytes at most, at once when there is room', async () => {
  const pipe = new Pipe({ capacity: 4096 });
  const self = guestOutput(pipe);
  assert.throws(() => output('blocking-write-and-flush', self, new Uint8Array(4097)), Trap);
  assert.throws(() => output('blocking-write-zeroes-and-flush', self, MAX_U64), Trap);
  assert.deepEqual(output('blocking-write-and-flush', self, pattern(4000)), done);
  const later = output('blocking-write-zeroes-and-flush', self, 4096n);
  assert.ok(later instanceof Promise);
  const source = pipe.source();
  let read = 0;
  while (read < 8096) read += ((await source.read()) as Uint8Array).length;
  assert.deepEqual(await later, done);
});

test('a flush is waited for, and its failure is told', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let flushing = false;
  let failed = false;
  const stream: OutputStream = {
    checkWrite() {
      if (failed) throw new StreamFailure('disk full');
      return flushing ? 0 : 10;
    },
    write() {},
    flush() {
      flushing = true;
    },
    ready: () => (flushing && !failed ? promise : undefined),
    close() {},
  };
  const self = guestOutput(stream);
  const result = output('blocking-write-and-flush', self, Uint8Array.of(1));
  assert.ok(result instanceof Promise);
  failed = true;
  resolve();
  const { val } = (await result) as { val: { tag: string; val: StreamFailure } };
  assert.equal(val.val.message, 'disk full');
  assert.deepEqual(output('check-write', self), closed);
});

test('splice moves what fits, and reports the first error in order', async () => {
  const pipe = new Pipe({ capacity: 10 });
  const self = guestOutput(pipe);
  const source = guestInput(bytesInputStream(pattern(25)));
  assert.deepEqual(output('splice', self, source, MAX_U64), { tag: 'ok', val: 10n });
  assert.deepEqual(output('splice', self, source, 5n), { tag: 'ok', val: 0n });
  const later = output('blocking-splice', self, source, 7n);
  assert.ok(later instanceof Promise);
  pipe.source().read();
  assert.deepEqual(await later, { tag: 'ok', val: 7n });
  assert.deepEqual(output('blocking-splice', self, guestInput(emptyInputStream), 1n), closed);
  const failed = output('splice', self, guestInput(failing), 1n) as { val: { tag: string } };
  assert.equal(failed.val.tag, 'last-operation-failed');
  pipe.source().cancel();
  assert.deepEqual(output('splice', self, source, 1n), closed);
  assert.deepEqual(input('read', source, 100n), { tag: 'ok', val: pattern(25).subarray(17) });
});

test('blocking-splice waits for both sides', async () => {
  const from = new Pipe();
  const to = new Pipe();
  const later = output('blocking-splice', guestOutput(to), guestInput(from.input()), 100n);
  assert.ok(later instanceof Promise);
  from.write(pattern(3));
  assert.deepEqual(await later, { tag: 'ok', val: 3n });
  assert.deepEqual(to.source().read(), pattern(3));
});

test('poll traps on an empty list, answers at once when it can, and waits else', async () => {
  const poll = (list: GuestPollable[]) => call('wasi:io/poll', 'poll', list);
  assert.throws(() => poll([]), Trap);
  const pipe = new Pipe();
  const waiting = input('subscribe', guestInput(pipe.input())) as GuestPollable;
  const ready = output('subscribe', guestOutput(pipe)) as GuestPollable;
  assert.deepEqual(poll([waiting, ready]), Uint32Array.of(1));
  assert.equal(call('wasi:io/poll', '[method]pollable.ready', waiting), false);
  const later = poll([waiting]);
  assert.ok(later instanceof Promise);
  const block = call('wasi:io/poll', '[method]pollable.block', waiting);
  pipe.write(Uint8Array.of(1));
  assert.deepEqual(await later, Uint32Array.of(0));
  assert.equal(await block, undefined);
  assert.equal(call('wasi:io/poll', '[method]pollable.block', waiting), undefined);
});

test('a stream cannot be dropped before its pollables', () => {
  for (const [self, kind, prefix] of [
    [guestInput(emptyInputStream), inputStreamResource, 'input-stream'],
    [guestOutput(new Pipe()), outputStreamResource, 'output-stream'],
  ] as const) {
    const pollable = call('wasi:io/streams', `[method]${prefix}.subscribe`, self);
    assert.throws(() => kind.drop?.(state as never, self as never), Trap);
    pollableResource.drop?.(state as never, pollable as never);
    kind.drop?.(state as never, self as never);
    assert.equal(state.open.has(self), false);
  }
});

test('the end of the request closes what the guest left open, children first', () => {
  const mine = testState();
  const order: string[] = [];
  const stream = { ...emptyInputStream, close: () => void order.push('stream') };
  const parent = new GuestInputStream(mine, stream);
  new GuestPollable(
    mine,
    { ready: () => true, wait: async () => {}, close: () => void order.push('pollable') },
    parent,
  );
  releaseAll(mine);
  releaseAll(mine);
  assert.deepEqual(order, ['pollable', 'stream']);
  assert.equal(mine.open.size, 0);
});
