// One contract for all reset strategies: a memory that was put back equals its image to the byte, whatever was done.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createMemoryBudget } from './budget.ts';
import { type ImagedMemory, type ResetStrategyName, WASM_PAGE } from './imaged-memory.ts';
import { preferTracking } from './kernel.ts';
import { createMemoryImage } from './memory-image.ts';
import { detectResetStrategies } from './reset-strategies.ts';
import { tryScan } from './trial.ts';
import type { WriteTracking } from './written-pages.ts';

interface Case {
  readonly name: string;
  /** Whether its images hold what differs from another image, which is closed at once. */
  readonly isLayered?: boolean;
  readonly strategy: ResetStrategyName;
  readonly tracking: WriteTracking;
  readonly skip: string | false;
}

const cases: Case[] = detectResetStrategies().available.map(({ name, available, reason }) => ({
  name,
  strategy: name,
  tracking: 'marks',
  skip: available ? false : (reason ?? 'not available'),
}));
cases.push({ name: 'scan without marks', strategy: 'scan', tracking: 'file', skip: tryScan('file') ?? false });

cases.push(...cases.map((one) => ({ ...one, name: `${one.name}, on another image`, isLayered: true })));

for (const { name, strategy, tracking, skip, isLayered = false } of cases) {
  describe(`memory image, ${name}`, { skip }, () => {
    const imageOf = (bytes: Uint8Array): ReturnType<typeof createMemoryImage> => {
      preferTracking(tracking);
      const base = isLayered ? createMemoryImage(partlyAs(bytes), strategy, { verify: true }) : undefined;
      const image = createMemoryImage(bytes, strategy, { verify: true, base });
      base?.close();
      preferTracking('marks');
      return image;
    };

    test('a new memory holds the image', () => {
      const bytes = patterned(3);
      const image = imageOf(bytes);
      assert.deepEqual([image.pages, image.byteLength], [3, 3 * WASM_PAGE]);
      assertEqualBytes(image.create(), bytes);
    });

    test('thousands of rounds of random writes leave nothing behind', () => {
      const bytes = patterned(4);
      const imaged = imageOf(bytes).create();
      const random = randomNumbers(7);
      for (let round = 0; round < 4000; round++) {
        const memory = new Uint8Array(imaged.memory.buffer);
        for (let write = random(40); write >= 0; write--) {
          const at = random(memory.byteLength);
          memory.fill(random(256), at, at + 1 + random(random(50) === 0 ? 70_000 : 64));
        }
        assert.equal(imaged.reset(), true);
        if (round % 100 === 0) assertEqualBytes(imaged, bytes);
      }
      assertEqualBytes(imaged, bytes);
    });

    test('the first and the last byte, page edges, and everything', () => {
      const bytes = patterned(2);
      const imaged = imageOf(bytes).create();
      const end = bytes.byteLength;
      const spans = [
        [0, 1],
        [end - 1, end],
        [4095, 4097],
        [65_535, 65_537],
        [0, end],
        [end - 4096, end],
      ] as const;
      for (const [start, stop] of [...spans, ...spans]) {
        new Uint8Array(imaged.memory.buffer).fill(0xee, start, stop);
        assert.equal(imaged.reset(), true);
        assertEqualBytes(imaged, bytes);
      }
    });

    test('more separate pages than the kernel lists at once', () => {
      const bytes = patterned(64);
      const imaged = imageOf(bytes).create();
      for (const step of [2 * 4096, 4096, 3 * 4096]) {
        const memory = new Uint8Array(imaged.memory.buffer);
        for (let at = 0; at < memory.byteLength; at += step) memory[at] = 0xaa;
        assert.equal(imaged.reset(), true);
        assertEqualBytes(imaged, bytes);
      }
    });

    test('writes that a system call makes are found, too', () => {
      const bytes = patterned(2);
      const imaged = imageOf(bytes).create();
      const file = openSync(fileURLToPath(import.meta.url), 'r');
      for (let round = 0; round < 3; round++) {
        readSync(file, new Uint8Array(imaged.memory.buffer), 5000, 1000, 0);
        assert.equal(imaged.reset(), true);
        assertEqualBytes(imaged, bytes);
      }
      closeSync(file);
    });

    test('a secret is found neither after a reset nor after a discard', () => {
      const secret = Buffer.from('correct horse battery staple');
      const imaged = imageOf(patterned(3)).create();
      const memory = Buffer.from(imaged.memory.buffer);
      for (let at = 0; at + secret.byteLength <= memory.byteLength; at += 777) secret.copy(memory, at);
      assert.equal(imaged.reset(), true);
      assert.equal(memory.includes(secret), false);
      secret.copy(memory, 1234);
      imaged.discard();
      // Plain JavaScript cannot take pages away; there the memory is only forgotten.
      assert.equal(memory.includes(secret), strategy === 'copy');
    });

    test('memories of one image know nothing of each other, and the image nothing of them', () => {
      const bytes = patterned(2);
      const image = imageOf(bytes);
      const all = Array.from({ length: 20 }, () => image.create());
      for (const [index, { memory }] of all.entries()) new Uint8Array(memory.buffer).fill(index + 1);
      assert.equal(all[3]!.reset(), true);
      for (const [index, imaged] of all.entries()) {
        if (index === 3) assertEqualBytes(imaged, bytes);
        else assert.ok(new Uint8Array(imaged.memory.buffer).every((byte) => byte === index + 1));
      }
      assertEqualBytes(image.create(), bytes);
    });

    test('the image does not follow the bytes that it was made of', () => {
      const bytes = patterned(1);
      const copy = bytes.slice();
      const image = imageOf(bytes);
      bytes.fill(0);
      assertEqualBytes(image.create(), copy);
    });

    test('a memory that grew is not put back; growing by nothing does no harm', () => {
      const bytes = patterned(1);
      const image = imageOf(bytes);
      const imaged = image.create(3);
      imaged.memory.grow(0);
      new Uint8Array(imaged.memory.buffer).fill(1);
      assert.equal(imaged.reset(), true);
      assertEqualBytes(imaged, bytes);
      imaged.memory.grow(2);
      assert.equal(imaged.firstDifference(), WASM_PAGE);
      assert.equal(imaged.reset(), false);
      assert.equal(imaged.reset(), false);
      assert.throws(() => imaged.memory.grow(1), RangeError);
      imaged.discard();
      assertEqualBytes(image.create(), bytes);
    });

    if (strategy !== 'copy') {
      test('what a guest wrote where its memory had grown is gone after a discard', () => {
        const imaged = imageOf(patterned(1)).create(3);
        imaged.memory.grow(2);
        const grown = new Uint8Array(imaged.memory.buffer);
        grown.fill(0x5e);
        imaged.discard();
        assert.equal(grown.indexOf(0x5e), -1);
      });
    }

    test('an image of no pages', () => {
      const image = imageOf(new Uint8Array(0));
      const imaged = image.create(2);
      assert.equal(imaged.reset(), true);
      imaged.memory.grow(1);
      assert.equal(imaged.firstDifference(), 0);
      assert.equal(imaged.reset(), false);
      imaged.discard();
    });

    test('an image of zeros only', () => {
      const imaged = imageOf(new Uint8Array(2 * WASM_PAGE)).create();
      new Uint8Array(imaged.memory.buffer).fill(3, 70_000, 70_002);
      assert.equal(imaged.reset(), true);
      assert.equal(imaged.firstDifference(), undefined);
    });

    test('after the image was closed its memories work on, and no more are made', () => {
      const bytes = patterned(1);
      const image = imageOf(bytes);
      const imaged = image.create();
      image.close();
      image.close();
      new Uint8Array(imaged.memory.buffer).fill(8);
      assert.equal(imaged.reset(), true);
      assertEqualBytes(imaged, bytes);
      assert.throws(() => image.create(), { code: 'sandbox-exhausted' });
      imaged.discard();
      imaged.discard();
      assert.equal(imaged.reset(), false);
    });

    test('a guest that traps half-way is put back as well', () => {
      const bytes = patterned(1);
      const imaged = imageOf(bytes).create();
      const { run } = new WebAssembly.Instance(trappingModule(), { env: { memory: imaged.memory } }).exports;
      for (let round = 0; round < 3; round++) {
        assert.throws(() => (run as () => void)(), WebAssembly.RuntimeError);
        assert.notEqual(imaged.firstDifference(), undefined);
        assert.equal(imaged.reset(), true);
        assertEqualBytes(imaged, bytes);
      }
    });

    test('past the budget it says so', () => {
      const image = createMemoryImage(patterned(1), strategy, { budget: createMemoryBudget(2) });
      const kept = [image.create(), image.create()];
      assert.throws(() => image.create(), { code: 'sandbox-exhausted' });
      assert.equal(kept.length, 2);
    });

    // It takes long, and what is below an image makes no difference to it.
    if (isLayered) return;
    test('thousands of memories leave no mapping, descriptor or page behind', {
      skip: process.platform !== 'linux',
    }, () => {
      const fixture = fileURLToPath(new URL('./churn.fixture.ts', import.meta.url));
      const rounds = strategy === 'scan' ? 3000 : 1000;
      const flags = ['--no-warnings', '--expose-gc', fixture, strategy, String(rounds)];
      const { before, after } = JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' }));
      assert.equal(after.descriptors, before.descriptors);
      assert.ok(after.memories <= before.memories + 5, JSON.stringify({ before, after }));
      assert.ok(after.maps <= before.maps + 60, JSON.stringify({ before, after }));
      assert.ok(after.megabytes <= before.megabytes + 80, JSON.stringify({ before, after }));
    });
  });
}

