// Golden manifests: each `.toml` has a `.json` (the locked app, paths relative) or an `.err` (the errors as printed)
// beside it. `UPDATE_GOLDEN=1` writes them anew. A first line `# lock: {…}` has the options with which it is locked.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type LockOptions, lockApp } from '../../src/app/lock.ts';
import { formatError } from '../../src/cli/format-error.ts';

const folder = join(import.meta.dirname, 'manifests');
const update = process.env.UPDATE_GOLDEN === '1';

describe('golden manifests', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.toml'))) {
    it(file, () => check(join(folder, file)));
  }
});

async function check(manifest: string): Promise<void> {
  const { extension, text } = await outcome(manifest);
  const golden = manifest.replace(/\.toml$/, extension);
  if (update) {
    for (const each of ['.json', '.err']) rmSync(manifest.replace(/\.toml$/, each), { force: true });
    writeFileSync(golden, text);
  }
  assert.ok(existsSync(golden), `No ${golden}; the outcome is:\n${text}`);
  assert.equal(text, readFileSync(golden, 'utf8'));
}

async function outcome(manifest: string): Promise<{ extension: string; text: string }> {
  try {
    const options = /^# lock: (.*)/.exec(readFileSync(manifest, 'utf8'))?.[1] ?? '{}';
    const app = await lockApp(manifest, JSON.parse(options) as LockOptions);
    return { extension: '.json', text: `${JSON.stringify(app, null, 2).replaceAll(folder, '.')}\n` };
  } catch (error) {
    const text = formatError(error, { verbose: false, paint: (_, plain) => plain, directory: folder });
    return { extension: '.err', text: `${text}\n` };
  }
}
