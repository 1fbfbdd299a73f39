// Mayfly with less than it would like to have: without node:ffi it says so and works, and without room for more memories
// it answers 503 and goes on. Each runs in a process of its own, since what is missing is missing for all of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { guestPath } from '../guests/build.ts';

const fixture = new URL('requests.fixture.ts', import.meta.url).pathname;
const onLinux = { skip: process.platform === 'linux' ? false : 'these means are those of Linux' };

interface Outcome {
  readonly statuses: readonly number[];
  readonly last: number;
  readonly opened: number;
  readonly log: string;
}

/** `shell` runs first, in the same shell: it takes something away. */
async function run(shell: string, flags: readonly string[], count: number): Promise<Outcome> {
  const command = [process.execPath, ...flags, fixture, await guestPath('hoard-c'), String(count)];
  const text = `${shell} exec ${command.map((part) => `'${part}'`).join(' ')}`;
  const { stdout } = await promisify(execFile)('sh', ['-c', text], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as Outcome;
}

test('without the permission for foreign functions: reset by copy, with a warning that says why', async () => {
  const flags = ['--permission', '--allow-fs-read=*', '--allow-fs-write=*', '--allow-worker'];
  const { statuses, last, log } = await run('', flags, 10);
  assert.deepEqual(new Set([...statuses, last]), new Set([200]));
  assert.match(log, /"level":40.*Sandboxes are reset by copy, which is slow for large images. Not available: scan: /);
});

test('without node:ffi at all', async () => {
  const { statuses, log } = await run('', ['--no-experimental-ffi'], 2);
  assert.deepEqual(statuses, [200, 200]);
  assert.match(log, /Sandboxes are reset by copy/);
});

test('without node:ffi guests look at the flag, and are stopped all the same', async () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const file = new URL('guest-time.test.ts', import.meta.url).pathname;
  const command = ['--no-experimental-ffi', '--test-reporter=tap', file];
  const { stdout } = await promisify(execFile)(process.execPath, command, { env });
  assert.match(stdout, /^# pass [1-9]/m);
  assert.match(stdout, /^# fail 0$/m);
});

test('without addresses for more memories: 503 for those that find no room, 200 for the others', onLinux, async () => {
  const { statuses, last, opened, log } = await run('ulimit -v 150000000;', [], 100);
  assert.deepEqual(new Set(statuses), new Set([200, 503]));
  assert.equal(last, 200);
  assert.match(log, /The engine has no room for a linear memory/);
  assert.ok(opened <= 0, `${opened} descriptors were left open`);
});

test('guests that trap leave no descriptor open', onLinux, async () => {
  const { opened, last } = await run('', [], 5);
  assert.equal(last, 200);
  assert.ok(opened <= 0, `${opened} descriptors were left open`);
});
