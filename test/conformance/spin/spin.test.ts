// The 19 cases of Spin's conformance tests (https://github.com/fermyon/conformance-tests), with manifests and a guest of
// our own: what a component sees of Spin, with real servers where a case needs one.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readCase } from '../../cases/runner/case-file.ts';
import { reasonToSkip, runCase } from '../../cases/runner/run-case.ts';
import { closeShared } from '../../cases/runner/servers.ts';

const SECONDS = 60;
const folder = join(import.meta.dirname, 'cases');
const cacheDirectory = mkdtempSync(join(tmpdir(), 'mayfly-spin-'));

describe('conformance with Spin', () => {
  after(closeShared);
  after(() => rmSync(cacheDirectory, { recursive: true }));
  for (const name of readdirSync(folder)) {
    const given = readCase(join(folder, name));
    it(`${name}: ${given.shows}`, { skip: reasonToSkip(given), timeout: SECONDS * 1000 }, () =>
      runCase(join(folder, name), given, cacheDirectory),
    );
  }
});
