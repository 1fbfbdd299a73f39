// The cases of test/cases once more: each request is recorded while the host's services answer it, and replayed without them.
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readCase } from '../cases/runner/case-file.ts';
import { reasonToSkip, runCase } from '../cases/runner/run-case.ts';
import { closeShared } from '../cases/runner/servers.ts';
import { recordAllTo, replayAll } from '../support/replays.ts';

const root = join(import.meta.dirname, '../cases');
const folder = mkdtempSync(join(tmpdir(), 'mayfly-replay-cases-'));
after(closeShared);
after(() => rmSync(folder, { recursive: true }));

/** Areas whose guests do not differ in what they call from those of others, and cases in which little else than waiting happens. */
const leftOut = /^(cli|manifest|routes|runtime-config|log|settings)\/|key-value\/million-keys/;

const cases = globSync('*/*/case.toml', { cwd: root })
  .map(dirname)
  .filter((name) => !leftOut.test(name))
  .sort()
  .map((name) => ({ name, given: readCase(join(root, name)) }))
  .filter(({ given }) => !given.waits && !given.up && given['load-error'] === undefined);

let count = 0;

describe('cases', { timeout: 900_000 }, () => {
  for (const [index, { name, given }] of cases.entries()) {
    it(name, { skip: reasonToSkip(given), timeout: 60_000 }, async () => {
      const recordings = join(folder, String(index));
      const after = async (): Promise<void> => {
        const { count: some, departed } = await replayAll(recordings, folder);
        assert.deepEqual(departed, []);
        count += some;
      };
      await runCase(join(root, name), given, folder, { record: recordAllTo(recordings), after });
    });
  }
});

it('there were many requests', () => {
  assert.ok(count >= 100, `${count} requests`);
});
