// Every byte that was copied leads to where it stood; what was put in leads to what follows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CopiedRuns } from './copied-runs.ts';
import { readCoreModule } from './read-core-module.ts';
import { rewriteCoreModule } from './rewrite-core-module.ts';

test('runs, and what lies between them', () => {
  const runs = new CopiedRuns();
  runs.add(0, 100, 5);
  runs.add(5, 105, 5);
  runs.add(20, 110, 10);
  assert.deepEqual(
    [0, 4, 5, 9, 10, 19, 20, 29, 30].map((at) => runs.original(at)),
    [...[100, 104, 105, 109, 110, 110, 110, 119, undefined]],
  );
  assert.equal(new CopiedRuns().original(0), undefined);
});

test('in a module with checks all that was copied is the same byte, and runs come in order', () => {
  const bytes = readFileSync('test/guests/built/cgi-c.wasm');
  const info = readCoreModule(bytes);
  const runs = new CopiedRuns();
  const interrupt = { module: 'i', name: 'flag', pollAddress: undefined };
  const options = { importMemories: 'm', exportInternals: 'x:', interrupt, image: true };
  const written = rewriteCoreModule(bytes, info, options, runs);
  assert.deepEqual(written, rewriteCoreModule(bytes, info, options));
  let same = 0;
  for (let at = 0; at < written.length; at++) {
    const from = runs.original(at);
    if (from !== undefined && bytes[from] === written[at]) same++;
  }
  assert.ok(written.length - same < bytes.length / 3, `${written.length - same} bytes were put in`);
  assert.ok(same > bytes.length * 0.5, `${same} bytes were copied`);
});
