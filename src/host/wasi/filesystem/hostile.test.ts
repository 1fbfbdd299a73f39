// One test for each class of bug that let guests out of their directories, or past their rights, in other hosts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Trap } from '../../../errors.ts';
import { Directory } from './directory.ts';
import { errorCodeOf } from './error-code.ts';
import { FileGuest, follow, guestOf, makeFiles, noFollow } from './files.test-kit.ts';
import { openHostDirectory, openNamedDirectory } from './host-directory.ts';
import { withPlace } from './resolve.ts';

const rw = { read: true, write: true };
const now = { tag: 'now' };

/** A folder `inside` that is the guest's, beside a secret that is not. */
function withSecret(writable: boolean) {
  const folder = makeFiles({ secret: 'secret', inside: { 'a.txt': 'a', dir: { 'b.txt': 'b' }, other: {} } });
  const inside = path.join(folder, 'inside');
  const guest = new FileGuest([{ kind: 'directory', source: inside, destination: '/' }], writable);
  return { folder, inside, guest, root: guest.preopens()[0]![0] };
}

const waysOut = ['/', '/secret', '..', '../secret', 'dir/../../secret', './../secret', 'dir/../..', '../inside/a.txt'];

test('no path leads out, whatever the operation', () => {
  const { guest, root } = withSecret(true);
  for (const way of waysOut) {
    assert.equal(guest.openCode(root, way), 'not-permitted', way);
    assert.equal(guest.openCode(root, way, rw, { create: true }), 'not-permitted', way);
    for (const [method, ...args] of [
      ['stat-at', root, follow, way],
      ['metadata-hash-at', root, noFollow, way],
      ['set-times-at', root, follow, way, now, now],
      ['readlink-at', root, way],
      ['create-directory-at', root, way],
      ['remove-directory-at', root, way],
      ['unlink-file-at', root, way],
      ['rename-at', root, way, root, 'x'],
      ['rename-at', root, 'a.txt', root, way],
      ['link-at', root, noFollow, way, root, 'x'],
      ['link-at', root, noFollow, 'a.txt', root, way],
      ['symlink-at', root, 'a.txt', way],
    ] as const) {
      assert.equal(guest.code(method, ...args), 'not-permitted', `${method} ${way}`);
    }
  }
});

test('a descriptor of a directory is a boundary of its own', () => {
  const { guest, root } = withSecret(true);
  const dir = guest.open(root, 'dir');
  assert.equal(guest.openCode(dir, '../a.txt'), 'not-permitted');
  assert.equal(guest.text(dir, '../dir/b.txt'.slice(7)), 'b');
});

test('symbolic links of the host lead inside, or nowhere', () => {
  const { guest, root, inside, folder } = withSecret(true);
  const links = {
    absolute: path.join(folder, 'secret'),
    inward: path.join(inside, 'a.txt'),
    up: '../secret',
    parent: '..',
    deep: 'dir/../../secret',
    chain: 'up',
  };
  for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, path.join(inside, name));
  for (const name of Object.keys(links)) {
    assert.equal(guest.openCode(root, name), 'not-permitted', name);
    assert.equal(guest.code('stat-at', root, follow, name), 'not-permitted', name);
    assert.equal(guest.openCode(root, `${name}/x`, rw, { create: true }), 'not-permitted', name);
    assert.equal(guest.code('create-directory-at', root, `${name}/x`), 'not-permitted', name);
  }
  assert.equal(guest.openCode(root, 'parent/secret'), 'not-permitted');
  assert.equal(guest.openCode(root, 'parent/inside/a.txt'), 'not-permitted');
  assert.equal(guest.code('remove-directory-at', root, 'parent/'), 'not-permitted');
  assert.equal(guest.code('readlink-at', root, 'absolute'), 'not-permitted');
});

test('a guest can neither make an absolute link nor use a relative one to get out', () => {
  const { guest, root, folder } = withSecret(true);
  assert.equal(guest.code('symlink-at', root, '/etc/passwd', 'x'), 'not-permitted');
  guest.get('symlink-at', root, '../secret', 'leak');
  assert.equal(guest.openCode(root, 'leak'), 'not-permitted');
  assert.equal(guest.openCode(root, 'leak', rw, { truncate: true }), 'not-permitted');
  // Creating through a dangling link (CVE-2024-38358).
  guest.get('symlink-at', root, '../made', 'dangling');
  assert.equal(guest.openCode(root, 'dangling', rw, { create: true }), 'not-permitted');
  assert.equal(guest.openCode(root, 'dangling', rw, { create: true, exclusive: true }), 'exist');
  assert.equal(guest.openCode(root, 'dangling', rw, { create: true }, noFollow), 'loop');
  assert.deepEqual(fs.readdirSync(folder).sort(), ['inside', 'secret']);
  // The same link inside is fine.
  guest.get('symlink-at', root, 'dir/made', 'fine');
  guest.open(root, 'fine', rw, { create: true });
  assert.ok(fs.existsSync(path.join(folder, 'inside/dir/made')));
});

