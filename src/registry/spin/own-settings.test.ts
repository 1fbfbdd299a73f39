// What Mayfly adds to a manifest goes through a registry and comes back, WebSockets among it, and is no trigger for Spin: an
// app with one that it does not know would not start there.
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'smol-toml';
import { guestPath } from '../../../test/guests/build.ts';
import { lockApp, readApp } from '../../app/lock.ts';
import { unpackLock } from './to-manifest.ts';
import { writeLock } from './write-lock.ts';

test('the WebSockets of an app are there when it is pulled', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-lock-'));
  t.after(() => rm(folder, { recursive: true }));
  await copyFile(await guestPath('websocket-c'), join(folder, 'chat.wasm'));
  await writeFile(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2
application.name = "chat"
[application.tool.mayfly.limits]
websockets = 7
[[application.tool.mayfly.websocket]]
route = "/chat"
component = "chat"
topics = ["room"]
[[trigger.http]]
route = "/"
static_response = {}
[component.chat]
source = "chat.wasm"
`,
  );
  const { lock } = await writeLock(await readApp(folder));
  assert.deepEqual(
    lock.triggers.map(({ trigger_type: type }) => type),
    ['http'],
  );
  const { document, files } = unpackLock(JSON.parse(JSON.stringify(lock)), 'the app');
  const pulled = await mkdtemp(join(tmpdir(), 'mayfly-lock-'));
  t.after(() => rm(pulled, { recursive: true }));
  await writeFile(join(pulled, 'spin.toml'), stringify(document));
  for (const { path } of files) await copyFile(join(folder, 'chat.wasm'), join(pulled, path));
  const [before, after] = [await lockApp(folder), await lockApp(pulled)];
  assert.deepEqual(after.triggers, before.triggers);
  assert.equal(after.triggers.length, 2);
  assert.equal(after.settings.limits.socketCount, 7);
});
