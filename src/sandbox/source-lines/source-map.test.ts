// Lines of a source map with one line of bytes; what is no map has none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMappedLines } from './source-map.ts';

const map = (mappings: string, more: object = {}): string =>
  JSON.stringify({ version: 3, sources: ['a.ts', 'b.ts'], mappings, ...more });

const lines = (json: string, ...offsets: number[]): (string | undefined)[] => {
  const found = findMappedLines(json, offsets);
  return offsets.map((offset) => {
    const line = found.get(offset);
    return line && `${line.file}:${line.line}`;
  });
};

test('an offset belongs to the segment before it', () => {
  // Columns 4, 8 and 16; lines 1 and 3 of the first file, then line 2 of the second.
  const text = map('IAAA,IAEA,QCDA');
  assert.deepEqual(lines(text, 3, 4, 7, 8, 15, 16, 1e6), [
    undefined,
    'a.ts:1',
    'a.ts:1',
    'a.ts:3',
    'a.ts:3',
    'b.ts:2',
    'b.ts:2',
  ]);
});

test('segments without a source cover what is of none, and only the first line counts', () => {
  assert.deepEqual(lines(map('IAAA,I;AAAA'), 4, 8), ['a.ts:1', undefined]);
  assert.deepEqual(lines(map('IAAA', { sourceRoot: '/src' }), 4), ['/src/a.ts:1']);
});

test('what is no map gives no lines', () => {
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"version":2}',
    map('????'),
    map('gggggggggggg'),
    map('AQAA', { sources: [] }),
  ]) {
    assert.deepEqual(lines(text, 0, 1), [undefined, undefined], text);
  }
});
