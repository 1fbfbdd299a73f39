// The file of a prepared component: what of it is believed, and that no descriptor stays open.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { DamagedFile, openStored, storedParts } from './cache-file.ts';

const PREFIX = 24;
const FIRST_READ = 128 * 1024;

function file(t: TestContext, contents?: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-file-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'stored');
  if (contents) writeFileSync(path, contents);
  return path;
}

function stored(head: Uint8Array, ...body: Uint8Array[]): Buffer {
  return Buffer.concat(storedParts(head, body) ?? []);
}

const filled = (length: number, seed: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (index * 13 + seed + (index >> 9)) & 0xff));

/** Changed at `at`, with the checksums as they were. */
function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 0x10;
  return copy;
}

/** Where the system says so. */
const openDescriptors = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);

const damaged = (message: RegExp) => (error: unknown) => error instanceof DamagedFile && message.test(error.message);

test('what was written comes back, whatever the sizes of head and body', async (t) => {
  const heads = [0, 1, 1000, FIRST_READ - PREFIX - 1, FIRST_READ - PREFIX, FIRST_READ - PREFIX + 1, 3 * FIRST_READ];
  const before = openDescriptors();
  for (const [index, length] of heads.entries()) {
    for (const bodyLength of [0, 1, 200_000]) {
      const [head, body] = [filled(length, index), filled(bodyLength, index + 1)];
      const found = openStored(file(t, stored(head, body)));
      assert.ok(found);
      assert.ok(head.equals(found.head), `head of ${length}`);
      assert.ok(body.equals(await found.body), `body of ${bodyLength}`);
    }
  }
  assert.equal(openDescriptors(), before);
});

test('the prefix: magic, then length and checksum of both', () => {
  const [head, first, second] = [filled(5, 1), filled(3, 2), filled(4, 3)];
  const bytes = stored(head, first, second);
  assert.equal(bytes.toString('latin1', 0, 8), 'MAYFLY01');
  assert.deepEqual(
    [8, 12, 16, 20].map((at) => bytes.readUInt32LE(at)),
    [5, crc32(head), 7, crc32(Buffer.concat([first, second]))],
  );
  assert.equal(bytes.length, PREFIX + 12);
});

test('a file that is missing is none, and one that cannot be opened is an error', (t) => {
  const path = file(t);
  assert.equal(openStored(path), undefined);
  writeFileSync(path, stored(filled(1, 1)));
  symlinkSync(path, `${path}.link`);
  assert.throws(() => openStored(`${path}.link`), { code: 'ELOOP' });
});

test('what does not start or end as it should is damaged', (t) => {
  const good = stored(filled(40, 1), filled(50, 2));
  const before = openDescriptors();
  for (let length = 0; length < PREFIX; length++) {
    assert.throws(() => openStored(file(t, good.subarray(0, length))), damaged(/does not start as it should/));
  }
  for (let at = 0; at < 8; at++) {
    assert.throws(() => openStored(file(t, flipped(good, at))), damaged(/does not start as it should/));
  }
  for (const wrong of [
    good.subarray(0, -1),
    Buffer.concat([good, Buffer.alloc(1)]),
    flipped(good, 8),
    flipped(good, 16),
  ]) {
    assert.throws(() => openStored(file(t, wrong)), damaged(/not as long as it should be/));
  }
  assert.equal(openDescriptors(), before);
});

test('a head that is damaged is refused at once, a body when it is read', async (t) => {
  const good = stored(filled(40, 1), filled(50, 2));
  const before = openDescriptors();
  for (const at of [12, 15, PREFIX, PREFIX + 39]) {
    assert.throws(() => openStored(file(t, flipped(good, at))), damaged(/its head is damaged/));
  }
  for (const at of [20, 23, PREFIX + 40, PREFIX + 89]) {
    const found = openStored(file(t, flipped(good, at)));
    assert.deepEqual(found?.head, filled(40, 1));
    await assert.rejects(found?.body ?? Promise.resolve(), damaged(/its body is damaged/));
  }
  assert.equal(openDescriptors(), before);
});

test('a folder, a pipe and the file of another user are none of ours', (t) => {
  const path = file(t, stored(filled(1, 1)));
  const before = openDescriptors();
  assert.throws(() => openStored(join(path, '..')), damaged(/no file of this user/));
  execFileSync('mkfifo', [`${path}.pipe`]);
  assert.throws(() => openStored(`${path}.pipe`), damaged(/no file of this user/));
  if (process.getuid?.() === 0) {
    chownSync(path, 12_345, 12_345);
    assert.throws(() => openStored(path), damaged(/no file of this user/));
  }
  assert.equal(openDescriptors(), before);
});

test('a body is shorter than 2^31 bytes', () => {
  const part = (byteLength: number): Uint8Array => ({ byteLength }) as Uint8Array;
  assert.equal(storedParts(new Uint8Array(), [part(0x7fff_ffff), part(1)]), undefined);
  // Not refused: it goes on to the checksum, which wants real bytes.
  assert.throws(() => storedParts(new Uint8Array(), [part(0x7fff_ffff)]), { code: 'ERR_INVALID_ARG_TYPE' });
});
