// The components that are committed are those that their sources give, and they do what they are for.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ourRuntime } from '../support/runtimes.ts';
import { build, guest } from './build.ts';
import { guests } from './guests.ts';

const committed = guests.filter((one) => one.kind !== 'js');

test('no committed guest is older than its sources', async () => {
  for (const one of committed) {
    assert.equal(await build(one), false, `${one.name} was stale: commit what this test has just built`);
  }
});

test('committed guests are small', async () => {
  for (const { name, output } of committed) {
    const { length } = await readFile(output);
    assert.ok(length <= 100 * 1024, `${name} has ${length} bytes`);
  }
});

test('building again gives the same bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-guests-'));
  try {
    for (const name of ['hello-c', 'spin-c', 'kernel-json']) {
      const one = guests.find((entry) => entry.name === name);
      assert.ok(one);
      const output = join(folder, `${name}.wasm`);
      assert.equal(await build(one, output), true);
      assert.deepEqual(await readFile(output), await readFile(one.output), name);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** What the same sources give when gcc compiles them natively, for this size. */
const checksums: Readonly<Record<string, readonly [size: number, checksum: number]>> = {
  sha256: [20, 1716890492],
  matrix: [20, 40405],
  json: [20, 4195633216],
  nbody: [20, 55258909],
  mandelbrot: [20, 4027219913],
  sort: [20, 240352578],
  crc32: [20, 2932905717],
  fibonacci: [20, 6765],
};

for (const [name, [size, checksum]] of Object.entries(checksums)) {
  test(`kernel ${name} computes what native code does`, async () => {
    assert.equal(ourRuntime(await guest(`kernel-${name}`)).start({})('run', size), checksum);
  });
}
