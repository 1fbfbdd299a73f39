// The tests that every kind of InputStream and OutputStream passes, called from their test files. Not part of the product.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InputStream, OutputStream } from './streams.ts';

/** `make` gives a stream whose whole content is `content`, arriving in whatever pieces and at whatever times. */
export function inputStreamContract(name: string, make: (content: Uint8Array) => InputStream): void {
  for (const [size, max] of [
    [0, 10],
    [1, 1],
    [10, 3],
    [5000, 4096],
    [200_000, 70_000],
  ] as const) {
    test(`${name}: gives ${size} bytes in reads of at most ${max}, then stays at its end`, async () => {
      const content = pattern(size);
      const stream = make(content);
      const read = await drain(stream, max);
      assert.deepEqual(read, content);
      assert.equal(stream.read(max), undefined);
      assert.equal(stream.read(0), undefined);
      assert.equal(stream.ready(), undefined);
      stream.close();
    });
  }

  test(`${name}: a read of 0 bytes takes nothing`, async () => {
    const stream = make(pattern(100));
    await waitFor(stream);
    assert.equal(stream.read(0)?.length, 0);
    assert.equal(stream.read(0)?.length, 0);
    assert.deepEqual(await drain(stream, 7), pattern(100));
    stream.close();
  });

  test(`${name}: asking for readiness takes nothing`, async () => {
    const stream = make(pattern(100));
    for (let count = 0; count < 3; count++) {
      await waitFor(stream);
      stream.ready();
    }
    assert.deepEqual(await drain(stream, 1000), pattern(100));
    stream.close();
  });

  test(`${name}: can be closed at any time, more than once`, async () => {
    const fresh = make(pattern(100_000));
    fresh.close();
    fresh.close();
    const waiting = make(pattern(100_000));
    waiting.ready();
    waiting.close();
    const started = make(pattern(100_000));
    await waitFor(started);
    started.read(10);
    started.close();
    started.close();
  });
}

export interface OutputCase {
  readonly stream: OutputStream;
  /** Lets the consumer take what it can get; it is called again and again while the producer waits. */
  pump?(): void;
  /** Gives all that has arrived at the other side. */
  arrived(): Uint8Array | Promise<Uint8Array>;
}

export function outputStreamContract(name: string, make: () => OutputCase | Promise<OutputCase>): void {
  for (const [total, piece] of [
    [0, 1],
    [10, 1],
    [5000, 4096],
    [300_000, 65_536],
    [3000, 3],
  ] as const) {
    test(`${name}: takes ${total} bytes in writes of at most ${piece}, in order`, async () => {
      const { stream, pump, arrived } = await make();
      const content = pattern(total);
      for (let rest = content; rest.length > 0; ) {
        const size = await waitToWrite(stream, pump);
        const part = rest.slice(0, Math.min(size, piece));
        stream.write(part);
        rest = rest.subarray(part.length);
      }
      stream.flush();
      while (stream.ready() !== undefined) await waitToWrite(stream, pump);
      assert.deepEqual(new Uint8Array(await arrived()), content);
      stream.close();
    });
  }

  test(`${name}: says that it is ready exactly when it takes bytes`, async () => {
    const { stream, pump } = await make();
    for (let count = 0; count < 5; count++) {
      const size = stream.checkWrite();
      assert.equal(stream.ready() === undefined, size !== 0);
      if (size === undefined) break;
      stream.write(new Uint8Array(size));
      if (size === 0) await waitToWrite(stream, pump);
    }
    stream.close();
  });

  test(`${name}: an empty write does nothing, closing twice neither`, async () => {
    const { stream, arrived } = await make();
    stream.write(new Uint8Array(0));
    assert.equal((await arrived()).length, 0);
    stream.close();
    stream.close();
  });
}

/** Bytes each of which differs from its neighbours: printable ASCII, for the streams that carry text. */
export function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => 0x40 + ((index * 7 + (index >> 8)) % 63));
}

export async function drain(stream: InputStream, max: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    await waitFor(stream);
    const chunk = stream.read(max);
    if (chunk === undefined) return new Uint8Array(Buffer.concat(chunks));
    assert.ok(chunk.length > 0, 'a ready stream gives bytes');
    assert.ok(chunk.length <= max, 'never more than asked for');
    chunks.push(chunk.slice());
  }
}

async function waitFor(stream: InputStream): Promise<void> {
  for (let wait = stream.ready(); wait !== undefined; wait = stream.ready()) await wait;
}

async function waitToWrite(stream: OutputStream, pump: (() => void) | undefined): Promise<number> {
  for (;;) {
    const wait = stream.ready();
    if (wait === undefined) {
      const size = stream.checkWrite();
      assert.ok(size !== undefined && size > 0, 'a ready stream takes bytes');
      return size;
    }
    pump?.();
    await wait;
  }
}
