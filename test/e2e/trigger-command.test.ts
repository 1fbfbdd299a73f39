// `mayfly up` runs the commands of an app once, with their arguments, and ends with their exit code.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import { type AppFiles, writeApp } from '../support/trigger-app.ts';

const limit = { timeout: 60_000 };
const cgi = await readFile(await guestPath('cgi-c'));
const trigger = (component: string): string => `[[trigger.command]]\ncomponent = "${component}"`;

async function up(t: TestContext, files: AppFiles, ...more: string[]) {
  const folder = await writeApp(t, files);
  const child = spawn(process.execPath, ['bin/mayfly.mjs', 'up', '--no-cache', '-f', folder, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

/** What the guest does stands in its environment. */
const doing = (path: string, query = ''): string =>
  `environment = { PATH_INFO = "${path}", QUERY_STRING = "${query}" }`;

test('a command gets its arguments, and stdout has what it prints and nothing else', limit, async (t) => {
  const files = { triggers: trigger('tool'), guests: { tool: cgi }, settings: doing('/env') };
  const { code, stdout } = await up(t, files, '--', '--flag', 'a b');
  assert.equal(code, 0);
  assert.match(stdout, /^Content-Type: text\/plain\r\n\r\nargv\[0\]=tool\nargv\[1\]=--flag\nargv\[2\]=a b\n/);
  assert.doesNotMatch(stdout, /Serving/);
});

test('the exit code of a command is that of the process; a trap is 1', limit, async (t) => {
  const exits = { triggers: trigger('tool'), guests: { tool: cgi }, settings: doing('/exit', '7') };
  const { code, stdout } = await up(t, exits);
  assert.equal(code, 7);
  assert.match(stdout, /done/);
  const traps = await up(t, { ...exits, settings: doing('/trap') });
  assert.equal(traps.code, 1);
});

test('several run one after the other, and the first that fails is the last', limit, async (t) => {
  const files = {
    triggers: [trigger('one'), trigger('two'), trigger('three')].join('\n'),
    guests: { one: cgi, two: cgi, three: cgi },
    settings: doing('/exit', '3'),
  };
  const { code, stdout, stderr } = await up(t, files);
  assert.equal(code, 3);
  assert.equal(stdout.match(/done/g)?.length, 1);
  assert.match(stderr, /one/);
  assert.doesNotMatch(stderr, /two/);
});

test('an app without commands takes no arguments', limit, async (t) => {
  const triggers = '[[trigger.http]]\nroute = "/"\nstatic_response = {}';
  const { code, stderr } = await up(t, { triggers, guests: {} }, '--', 'x');
  assert.equal(code, 2);
  assert.match(stderr, /Only a command trigger takes arguments/);
});

test('an app with commands has no workers', limit, async (t) => {
  const files = { triggers: trigger('tool'), guests: { tool: cgi }, settings: doing('/env') };
  const { code, stderr } = await up(t, files, '--workers', '2');
  assert.equal(code, 2);
  assert.match(stderr, /leave '--workers' out/);
});
