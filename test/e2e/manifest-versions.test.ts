// Apps that Spin starts and that a strict reader would not like: a manifest of version 1, and two triggers on one route.
// They run, and the log says what is the matter.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../src/library/load.ts';
import { testLog } from '../../src/telemetry/log.test-kit.ts';
import { guestPath } from '../guests/build.ts';

const folder = await mkdtemp(join(tmpdir(), 'mayfly-versions-'));
after(() => rm(folder, { recursive: true }));
const source = JSON.stringify(await guestPath('hello-c'));

test('a manifest of version 1 is served', { timeout: 20_000 }, async (t) => {
  const path = join(folder, 'one.toml');
  await writeFile(
    path,
    `spin_manifest_version = "1"
name = "old"
version = "1.2.3"
trigger = { type = "http", base = "/" }
[[component]]
id = "hello_world"
source = ${source}
[component.trigger]
route = "/hello/..."
`,
  );
  const { log, lines } = testLog();
  const app = await load(path, { log });
  t.after(() => app.close());
  const ask = async (target: string): Promise<string> =>
    (await app.fetch(new Request(`http://localhost${target}`))).text();
  assert.match(await ask('/hello/world'), /Hello/i);
  assert.equal(await ask('/.well-known/spin/info'), '{\n  "name": "old",\n  "version": "1.2.3"\n}');
  const said = lines.filter(({ fields }) => fields?.event === 'manifest-old');
  assert.deepEqual(
    said.map(({ fields }) => [fields?.file, fields?.line]),
    [[path, 1]],
  );
});

test('of two triggers on one route the last answers, and the log names both lines', async (t) => {
  const path = join(folder, 'two.toml');
  const trigger = (body: string): string =>
    `[[trigger.http]]\nid = "${body}"\nroute = "/same"\nstatic_response = { body = "${body}" }\n`;
  await writeFile(path, `spin_manifest_version = 2\napplication.name = "two"\n${trigger('one')}${trigger('two')}`);
  const { log, lines } = testLog();
  const app = await load(path, { log });
  t.after(() => app.close());
  assert.equal(await (await app.fetch(new Request('http://localhost/same'))).text(), 'two');
  const [said] = lines.filter(({ fields }) => fields?.event === 'manifest-questionable');
  assert.equal(said?.fields?.rule, 'manifest-route-duplicate');
  assert.match(
    JSON.stringify(said),
    /trigger \\"two\\" in line 9, which answers; trigger \\"one\\" in line 5 never does/,
  );
});