test('a link that a directory is swapped for, while a handle on it is open, changes nothing', () => {
  const { guest, root, inside, folder } = withSecret(true);
  const dir = guest.open(root, 'dir');
  guest.list(dir);
  fs.renameSync(path.join(inside, 'dir'), path.join(inside, 'was-dir'));
  fs.symlinkSync(folder, path.join(inside, 'dir'));
  assert.equal(guest.text(dir, 'b.txt'), 'b');
  assert.equal(guest.openCode(dir, 'secret'), 'no-entry');
  assert.equal(guest.openCode(root, 'dir/secret'), 'not-permitted');
});

test('moving a directory away does not make `..` lead elsewhere', () => {
  const { guest, root, inside, folder } = withSecret(true);
  const dir = guest.open(root, 'dir');
  fs.renameSync(path.join(inside, 'dir'), path.join(folder, 'moved'));
  assert.equal(guest.openCode(dir, '../secret'), 'not-permitted');
  assert.equal(guest.text(dir, 'b.txt'), 'b');
});

test('read-only files cannot be changed in any way', () => {
  const { guest, root, inside } = withSecret(false);
  const before = execFileSync('ls', ['-lAR', '--time-style=full-iso', inside], { encoding: 'utf8' });
  for (const [flags, open] of [
    [{ write: true }, {}],
    [{ read: true, mutateDirectory: true }, {}],
    [{ read: true }, { create: true }],
    [{ read: true }, { truncate: true }],
    [{}, { truncate: true }],
    [{ read: true }, { create: true, exclusive: true }],
  ] as const) {
    assert.equal(guest.openCode(root, 'a.txt', flags, open), 'read-only');
  }
  for (const [method, ...args] of [
    ['set-times-at', root, follow, 'a.txt', now, now],
    ['set-times', root, now, now],
    ['create-directory-at', root, 'x'],
    ['remove-directory-at', root, 'other'],
    ['unlink-file-at', root, 'a.txt'],
    ['rename-at', root, 'a.txt', root, 'x'],
    ['link-at', root, noFollow, 'a.txt', root, 'x'],
    ['symlink-at', root, 'a.txt', 'x'],
  ] as const) {
    assert.equal(guest.code(method, ...args), 'read-only', method);
  }
  const file = guest.open(root, 'a.txt');
  // Truncation through a handle that may only read (CVE-2026-47261).
  assert.equal(guest.code('set-size', file, 0n), 'bad-descriptor');
  assert.equal(guest.code('write', file, Buffer.from('x'), 0n), 'bad-descriptor');
  assert.equal(guest.code('write-via-stream', file, 0n), 'bad-descriptor');
  assert.equal(guest.code('append-via-stream', file), 'bad-descriptor');
  assert.equal(guest.code('set-times', file, now, now), 'read-only');
  assert.equal(execFileSync('ls', ['-lAR', '--time-style=full-iso', inside], { encoding: 'utf8' }), before);
});

test('in a writable directory, too, a handle only gives the rights that it was opened with', () => {
  const { guest, root, inside } = withSecret(true);
  const reader = guest.open(root, 'a.txt', { read: true });
  for (const [method, ...args] of [
    ['set-size', reader, 0n],
    ['write', reader, Buffer.from('x'), 0n],
    ['write-via-stream', reader, 0n],
    ['append-via-stream', reader],
  ] as const) {
    assert.equal(guest.code(method, ...args), 'bad-descriptor', method);
  }
  const writer = guest.open(root, 'a.txt', { write: true });
  assert.equal(guest.code('read', writer, 1n, 0n), 'bad-descriptor');
  assert.equal(guest.code('read-via-stream', writer, 0n), 'bad-descriptor');
  assert.equal(guest.code('read', root, 1n, 0n), 'is-directory');
  assert.equal(guest.code('write', root, Buffer.from('x'), 0n), 'bad-descriptor');
  assert.equal(guest.code('set-size', root, 0n), 'bad-descriptor');
  assert.equal(fs.readFileSync(path.join(inside, 'a.txt'), 'utf8'), 'a');
});

test('hard links and renames need the right on both sides (CVE-2026-58494)', () => {
  const { guest: writer, root: writable } = withSecret(true);
  const { guest: reader, root: readOnly, inside } = withSecret(false);
  // Descriptors of two guests never meet; here they do, to stand for two mounts with different rights.
  for (const guest of [writer, reader]) {
    assert.equal(guest.code('link-at', readOnly, noFollow, 'a.txt', writable, 'x'), 'read-only');
    assert.equal(guest.code('link-at', writable, noFollow, 'a.txt', readOnly, 'x'), 'read-only');
    assert.equal(guest.code('rename-at', readOnly, 'a.txt', writable, 'x'), 'read-only');
    assert.equal(guest.code('rename-at', writable, 'a.txt', readOnly, 'x'), 'read-only');
  }
  assert.equal(fs.readFileSync(path.join(inside, 'a.txt'), 'utf8'), 'a');
});

