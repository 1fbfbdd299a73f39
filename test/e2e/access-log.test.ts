// The access log of `mayfly up`: a line for each request in the form that was asked for, and none where nobody asked.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { up } from '../support/up.ts';
import { mayfly } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-access-log-'));
after(() => rmSync(folder, { recursive: true }));

const app = join(folder, 'app.ts');
writeFileSync(
  app,
  `export default { async fetch(request: Request) {
  if (request.url.endsWith('/fail')) throw new Error('it fell');
  return new Response(await request.text());
} };\n`,
);

async function outputOf(...args: string[]): Promise<string> {
  const served = await up([app, ...args]);
  await (await fetch(`${served.url}/a?b`, { method: 'POST', body: 'hello', headers: { 'x-request-id': 'r1' } })).text();
  await (await fetch(`${served.url}/fail`)).text();
  assert.equal(await served.stop(), 0);
  return served.output();
}

test('by default there are no lines where nobody looks', async () => {
  assert.doesNotMatch(await outputOf(), /POST|GET/);
});

test('for people', async () => {
  const bill = String.raw`\(\d+(\.\d+)? ms CPU, \d+\.\d MiB, \d+ host calls, (new|kept) sandbox\)`;
  const text = await outputOf('--access-log');
  assert.match(text, new RegExp(String.raw`^POST /a 200 \d+(\.\d+)? ms app ${bill}$`, 'm'));
  assert.match(text, /^GET \/fail 500 /m);
});

test('as JSON, in the form of the log', async () => {
  const text = await outputOf('--access-log', '--log-format', 'json');
  const lines = text.split('\n').filter((line) => line.includes('"request-answered"'));
  const [posted, failed] = lines.map((line) => JSON.parse(line));
  assert.equal(lines.length, 2);
  const { requestId, path, status, receivedBytes, sentBytes, hostCalls } = posted;
  assert.deepEqual([requestId, path, status, receivedBytes, sentBytes], ['r1', '/a', 200, 5, 5]);
  assert.ok(hostCalls > 0);
  assert.equal(failed.status, 500);
});

test('in the Combined Log Format, by workers, too', async () => {
  const text = await outputOf('--access-log', 'combined', '--workers', '2');
  assert.match(text, /^127\.0\.0\.1 - - \[[^\]]+ \+0000\] "POST \/a\?b HTTP\/1\.1" 200 5 "-" "node"$/m);
});

test('another form is refused with those that there are', () => {
  const { code, stderr } = mayfly(['up', app, '--access-log', 'common'], folder);
  assert.notEqual(code, 0);
  assert.match(stderr, /short, json, combined/);
});
