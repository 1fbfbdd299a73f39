// Golden runtime configurations: each `.toml` has a `.json` (the configuration, paths relative) or an `.err` (the errors
// as printed) beside it. `UPDATE_GOLDEN=1` writes them anew.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { readRuntimeConfig } from '../../src/app/runtime-config/read.ts';
import { formatError } from '../../src/cli/format-error.ts';

const folder = join(import.meta.dirname, 'runtime-config');
const update = process.env.UPDATE_GOLDEN === '1';

describe('golden runtime configurations', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.toml'))) {
    it(file, () => check(join(folder, file)));
  }
});

function check(file: string): void {
  const { extension, text } = outcome(file);
  const golden = file.replace(/\.toml$/, extension);
  if (update) {
    for (const each of ['.json', '.err']) rmSync(file.replace(/\.toml$/, each), { force: true });
    writeFileSync(golden, text);
  }
  assert.ok(existsSync(golden), `No ${golden}; the outcome is:\n${text}`);
  assert.equal(text, readFileSync(golden, 'utf8'));
}

function outcome(file: string): { extension: string; text: string } {
  try {
    const config = readRuntimeConfig({ file, defaultStateDirectory: '/app/.spin' });
    const plain = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);
    return {
      extension: '.json',
      text: `${JSON.stringify(config, plain, 2).replaceAll(folder, '.').replaceAll(dirname(folder), '..')}\n`,
    };
  } catch (error) {
    const text = formatError(error, { verbose: false, paint: (_, plain) => plain, directory: folder });
    return { extension: '.err', text: `${text}\n` };
  }
}
