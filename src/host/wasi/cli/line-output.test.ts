// Output becomes lines wherever the writes end, and is cut at its limit with a word about it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputStreamContract } from '../io/stream.contract.ts';
import { lineOutput } from './line-output.ts';

outputStreamContract('line output', () => {
  const pieces: string[] = [];
  const stream = lineOutput((piece) => pieces.push(piece), 1_000_000);
  const arrived = (): Uint8Array => {
    stream.close();
    return Buffer.from(pieces.join(''));
  };
  return { stream, arrived };
});

function lines(writes: readonly (string | Uint8Array)[], maxBytes = 1_000_000): string[] {
  const all: string[] = [];
  const stream = lineOutput((line) => all.push(line), maxBytes);
  for (const text of writes) stream.write(typeof text === 'string' ? Buffer.from(text) : text);
  stream.close();
  return all;
}

test('lines are cut at newlines wherever writes end', () => {
  assert.deepEqual(lines(['a\nb', 'c\r\n', '\n', 'd']), ['a', 'bc', '', 'd']);
  assert.deepEqual(lines([]), []);
  const text = 'one\ntwo — drei\nthree\n';
  assert.deepEqual(lines([...Buffer.from(text)].map((byte) => Uint8Array.of(byte))), ['one', 'two — drei', 'three']);
});

test('random splits give the same lines', () => {
  const text = Array.from({ length: 50 }, (_, index) => 'x'.repeat((index * 37) % 300)).join('\n');
  const bytes = Buffer.from(text);
  for (let round = 0; round < 50; round++) {
    const parts: Uint8Array[] = [];
    for (let place = 0; place < bytes.length; ) {
      const size = 1 + Math.floor(Math.random() * 200);
      parts.push(bytes.subarray(place, place + size));
      place += size;
    }
    assert.equal(lines(parts).join('\n'), text.replace(/\n$/, ''));
  }
});

test('a line without end is handed on in pieces', () => {
  const pieces = lines(['x'.repeat(20_000), '\nshort']);
  assert.deepEqual(
    pieces.map((piece) => piece.length),
    [8192, 8192, 3616, 5],
  );
});

test('bytes that are no UTF-8 become replacement characters', () => {
  assert.deepEqual(lines([Uint8Array.of(0x61, 0xff, 0x0a)]), ['a\ufffd']);
});

test('after the limit it says so once and drops the rest', () => {
  const all = lines(['12345\n', '67890', '\nmore\n', 'and more\n'], 10);
  assert.deepEqual(all, ['12345', '6789', '[log limit of 10 bytes a request reached, the rest is dropped]']);
});

test('lines are bounded beside their bytes: a thousand, and one more for every 64 bytes of the limit', () => {
  const told = (maxBytes: number, written: number): number => {
    const all = lines(['\n'.repeat(written)], maxBytes);
    assert.equal(all.at(-1)?.startsWith('[log limit'), written > 1000 + Math.floor(maxBytes / 64));
    return all.filter((line) => line === '').length;
  };
  assert.deepEqual([told(6400, 1100), told(6400, 1101), told(6463, 3000), told(6464, 3000)], [1100, 1100, 1100, 1101]);
});

test('as many bytes as the limit says, line ends among them', () => {
  assert.deepEqual(lines(['1234\n', '5678\n'], 10), ['1234', '5678']);
  assert.deepEqual(lines(['1234\n', '5678\n', '\n'], 10).length, 3);
  const long = lines([`${'x'.repeat(8192)}\n`, `${'y'.repeat(8193)}\n`, 'z']);
  assert.deepEqual(
    long.map((line) => line.length),
    [8192, 8192, 1, 1],
  );
});
