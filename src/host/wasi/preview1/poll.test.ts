// poll_oneoff wakes for clocks, streams and files, and leaves no timer behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from '../../../errors.ts';
import { makeFiles } from '../filesystem/files.test-kit.ts';
import { Pipe } from '../io/pipe.ts';
import { Errno } from './errno.ts';
import { DATA, PAGE, RESULT, ROOT, TestGuest } from './preview1.test-kit.ts';

const EVENTS = DATA + 8192;
const MS = 1_000_000n;

type Subscription =
  | { readonly clock: number; readonly timeout: bigint; readonly flags?: number }
  | { readonly fd: number; readonly write?: boolean };

interface Event {
  readonly index: number;
  readonly errno: number;
  readonly type: number;
  readonly bytes: bigint;
}

/** The events, or the errno. */
async function poll(guest: TestGuest, subscriptions: readonly Subscription[]): Promise<Event[] | number> {
  for (const [index, one] of subscriptions.entries()) {
    const at = DATA + index * 48;
    guest.bytes.fill(0, at, at + 48);
    guest.data.setBigUint64(at, BigInt(index), true);
    guest.data.setUint8(at + 8, 'clock' in one ? 0 : one.write ? 2 : 1);
    guest.data.setUint32(at + 16, 'clock' in one ? one.clock : one.fd, true);
    if (!('clock' in one)) continue;
    guest.data.setBigUint64(at + 24, one.timeout, true);
    guest.data.setUint16(at + 40, one.flags ?? 0, true);
  }
  const errno = await guest.call('poll_oneoff', DATA, EVENTS, subscriptions.length, RESULT);
  if (errno !== 0) return errno;
  return Array.from({ length: guest.u32() }, (_, index) => ({
    index: Number(guest.u64(EVENTS + index * 32)),
    errno: guest.data.getUint16(EVENTS + index * 32 + 8, true),
    type: guest.data.getUint8(EVENTS + index * 32 + 10),
    bytes: guest.u64(EVENTS + index * 32 + 16),
  }));
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('the first clock wins, and the other leaves no timer', async () => {
  const guest = new TestGuest();
  const before = timers();
  const events = await poll(guest, [
    { clock: 1, timeout: 3_600_000n * MS },
    { clock: 1, timeout: 2n * MS },
    { clock: 0, timeout: 0xffff_ffff_ffff_ffffn },
  ]);
  assert.deepEqual(events, [{ index: 1, errno: 0, type: 0, bytes: 0n }]);
  assert.equal(timers(), before);
});

test('the end of the request stops the clocks of a guest that waits', () => {
  const guest = new TestGuest();
  const before = timers();
  void poll(guest, [{ clock: 1, timeout: 3_600_000n * MS }]);
  assert.equal(timers(), before + 1);
  guest.end();
  assert.equal(timers(), before);
});

test('times that are past are ready, absolute or not', async () => {
  const guest = new TestGuest();
  const events = (await poll(guest, [
    { clock: 0, timeout: 5n, flags: 1 },
    { clock: 1, timeout: 0n },
    { clock: 0, timeout: 0xffff_ffff_ffff_ffffn, flags: 1 },
  ])) as Event[];
  assert.deepEqual(
    events.map(({ index }) => index),
    [0, 1],
  );
});

test('streams are ready when they have bytes or room', async () => {
  const input = new Pipe();
  const output = new Pipe();
  const guest = new TestGuest({ stdio: { stdin: () => input.input(), stdout: () => output } });
  const far = { clock: 1, timeout: 3_600_000n * MS };
  assert.deepEqual(await poll(guest, [far, { fd: 1, write: true }]), [{ index: 1, errno: 0, type: 2, bytes: 1n }]);
  const waiting = poll(guest, [far, { fd: 0 }]);
  input.write(Buffer.from('x'));
  assert.deepEqual(await waiting, [{ index: 1, errno: 0, type: 1, bytes: 1n }]);
  output.write(new Uint8Array(65_536));
  const events = poll(guest, [far, { fd: 1, write: true }]);
  output.source().read();
  assert.deepEqual(await events, [{ index: 1, errno: 0, type: 2, bytes: 1n }]);
});

test('files are always ready; what is wrong with a subscription is its event', async () => {
  const guest = TestGuest.of(makeFiles({ a: 'hello' }));
  const fd = guest.open('a');
  assert.deepEqual(await poll(guest, [{ fd }, { fd, write: true }, { fd: 99 }, { fd: ROOT }, { fd: 0, write: true }]), [
    { index: 0, errno: 0, type: 1, bytes: 5n },
    { index: 1, errno: 0, type: 2, bytes: 0n },
    { index: 2, errno: Errno.badf, type: 1, bytes: 0n },
    { index: 3, errno: Errno.badf, type: 1, bytes: 0n },
    { index: 4, errno: Errno.notcapable, type: 2, bytes: 0n },
  ]);
  assert.deepEqual(
    await poll(guest, [
      { clock: 2, timeout: 0n },
      { clock: 1, timeout: 0n, flags: 2 },
    ]),
    [
      { index: 0, errno: Errno.notsup, type: 0, bytes: 0n },
      { index: 1, errno: Errno.inval, type: 0, bytes: 0n },
    ],
  );
});

test('lists are bounded and checked', async () => {
  const guest = new TestGuest();
  assert.equal(await guest.call('poll_oneoff', DATA, EVENTS, 0, RESULT), Errno.inval);
  assert.equal(await guest.call('poll_oneoff', DATA, EVENTS, 4097, RESULT), Errno.inval);
  assert.equal(await guest.call('poll_oneoff', DATA, EVENTS, 0xffff_ffff, RESULT), Errno.inval);
  assert.throws(() => guest.call('poll_oneoff', 4 * PAGE - 48, EVENTS, 2, RESULT), Trap);
  assert.throws(() => guest.call('poll_oneoff', DATA + 4, EVENTS, 1, RESULT), Trap);
  guest.data.setUint8(DATA + 8, 9);
  assert.equal(await guest.call('poll_oneoff', DATA, EVENTS, 1, RESULT), Errno.inval);
});

test('reading waits for bytes, or says that there are none yet', async () => {
  const input = new Pipe();
  const guest = new TestGuest({ stdio: { stdin: () => input.input() } });
  const reading = guest.read(0);
  input.write(Buffer.from('hello'));
  assert.equal(await reading, 'hello');
  assert.equal(guest.call('fd_fdstat_set_flags', 0, 4), 0);
  assert.equal(await guest.call('fd_read', 0, ...guest.buffers(5), RESULT), Errno.again);
  input.end();
  assert.equal(guest.call('fd_fdstat_set_flags', 0, 0), 0);
  assert.equal(await guest.read(0), '');
  assert.equal(await guest.call('fd_seek', 0, 0n, 0, RESULT), Errno.spipe);
});

test('writing waits for room; a reader that is gone is an error', async () => {
  const output = new Pipe({ capacity: 10 });
  const guest = new TestGuest({ stdio: { stdout: () => output } });
  const source = output.source();
  const written = guest.write(1, 'x'.repeat(35));
  let read = '';
  while (read.length < 35) read += Buffer.from((await source.read()) as Uint8Array).toString();
  assert.equal(await written, 0);
  assert.equal(guest.u32(), 35);
  assert.equal(guest.call('fd_fdstat_set_flags', 1, 4), 0);
  assert.equal(await guest.write(1, 'y'.repeat(35)), 0);
  assert.equal(guest.u32(), 10);
  assert.equal(await guest.write(1, 'y'), Errno.again);
  source.cancel();
  assert.equal(await guest.write(1, 'y'), Errno.pipe);
});