test('pipes and devices cannot be opened, and do not hold the thread', () => {
  const { guest, root, inside } = withSecret(true);
  execFileSync('mkfifo', [path.join(inside, 'pipe')]);
  assert.equal(guest.openCode(root, 'pipe'), 'not-permitted');
  assert.equal(guest.openCode(root, 'pipe', { write: true }), 'no-such-device');
  assert.deepEqual(
    guest.list(root).find((entry) => entry.startsWith('pipe')),
    'pipe:fifo',
  );
  assert.equal(guest.get<{ type: string }>('stat-at', root, follow, 'pipe').type, 'fifo');
});

test('what one sandbox holds open is bounded', () => {
  const { guest, root } = withSecret(false);
  const file = guest.open(root, 'a.txt');
  for (const make of [
    () => guest.call('open-at', ...guest.openArgs(root, 'a.txt')),
    () => guest.call('open-at', ...guest.openArgs(root, 'dir')),
    () => guest.call('read-directory', root),
    () => guest.call('read-via-stream', file, 0n),
  ]) {
    const made: { drop(): void }[] = [];
    let result = make() as { tag: string; val: unknown };
    while (result.tag === 'ok' && made.length < 10_000) {
      made.push(result.val as { drop(): void });
      result = make() as { tag: string; val: unknown };
    }
    assert.equal(result.val, 'insufficient-memory');
    assert.equal(made.length, 254);
    for (const handle of made) handle.drop();
  }
  assert.throws(() => {
    for (;;) guest.preopens();
  }, Trap);
});

test('hostile paths cost a bounded number of steps and open directories', () => {
  const { guest, root, inside } = withSecret(true);
  guest.list(root);
  const before = fs.readdirSync('/proc/self/fd').length;
  assert.equal(guest.openCode(root, './'.repeat(1500)), 'name-too-long');
  assert.equal(guest.openCode(root, 'dir/../'.repeat(520)), 'name-too-long');
  assert.equal(guest.openCode(root, '/'.repeat(100)), 'not-permitted');
  fs.symlinkSync('self/self/self', path.join(inside, 'self'));
  assert.equal(guest.openCode(root, 'self/x'), 'loop');
  fs.mkdirSync(path.join(inside, 'd/'.repeat(200)), { recursive: true });
  assert.equal(guest.openCode(root, 'd/'.repeat(200)), 'name-too-long');
  assert.equal(fs.readdirSync('/proc/self/fd').length, before);
});

test('names that only look like steps are names', () => {
  const { guest, root } = guestOf({ '...': 'dots', '..x': 'x', ' ': 'space', '\\': 'back', 'C:': 'drive' });
  if (process.platform === 'win32') return;
  assert.equal(guest.text(root, '...') + guest.text(root, '..x') + guest.text(root, ' '), 'dotsxspace');
  assert.equal(guest.text(root, '\\') + guest.text(root, 'C:'), 'backdrive');
});

for (const [kind, open] of [
  ['pinned', openHostDirectory],
  ['named', openNamedDirectory],
] as const) {
  test(`${kind} directories: random paths over a tree of links never lead out`, () => {
    const folder = makeFiles({
      secret: 'secret',
      inside: {
        a: { b: { c: { file: 'c' }, up: '-> ..', out: '-> ../../..' }, back: '-> ../a', file: 'a' },
        abs: '-> /',
        up: '-> ..',
        self: '-> .',
        round: '-> a/b/up/back',
        file: 'root',
      },
    });
    const inside = path.join(folder, 'inside');
    const base = Directory.ofHost(open(inside));
    const names = ['a', 'b', 'c', 'up', 'out', 'back', 'abs', 'self', 'round', 'file', '..', '.', '', 'none'];
    const real = fs.realpathSync.native(inside);
    let reached = 0;
    for (let round = 0; round < 3000; round++) {
      const length = 1 + Math.floor(Math.random() * 8);
      const guess = Array.from({ length }, () => names[Math.floor(Math.random() * names.length)]).join('/');
      try {
        withPlace(base, guess, true, ({ directory, name }) => {
          const place = name === undefined ? (directory.host?.self ?? '') : directory.at(name);
          if (name !== undefined && !fs.existsSync(place)) return;
          const where = fs.realpathSync.native(place);
          assert.ok(where === real || where.startsWith(`${real}/`), `${guess} → ${where}`);
          // What the system makes of the same path, where no step of it is outside.
          if (!guess.startsWith('/')) assert.equal(where, fs.realpathSync.native(`${inside}/${guess}`));
          reached++;
        });
      } catch (error) {
        assert.match(errorCodeOf(error), /^(not-permitted|no-entry|not-directory|loop)$/);
      }
    }
    assert.ok(reached > 100, `${reached} of 3000`);
    base.close();
  });
}
