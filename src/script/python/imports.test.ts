// Which modules a text in Python imports.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importedNames } from './imports.ts';

const cases: readonly (readonly [text: string, names: readonly string[]])[] = [
  ['import a', ['a']],
  ['import a.b.c as d, e as f,g', ['a', 'e', 'g']],
  ['from a.b import c', ['a']],
  ['from a import (\n  b,\n  c,\n)', ['a']],
  ['try:\n    import a\nexcept ImportError:\n\tfrom b import c', ['a', 'b']],
  ['import a; import b', ['a', 'b']],
  ['import a, \\\n  b', ['a', 'b']],
  ['from . import a\nfrom .b import c', []],
  ['import ä  # import x', ['ä']],
  ['important = 1\nfromage = 2\nx.import_module("a")', []],
  ['import a\r\nimport b\r\n', ['a', 'b']],
  ['import a\nimport a', ['a']],
];
for (const [text, names] of cases) {
  test(JSON.stringify(text), () => assert.deepEqual(importedNames(text), names));
}
