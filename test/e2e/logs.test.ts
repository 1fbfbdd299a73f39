// `mayfly logs`: what components have printed, of one or of all, and what they print.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { up } from '../support/up.ts';
import { mayfly, start } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-logs-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(
  join(folder, 'app.ts'),
  "export default { fetch(request: Request) { console.log(new URL(request.url).pathname); return new Response(''); } };\n",
);

test('an app that has printed nothing has no files', () => {
  const { code, stderr } = mayfly(['logs', '-f', 'app.ts'], folder);
  assert.notEqual(code, 0);
  assert.match(stderr, /usage.*There is no folder of logs at .*\.spin\/logs/s);
});

test('what was printed, and what is printed', async (t) => {
  const served = await up([join(folder, 'app.ts')]);
  t.after(() => served.process.kill('SIGKILL'));
  await fetch(`${served.url}/one`);
  await served.printed(/app \| \/one/);
  const following = start(['logs', '-f', 'app.ts', '--follow'], folder);
  t.after(() => following.kill('SIGKILL'));
  await following.printed(/^app \| \/one$/m);
  await fetch(`${served.url}/two`);
  await following.printed(/^app \| \/two$/m);
  assert.equal(await served.stop(), 0);
  assert.equal(mayfly(['logs', '-f', 'app.ts', '-n', '1'], folder).stdout, 'app | /two\n');
});

test('of one component, in a folder that is named, and no terminal obeys a guest', () => {
  const logs = join(folder, 'elsewhere');
  mkdirSync(logs);
  for (const id of ['a', 'b']) appendFileSync(join(logs, `${id}_stdout.txt`), `of ${id}\u001b[2J\n`);
  appendFileSync(join(logs, 'a_stderr.txt'), 'an error\n');
  writeFileSync(join(logs, 'other.txt'), 'no log\n');
  const shown = (...args: string[]): string => mayfly(['logs', '--log-dir', logs, ...args], folder).stdout;
  assert.equal(shown('--component', 'b'), 'b | of b␛[2J\n');
  assert.equal(shown(), 'a | an error\na | of a␛[2J\nb | of b␛[2J\n');
});
