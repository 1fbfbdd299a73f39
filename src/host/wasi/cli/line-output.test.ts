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
