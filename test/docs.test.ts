// What the docs say, held against the code: error codes, sizes, files that they name.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pages, valueText } from '../scripts/docs.ts';
import { errorKinds } from '../src/errors.ts';
import { allLimits } from '../src/limits.ts';

test('tables of the documentation are what `node scripts/docs.ts` writes', () => {
  for (const [path, page] of Object.entries(pages)) {
    const text = readFileSync(path, 'utf8');
    assert.equal(text, page(text), path);
  }
});

test('where the documentation names a limit with its value, that is the default', () => {
  const found: string[] = [];
  for (const page of [...globSync('docs/*.md'), 'README.md']) {
    const text = readFileSync(page, 'utf8');
    for (const [, kind] of allLimits) {
      for (const [, value] of text.matchAll(new RegExp(`\`${kind.key}\` \\((\\d[^)]*)\\)`, 'g'))) {
        assert.equal(value, valueText(kind, kind.default), `${page}: ${kind.key}`);
        found.push(kind.key);
      }
    }
  }
  assert.ok(found.includes('held'), 'limits.md names it so');
});

test('every error code is used by the code', () => {
  const sources = globSync('src/**/*.ts')
    .filter((file) => file !== 'src/errors.ts' && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  assert.deepEqual(
    Object.keys(errorKinds).filter((code) => !sources.includes(`'${code}'`)),
    [],
  );
});

test('the README stays within 150 lines', () => {
  assert.ok(readFileSync('README.md', 'utf8').split('\n').length <= 151);
});

test('files that the docs name exist', () => {
  const missing: string[] = [];
  for (const page of [...globSync('docs/*.md'), 'README.md', 'CONTRIBUTING.md', 'HACKING.md']) {
    const text = readFileSync(page, 'utf8');
    for (const [, path] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      if (!existsSync(join(dirname(page), path as string))) missing.push(`${page}: ${path}`);
    }
    for (const [, path] of text.matchAll(/`((?:src|test|docs|bench|sdk|scripts|templates|examples|bin)\/[\w./-]+)`/g)) {
      if (!existsSync(path as string)) missing.push(`${page}: ${path}`);
    }
  }
  assert.deepEqual(missing, []);
});