test('the file of an image is sealed', { skip: cases[0]!.skip }, () => {
  const image = createMemoryImage(patterned(1), 'scan');
  const imaged = image.create();
  const descriptors = readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).includes('mayfly-image'));
  assert.ok(descriptors.length > 0);
  for (const fd of descriptors) {
    assert.throws(() => writeSync(Number(fd), Buffer.from('x'), 0, 1, 0), { code: 'EPERM' });
    assert.throws(() => closeSync(openSync(`/proc/self/fd/${fd}`, 'w')), { code: 'EPERM' });
  }
  imaged.discard();
  image.close();
});

test('a process that is full of memories says so and goes on', { skip: cases[0]!.skip }, () => {
  const fixture = fileURLToPath(new URL('./exhaust.fixture.ts', import.meta.url));
  const { made, code, goesOn } = JSON.parse(
    execFileSync(process.execPath, ['--no-warnings', fixture], { encoding: 'utf8' }),
  );
  assert.equal(code, 'sandbox-exhausted');
  assert.ok(made > 1000 && made <= 12_000, `${made} memories`);
  assert.equal(goesOn, true);
});

test('a scanned memory gives pages up that requests no longer touch', { skip: cases[0]!.skip }, () => {
  const imaged = createMemoryImage(patterned(32), 'scan').create();
  const touch = (pages: number): void => {
    const memory = new Uint8Array(imaged.memory.buffer);
    for (let page = 0; page < pages; page++) memory[page * 4096] = 1;
    assert.equal(imaged.reset(), true);
  };
  touch(400);
  assert.equal(imaged.statistics.copiedBytes, 400 * 4096);
  for (let round = 0; round < 100; round++) touch(5);
  assert.equal(imaged.statistics.copiedBytes, 5 * 4096);
  assert.ok(imaged.statistics.trims > 0);
});

