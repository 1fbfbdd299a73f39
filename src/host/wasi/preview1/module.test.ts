// The module wasi_snapshot_preview1 has all of its functions, and none reads or writes beyond the memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuestExit, Trap } from '../../../errors.ts';
import { errorCodeOf, FilesystemError } from '../filesystem/error-code.ts';
import { Errno, errnoOf } from './errno.ts';
import { preview1Module } from './module.ts';
import { DATA, PAGE, RESULT, TestGuest } from './preview1.test-kit.ts';

/** The witx document's list. */
const all = `args_get args_sizes_get clock_res_get clock_time_get environ_get environ_sizes_get fd_advise fd_allocate
fd_close fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_filestat_get fd_filestat_set_size
fd_filestat_set_times fd_pread fd_prestat_dir_name fd_prestat_get fd_pwrite fd_read fd_readdir fd_renumber fd_seek
fd_sync fd_tell fd_write path_create_directory path_filestat_get path_filestat_set_times path_link path_open
path_readlink path_remove_directory path_rename path_symlink path_unlink_file poll_oneoff proc_exit proc_raise
random_get sched_yield sock_accept sock_recv sock_send sock_shutdown`;

test('all functions are there, and no other', () => {
  assert.deepEqual(Object.keys(preview1Module.functions).sort(), all.split(/\s+/));
});

test('arguments and environment', () => {
  const guest = new TestGuest({ arguments: ['prog', '', 'ä\0b'], environment: [['A', '1']] });
  assert.equal(guest.call('args_sizes_get', RESULT, RESULT + 4), 0);
  assert.deepEqual([guest.u32(), guest.u32(RESULT + 4)], [3, 5 + 1 + 3]);
  assert.equal(guest.call('args_get', RESULT, DATA), 0);
  assert.equal(guest.dataText(9), 'prog\0\0ä\0');
  assert.deepEqual(
    [0, 4, 8].map((at) => guest.u32(RESULT + at) - DATA),
    [0, 5, 6],
  );
  assert.equal(guest.call('environ_sizes_get', RESULT, RESULT + 4), 0);
  assert.deepEqual([guest.u32(), guest.u32(RESULT + 4)], [1, 4]);
  assert.equal(guest.call('environ_get', RESULT, DATA), 0);
  assert.equal(guest.dataText(4), 'A=1\0');
});

test('clocks', () => {
  const guest = new TestGuest();
  for (const id of [0, 1, 2, 3]) {
    assert.equal(guest.call('clock_time_get', id, 0n, RESULT), 0);
    const first = guest.u64();
    guest.call('clock_time_get', id, 0n, RESULT);
    assert.ok(guest.u64() >= first);
    assert.equal(guest.call('clock_res_get', id, RESULT), 0);
    assert.ok(guest.u64() > 0n);
  }
  assert.equal(guest.call('clock_time_get', 4, 0n, RESULT), Errno.inval);
  assert.equal(guest.call('clock_res_get', 4, RESULT), Errno.inval);
});

test('random bytes of any size, never beyond the buffer', async () => {
  const guest = new TestGuest();
  for (const size of [0, 1, 100, 100_000]) {
    guest.bytes.fill(0);
    assert.equal(await guest.call('random_get', DATA, size), 0);
    const zeros = guest.bytes.subarray(DATA, DATA + size).filter((byte) => byte === 0).length;
    assert.ok(zeros <= size / 100 + 1);
    assert.ok(guest.bytes.subarray(DATA + size).every((byte) => byte === 0));
    assert.ok(guest.bytes.subarray(0, DATA).every((byte) => byte === 0));
  }
  assert.throws(() => guest.call('random_get', 4 * PAGE - 10, 11), Trap);
});

test('exit, yield, and what there is not', async () => {
  const guest = new TestGuest();
  assert.throws(
    () => guest.call('proc_exit', 7),
    (error) => error instanceof GuestExit && error.code === 7,
  );
  assert.equal(await guest.call('sched_yield'), 0);
  assert.equal(guest.call('proc_raise', 6), Errno.notsup);
  assert.equal(guest.call('sock_shutdown', 1, 1), Errno.notsock);
  assert.equal(guest.call('sock_shutdown', 9, 1), Errno.badf);
  assert.equal(guest.call('sock_accept', 0, 0, RESULT), Errno.notsock);
});

/** Numbers that look like pointers, lengths, descriptors and counts. */
const numbers = [
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  100,
  1024,
  65_535,
  4 * PAGE - 8,
  4 * PAGE - 1,
  4 * PAGE,
  0x7fff_ffff,
  0xffff_fff8,
  0xffff_ffff,
];

test('whatever numbers a guest passes, it gets an errno or a trap', async () => {
  const pick = (param: string): number | bigint => {
    const value = numbers[Math.floor(Math.random() * numbers.length)] as number;
    if (param === 'u32') return value;
    if (Math.random() < 0.2) return param === 'u64' ? 0xffff_ffff_ffff_ffffn : -0x8000_0000_0000_0000n;
    return BigInt(value);
  };
  const guest = new TestGuest();
  for (let round = 0; round < 4000; round++) {
    for (const [name, { params }] of Object.entries(preview1Module.functions)) {
      // Random lists of subscriptions may wait for days; clocks and random bytes are tested above.
      if (['poll_oneoff', 'sched_yield', 'random_get', 'proc_exit', 'fd_close', 'fd_renumber'].includes(name)) continue;
      const args = params.map(pick);
      try {
        const errno = await guest.call(name, ...args);
        assert.ok(Number.isInteger(errno) && errno >= 0 && errno <= 76, `${name} gave ${errno}`);
      } catch (error) {
        assert.ok(error instanceof Trap, `${name}(${args}) threw ${error}`);
      }
    }
  }
});

test('every error of the filesystem has a number', () => {
  assert.equal(errnoOf(new FilesystemError('no-entry')), 44);
  assert.equal(errnoOf(new FilesystemError('insufficient-memory')), Errno.mfile);
  const system = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
  assert.equal(errnoOf(system), 51);
  assert.equal(errorCodeOf(system), 'insufficient-space');
  assert.throws(() => errnoOf(new Trap('x')), Trap);
  assert.throws(() => errnoOf(new TypeError('a defect')), TypeError);
});
