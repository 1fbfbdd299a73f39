// Every folder below this one with a case.toml is a behaviour: an app, what it is asked, and what it must answer.
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readCase } from './runner/case-file.ts';
import { reasonToSkip, runCase } from './runner/run-case.ts';
import { closeShared } from './runner/servers.ts';

const SECONDS = 60;
const cacheDirectory = mkdtempSync(join(tmpdir(), 'mayfly-cases-'));
/** `CASE=redis/` runs those whose name has it. */
const only = process.env.CASE ?? '';

const cases = globSync('*/*/case.toml', { cwd: import.meta.dirname })
  .map(dirname)
  .filter((name) => name.includes(only))
  .sort()
  .map((name) => ({ name, given: readCase(join(import.meta.dirname, name)) }));

after(closeShared);
after(() => rmSync(cacheDirectory, { recursive: true }));

/** Those that wait do so at the same time; the others have the thread for themselves. */
for (const waits of [false, true]) {
  describe(waits ? 'cases that wait' : 'cases', { concurrency: waits ? 6 : 1, timeout: 900_000 }, () => {
    for (const { name, given } of cases.filter((one) => (one.given.waits ?? false) === waits)) {
      it(`${name}: ${given.shows}`, { skip: reasonToSkip(given), timeout: SECONDS * 1000 }, () =>
        runCase(join(import.meta.dirname, name), given, cacheDirectory),
      );
    }
  });
}

it('no two cases show the same', () => {
  const seen = new Map<string, string>();
  for (const { name, given } of cases) {
    const other = seen.get(given.shows);
    if (other !== undefined) throw new Error(`${name} and ${other} both show that ${given.shows}`);
    seen.set(given.shows, name);
  }
});
