// What is written is read again as it was meant; a map whose code was moved moves along.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMappedLines } from './source-map.ts';
import { encodeSegments, type MappedRange, moveSegments } from './source-map-writer.ts';

const sources = ['first', 'second'];

function lines(mappings: string, offsets: readonly number[]): (string | undefined)[] {
  const found = findMappedLines(JSON.stringify({ version: 3, sources, mappings }), offsets);
  return offsets.map((offset) => found.get(offset) && `${found.get(offset)?.file}:${found.get(offset)?.line}`);
}

const ranges: readonly MappedRange[] = [
  { from: 100, to: 110, source: 0, line: 7 },
  { from: 110, to: 111, source: 1, line: 100_000 },
  { from: 200, to: 200, source: 0, line: 1 },
  { from: 200, to: 300, source: 0, line: 2 },
];

test('ranges, and gaps between them', () => {
  const offsets = [99, 100, 109, 110, 111, 199, 200, 299, 300, 1_000_000];
  const wanted = [
    ...[undefined, 'first:7', 'first:7', 'second:100000', undefined, undefined],
    ...['first:2', 'first:2', undefined, undefined],
  ];
  assert.deepEqual(lines(encodeSegments(ranges), offsets), wanted);
  const moved = moveSegments(encodeSegments(ranges), 1000);
  assert.deepEqual(
    lines(
      moved,
      offsets.map((offset) => offset + 1000),
    ),
    wanted,
  );
  assert.equal(moveSegments(moved, -1000), encodeSegments(ranges));
});

test('nothing stays nothing', () => {
  assert.equal(encodeSegments([]), '');
  assert.equal(moveSegments('', 5), '');
  assert.equal(moveSegments(';AAAA', 5), ';AAAA');
});

test('random ranges', () => {
  let seed = 3;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % below;
  };
  for (let round = 0; round < 200; round++) {
    const made: MappedRange[] = [];
    for (let at = random(50); made.length < 20; ) {
      const to = at + 1 + random(100);
      made.push({ from: at, to, source: random(2), line: 1 + random(5000) });
      at = to + (random(2) === 0 ? 0 : random(2000));
    }
    const mappings = encodeSegments(made);
    for (const { from, to, source, line } of made) {
      const whole = `${sources[source]}:${line}`;
      assert.deepEqual(lines(mappings, [from, to - 1]), [whole, whole]);
    }
  }
});
