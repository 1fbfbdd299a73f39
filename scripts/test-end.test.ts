// A test file that leaves a process behind fails by itself and says what it waited for; so does a server that cannot start.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { serverFolder, startServer } from '../test/support/servers/server-process.ts';

test('a file whose server is left over ends by itself, and fails', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-end-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'left.test.mjs');
  writeFileSync(
    file,
    `import { spawn } from 'node:child_process';
     import { before, test } from 'node:test';
     let child;
     before(() => { child = spawn('sleep', ['60']); throw new Error('no server'); });
     process.on('exit', () => child.kill());
     test('one', () => {});`,
  );
  const env = { ...process.env, MAYFLY_TEST_IDLE_MS: '200', NODE_TEST_CONTEXT: undefined };
  const end = spawnSync(process.execPath, ['--import', './scripts/test-end.ts', file], {
    encoding: 'utf8',
    timeout: 30_000,
    env,
  });
  assert.equal(end.status, 1);
  assert.match(end.stderr, /left\.test\.mjs goes on for .*, and no test begins or ends; what keeps it: .*ProcessWrap/);
});

test('a server that ends before it answers is an error with its own words, and its folder is gone', async () => {
  const folder = serverFolder('none');
  const program = { folder, command: ['sh', '-c', 'echo no room >&2; exit 3'], answers: async () => false };
  await assert.rejects(startServer(program), /sh ended with 3 before it answered: no room/);
  assert.throws(() => rmSync(folder, { recursive: true }), /ENOENT/);
});
