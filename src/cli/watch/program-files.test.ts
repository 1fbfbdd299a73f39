// Packages of others are not watched; a folder of one's own that is called so is.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { programFiles } from './program-files.ts';

const watched = (entry: string, ...files: readonly string[]): readonly string[] => {
  const { sources } = programFiles([entry], files, false);
  const named = new Set(sources.map(({ pattern }) => pattern));
  return files.filter((file) => named.has(file));
};

test('the parts of a repository with several packages', () => {
  const own = ['/repo/packages/lib/index.ts', '/repo/packages/api/src/part.ts'];
  const others = ['/repo/node_modules/hono/index.js', '/repo/packages/api/node_modules/zod/index.js'];
  assert.deepEqual(watched('/repo/packages/api/src/index.ts', ...own, ...others), own);
});

test('a program in Python: packages beside it, and in virtual environments', () => {
  const folder = '/repo/packages/api';
  const own = [join(folder, 'part.py'), join(folder, 'deep', 'packages', 'x.py')];
  const others = [join(folder, 'packages/flask/app.py'), join(folder, '.venv/lib/python3.12/site-packages/x.py')];
  assert.deepEqual(watched(join(folder, 'app.py'), ...own, ...others), own);
});
