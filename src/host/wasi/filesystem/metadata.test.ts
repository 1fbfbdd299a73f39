// What guests are told of a file, and how errors and paths are read.
import assert from 'node:assert/strict';
import type { BigIntStats } from 'node:fs';
import { test } from 'node:test';
import { errorCodeOf, FilesystemError } from './error-code.ts';
import { guestOf } from './files.test-kit.ts';
import { describe, hashOf, inodeOf, isDirectory, isSame, toSeconds, typeOf } from './metadata.ts';
import type { MountNode } from './mount-tree.ts';

const kinds = ['File', 'Directory', 'SymbolicLink', 'FIFO', 'Socket', 'BlockDevice', 'CharacterDevice'] as const;
const tests = (is: string) =>
  Object.fromEntries(kinds.map((kind) => [`is${kind}`, () => kind === is])) as Parameters<typeof typeOf>[0];

function facts(parts: Partial<Record<'dev' | 'ino' | 'size' | 'nlink' | 'atimeNs' | 'mtimeNs' | 'ctimeNs', bigint>>) {
  const defaults = { dev: 1n, ino: 2n, size: 3n, nlink: 4n, atimeNs: 5n, mtimeNs: 6n, ctimeNs: 7n };
  return { ...tests('File'), ...defaults, ...parts } as unknown as BigIntStats;
}
const mount = (id: number): MountNode => ({ children: new Map(), id }) as unknown as MountNode;

test('each kind of object by its name', () => {
  assert.deepEqual(
    [...kinds, 'Whiteout'].map((kind) => typeOf(tests(kind))),
    ['regular-file', 'directory', 'symbolic-link', 'fifo', 'socket', 'block-device', 'character-device', 'unknown'],
  );
  assert.equal(isDirectory({ ...facts({}), ...tests('Directory') } as never), true);
  assert.deepEqual([isDirectory(facts({})), isDirectory(mount(1))], [false, true]);
});

test('times are seconds and nanoseconds, and those before 1970 are none', () => {
  const told = describe(facts({ atimeNs: 1_000_000_002n, mtimeNs: 0n, ctimeNs: -1n }));
  assert.deepEqual(told, {
    type: 'regular-file',
    linkCount: 4n,
    size: 3n,
    dataAccessTimestamp: { seconds: 1n, nanoseconds: 2 },
    dataModificationTimestamp: { seconds: 0n, nanoseconds: 0 },
    statusChangeTimestamp: undefined,
  });
  const { type, linkCount, size, dataAccessTimestamp } = describe(mount(1));
  assert.deepEqual([type, linkCount, size, dataAccessTimestamp], ['directory', 1n, 0n, undefined]);
});

test('an object is one by disk and inode; its hash changes with its content, its inode does not', () => {
  const one = facts({});
  for (const [parts, same, sameHash] of [
    [{}, true, true],
    [{ dev: 9n }, false, false],
    [{ ino: 9n }, false, false],
    [{ size: 9n }, true, false],
    [{ mtimeNs: 9n }, true, false],
    [{ atimeNs: 9n, ctimeNs: 9n, nlink: 9n }, true, true],
  ] as const) {
    const other = facts(parts);
    const { lower, upper } = hashOf(other);
    const isEqual = lower === hashOf(one).lower && upper === hashOf(one).upper;
    assert.deepEqual([isSame(one, other), inodeOf(one) === inodeOf(other), isEqual], [same, same, sameHash]);
  }
  const [a, b] = [mount(1), mount(2)];
  assert.deepEqual([isSame(a, a), isSame(a, b), isSame(a, one), isSame(one, a)], [true, false, false, false]);
  assert.notEqual(inodeOf(a), inodeOf(b));
  assert.notEqual(hashOf(a).lower, hashOf(a).upper);
  for (let ino = 0n; ino < 50n; ino++) assert.equal(inodeOf(facts({ ino })) & 1n, 1n, 'an inode is never 0');
});

test('times that are set: the last that there is, and the first that is none', () => {
  const set = (seconds: bigint, nanoseconds: number) =>
    toSeconds({ tag: 'timestamp', val: { seconds, nanoseconds } }, 0n);
  assert.equal(set(5n, 500_000_000), 5.5);
  assert.equal(set(0n, 999_999_999), 0.999_999_999);
  assert.throws(() => set(0n, 1_000_000_000), { code: 'invalid' });
  assert.equal(set(253_402_300_799n, 0), 253_402_300_799);
  assert.throws(() => set(253_402_300_800n, 0), { code: 'overflow' });
  assert.equal(toSeconds({ tag: 'no-change' }, 1_500_000_000n), 1.5);
  assert.ok(Math.abs(toSeconds({ tag: 'now' }, 0n) - Date.now() / 1000) < 60);
});

test('errors of the system are codes; what is none of them is passed on', () => {
  const system = (code: string) => Object.assign(new Error(code), { code, syscall: 'open' });
  for (const [code, told] of [
    ['ENOENT', 'no-entry'],
    ['EMFILE', 'insufficient-memory'],
    ['ENFILE', 'insufficient-memory'],
    ['ENOSYS', 'unsupported'],
    ['EOPNOTSUPP', 'unsupported'],
    ['EWOULDBLOCK', 'would-block'],
    ['EUNKNOWN', 'io'],
  ] as const) {
    assert.equal(errorCodeOf(system(code)), told, code);
  }
  assert.equal(errorCodeOf(new FilesystemError('loop')), 'loop');
  const mistake = new TypeError('ours');
  assert.throws(() => errorCodeOf(mistake), mistake);
  assert.throws(() => errorCodeOf(Object.assign(new Error('x'), { code: 'ENOENT' })), /x/);
});

test('paths: the longest, the deepest, the one with most links, and one more', () => {
  const links = Object.fromEntries(
    Array.from({ length: 41 }, (_, i) => [`l${i + 1}`, i === 0 ? '-> file' : `-> l${i}`]),
  );
  const { guest, root } = guestOf({ file: 'x', dir: {}, ...links });
  const stat = (path: string): string => {
    const { tag, val } = guest.call('stat-at', root, { symlinkFollow: true }, path) as { tag: string; val: unknown };
    return tag === 'ok' ? 'ok' : String(val);
  };
  assert.deepEqual([stat('l40'), stat('l41')], ['ok', 'loop']);
  assert.deepEqual(
    [stat(''), stat('/file'), stat('a\0b'), stat('..'), stat('dir/../..')],
    [...['no-entry', 'not-permitted', 'invalid', 'not-permitted', 'not-permitted']],
  );
  const steps = (count: number): string => `${'./'.repeat(count)}file`;
  assert.deepEqual([stat(steps(1024)), stat(steps(1025))], ['ok', 'name-too-long']);
  assert.deepEqual(
    [stat('dir/'), stat('file/'), stat('dir/.'), stat('l1/')],
    ['ok', 'not-directory', 'ok', 'not-directory'],
  );
});
