// Parameters of a statement bind by their position, whatever form their names have, and each value keeps its type.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bind, parameterNames } from './parameters.ts';

test('parameters are found where SQLite has them, and nowhere else', () => {
  for (const [statement, names] of [
    ['SELECT 1', []],
    ['SELECT ?, ?', [undefined, undefined]],
    ['SELECT ?2', [undefined, '?2']],
    ['SELECT ?2, ?, :a, ?, :a, @a, $a', [undefined, '?2', undefined, ':a', undefined, '@a', '$a']],
    ["SELECT '?' || ?, \"?\", `?`, [?], 'it''s ?'", [undefined]],
    ['SELECT ? -- ?\n, ? /* ? ; */, ?', [undefined, undefined, undefined]],
    ['SELECT ?; SELECT ?, ?', [undefined]],
    ["SELECT ';', ?", [undefined]],
    ['SELECT a$b, x@y FROM t', ['@y']],
    ['SELECT $a::b(c), :1', ['$a::b(c)', ':1']],
    ['SELECT /* ?', []],
    ["SELECT '?", []],
    ['SELECT ?0, ?99999999', []],
    ['SELECT :ä', [':ä']],
  ] as const) {
    assert.deepEqual(parameterNames(statement), names, statement);
  }
});

test('a long text is read in a time that its length bounds', () => {
  const started = performance.now();
  for (const text of [
    "'".repeat(200_001),
    '/*'.repeat(100_000),
    '?,'.repeat(100_000),
    ':a'.repeat(100_000),
    '['.repeat(200_000),
  ]) {
    parameterNames(`SELECT ? ${text}`);
  }
  assert.ok(performance.now() - started < 5000);
});

test('another number of values is a fault', () => {
  for (const values of [[], [1n, 2n, 3n]]) {
    assert.throws(() => bind([undefined, ':a'], values), {
      name: 'SqlFault',
      message: `Wrong number of parameters passed to query. Got ${values.length}, needed 2`,
    });
  }
});
