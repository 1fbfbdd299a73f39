// What the docs say, held against the code: error codes, sizes, files that they name.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { errorsPage } from '../scripts/docs.ts';
import { errorKinds } from '../src/errors.ts';

test('docs/errors.md is what `node scripts/docs.ts` writes', () => {
  assert.equal(readFileSync('docs/errors.md', 'utf8'), errorsPage());
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
  for (const page of [...globSync('docs/*.md'), 'README.md', 'CONTRIBUTING.md']) {
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
