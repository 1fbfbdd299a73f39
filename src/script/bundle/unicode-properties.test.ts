// Unicode's classes in regular expressions are written out for the engine without tables, and places stay where they were.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourcePositions } from '../source-positions.ts';
import { bundle } from './bundle.ts';
import { memoryPath } from './memory-files.ts';

const source = "globalThis.letters = [/\\p{Lu}[^\\P{L}a]/gu,/[\\p{L}--[a-z]]/v,/p{1}/]; throw new Error('here');\n";

async function bundled(engine: 'quickjs' | 'starlingmonkey', text = source) {
  return bundle({ entry: memoryPath('index.js'), modules: { 'index.js': text } }, new Set(), engine);
}

test('classes become ranges for StarlingMonkey, and stay for QuickJS', async () => {
  const { code } = await bundled('starlingmonkey');
  assert.doesNotMatch(code, /\\[pP]\{/);
  const [first, second, third] = [...code.matchAll(/\/[^/\n]+\/[a-z]*(?=\s*[,\]])/g)].map(([text]) => text);
  // biome-ignore lint/security/noGlobalEval: it is our own text
  const expressions = [first, second, third].map((text) => eval(text ?? '') as RegExp);
  assert.deepEqual('Äb Äa aÄ ÉÉ'.match(expressions[0] as RegExp), ['Äb', 'ÉÉ']);
  assert.deepEqual(
    ['ä', 'A', 'a'].map((letter) => expressions[1]?.test(letter)),
    [true, true, false],
  );
  assert.equal(expressions[2]?.source, 'p{1}');
  assert.match((await bundled('quickjs')).code, /\\p\{Lu\}/);
});

test('what stands behind an expression keeps its place', async () => {
  const { code, map } = await bundled('starlingmonkey');
  const line = code.split('\n').findIndex((one) => one.includes('throw new Error')) + 1;
  const column = (code.split('\n')[line - 1] ?? '').indexOf('new Error') + 1;
  const place = new SourcePositions('bundle.js', map).find(line, column);
  assert.deepEqual([place?.line, place?.column], [1, source.indexOf('new Error') + 1]);
});
