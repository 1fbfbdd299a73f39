// The log of a served app for programs: every line is an object, and those of one request carry its id, the guest's own
// included; files of what components print are there without being asked for.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import { serve } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-json-log-'));
after(() => rmSync(folder, { recursive: true }));

before(async () => {
  const source = JSON.stringify(await guestPath('cgi-c'));
  writeFileSync(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2
application.name = "logs"
[application.tool.mayfly.routes.only-get]
methods = ["GET"]
[[trigger.http]]
id = "only-get"
route = "/a/..."
component = "a"
[component.a]
source = ${source}
`,
  );
});

type Line = Readonly<Record<string, unknown>>;

test('lines of a request carry its id', { timeout: 60_000 }, async () => {
  const app = await serve(['--log-format', 'json'], folder);
  const ask = async (path: string, init?: RequestInit): Promise<number> => {
    const response = await fetch(app.url + path, { ...init, signal: AbortSignal.timeout(20_000) });
    await response.text();
    return response.status;
  };
  assert.equal(await ask('/a/log', { headers: { 'x-request-id': 'mine-1' } }), 200);
  const trace = '0af7651916cd43dd8448eb211c80319c';
  assert.equal(await ask('/a/log', { headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } }), 200);
  await ask('/a/log');
  assert.equal(await ask('/a/log', { method: 'DELETE' }), 405);
  assert.equal(await ask('/.well-known/spin/health?ready'), 200);
  app.kill('SIGTERM');
  const { stderr, code } = await app.ended;
  assert.equal(code, 0);
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const printed = lines.filter(({ event }) => event === 'guest-output');
  assert.deepEqual(
    printed.slice(0, 2).map(({ component, requestId, traceId }) => [component, requestId, traceId]),
    [
      ['a', 'mine-1', undefined],
      ['a', trace, trace],
    ],
  );
  assert.match(String(printed[2]?.requestId), /^[0-9a-f-]{36}$/);
  assert.equal(lines.at(-1)?.event, 'app-stopping');
  const kept = readFileSync(join(folder, '.spin', 'logs', 'a_stderr.txt'), 'utf8');
  assert.equal(kept, printed.map(({ msg }) => `${msg}\n`).join(''));
});
