// Plugins are found on the path, run with what they are given, and their exit codes are passed on.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { mayfly, start } from '../../test/e2e/cli-process.ts';
import { findPlugins, runPlugin } from './plugins.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-plugins-'));
after(() => rmSync(base, { recursive: true }));
const timeout = 20_000;

function plugin(folder: string, name: string, script: string): void {
  mkdirSync(join(base, folder), { recursive: true });
  writeFileSync(join(base, folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(base, folder, name), 0o755);
}

plugin('a', 'mayfly-greet', 'echo "hello $1 from $MAYFLY_VERSION"; exit 7');
plugin('a', 'mayfly-up', 'echo never');
plugin('b', 'mayfly-greet', 'echo second');
plugin('b', 'mayfly-die', 'kill -9 $$');
plugin('b', 'mayfly-wait', 'trap "exit 9" TERM; echo waiting; while :; do sleep 0.05; done');
plugin('b', 'mayfly-', 'echo none');
writeFileSync(join(base, 'b', 'mayfly-text'), 'no program');
mkdirSync(join(base, 'b', 'mayfly-folder'));
const PATH = ['', '.', join(base, 'none'), join(base, 'a'), join(base, 'b'), process.env.PATH].join(delimiter);

test('the first of a name counts, and what cannot run does not', () => {
  const found = findPlugins([join(base, 'a'), join(base, 'b')].join(delimiter));
  assert.deepEqual(
    found.map(({ name, path }) => [name, path.slice(base.length + 1)]),
    [
      ['die', 'b/mayfly-die'],
      ['greet', 'a/mayfly-greet'],
      ['up', 'a/mayfly-up'],
      ['wait', 'b/mayfly-wait'],
    ],
  );
  assert.deepEqual(findPlugins('relative'), []);
});

test('a plugin that a signal ends', { timeout }, async () => {
  assert.equal(await runPlugin({ name: 'die', path: join(base, 'b', 'mayfly-die') }, []), 137);
  await assert.rejects(runPlugin({ name: 'x', path: join(base, 'none') }, []));
});

test('runs as a command, which commands of Mayfly come before', { timeout }, () => {
  const run = (...args: string[]) => mayfly(args, base, { PATH });
  const { code, stdout } = run('greet', '--json');
  assert.equal(code, 7);
  assert.match(stdout, /^hello --json from \d/);
  assert.equal(run('up', '--version').stdout.includes('never'), false);
  assert.match(run('gret').stderr, /There is no command 'gret'\n {2}hint: Did you mean 'greet'\?/);
  assert.match(run('plugins', 'list', '--filter', 'greet').stdout, /^greet {2}\S+a\/mayfly-greet\n$/);
  const all = JSON.parse(run('plugin', 'list', '--json').stdout) as { name: string }[];
  assert.ok(all.some(({ name }) => name === 'wait'));
});

test('gets the signals that Mayfly gets', { timeout }, async () => {
  const running = start(['wait'], base, { PATH });
  await running.printed(/waiting/, 10_000);
  running.kill('SIGTERM');
  assert.equal((await running.ended).code, 9);
});