test('verification tells of a byte that was not put back', () => {
  const image = createMemoryImage(patterned(1), 'copy', { verify: true });
  const imaged = image.create();
  const bytes = new Uint8Array(imaged.memory.buffer);
  bytes[11] = bytes[11]! ^ 1;
  assert.equal(imaged.firstDifference(), 11);
  const { set } = Uint8Array.prototype;
  Uint8Array.prototype.set = function (...values) {
    if (this.buffer !== bytes.buffer) set.apply(this, values);
  };
  try {
    assert.throws(() => imaged.reset(), { code: 'internal', message: /^Byte 11 / });
  } finally {
    Uint8Array.prototype.set = set;
  }
});

test('bytes that are no whole memory are refused', () => {
  assert.throws(() => createMemoryImage(new Uint8Array(100), 'copy'), { code: 'internal' });
});

function assertEqualBytes({ memory }: ImagedMemory, expected: Uint8Array): void {
  assert.equal(Buffer.compare(new Uint8Array(memory.buffer), expected), 0);
}

/** Data, then zeros, then data up to the last byte, in each page of 64 KiB. */
function patterned(pages: number): Uint8Array {
  const bytes = new Uint8Array(pages * WASM_PAGE);
  for (let at = 0; at < bytes.byteLength; at++) {
    if (at % WASM_PAGE < 20_000 || at % WASM_PAGE > 50_000) bytes[at] = (at * 31 + (at >> 12)) | 1;
  }
  return bytes;
}

/** Bytes of which some pages are like those given, some are others, and the last ones are missing. */
function partlyAs(bytes: Uint8Array): Uint8Array {
  const other = bytes.slice(0, Math.ceil(bytes.byteLength / WASM_PAGE / 1.3) * WASM_PAGE);
  for (let at = 8192; at < other.byteLength; at += 5 * 4096) other.fill(at >> 12, at, at + 3000);
  return other;
}

function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

/** (module (import "env" "memory" (memory 1)) (func (export "run") i32.const 9000 i32.const 77 i32.store unreachable)) */
function trappingModule(): WebAssembly.Module {
  const types = '010401600000';
  const imports = '020f0103656e76066d656d6f7279020001';
  const code = '0a0f010d0041a8c60041cd00360200000b';
  const hex = `0061736d01000000${types}${imports}030201000707010372756e0000${code}`;
  return new WebAssembly.Module(Buffer.from(hex, 'hex'));
}
