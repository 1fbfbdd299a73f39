// S-expressions are read with their escapes, comments and source ranges.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineOf, type Node, parseSexprs } from './sexpr.ts';

function plain(node: Node): unknown {
  if (node.kind === 'list') return node.items.map(plain);
  return node.kind === 'atom' ? node.text : Buffer.from(node.bytes).toString('latin1');
}

test('reads lists, atoms, strings and comments', () => {
  const source = '(a $b "c" (;x (; nested ;) ) ;)(d)) ;; (e)\n"f"';
  assert.deepEqual(parseSexprs(source).map(plain), [['a', '$b', 'c', ['d']], 'f']);
});

test('reads escapes', () => {
  const [node] = parseSexprs('"\\00\\ff\\n\\"\\\\\\u{2603}☃"');
  assert(node?.kind === 'string');
  assert.deepEqual([...node.bytes], [0, 255, 10, 34, 92, 0xe2, 0x98, 0x83, 0xe2, 0x98, 0x83]);
});

test('keeps the source range of each expression', () => {
  const source = '\n  (x)\n(y (z "(" ))';
  const [, second] = parseSexprs(source);
  assert.equal(source.slice(second?.start, second?.end), '(y (z "(" ))');
  assert.equal(lineOf(source, second?.start ?? 0), 3);
});

test('complains about what never ends', () => {
  for (const source of ['(a', '"a', '(; a', 'a)']) assert.throws(() => parseSexprs(source), /line 1/, source);
});
