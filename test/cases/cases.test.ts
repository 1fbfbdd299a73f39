// Every folder below this one with a case.toml is a behaviour: an app, what it is asked, and what it must answer.
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readCase } from './runner/case-file.ts';
import { reasonToSkip, runCase } from './runner/run-case.ts';
import { closeShared } from './runner/servers.ts';

const SECONDS = 30;
const cacheDirectory = mkdtempSync(join(tmpdir(), 'mayfly-cases-'));
const only = process.env.CASE ?? '';

describe('cases', () => {
  after(closeShared);
  after(() => rmSync(cacheDirectory, { recursive: true }));
  for (const file of globSync('*/*/case.toml', { cwd: import.meta.dirname }).sort()) {
    const name = dirname(file);
    if (!name.includes(only)) continue;
    const folder = join(import.meta.dirname, name);
    const given = readCase(folder);
    const skip = reasonToSkip(given);
    it(`${name}: ${given.shows}`, { skip, timeout: SECONDS * 1000 }, () => runCase(folder, given, cacheDirectory));
  }
});
