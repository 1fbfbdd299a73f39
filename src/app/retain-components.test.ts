// Some components of an app are kept with their triggers, and what would then be missing is an error.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockApp } from './lock.ts';
import { retainComponents } from './retain-components.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-retain-'));
after(() => rmSync(folder, { recursive: true }));

writeFileSync(
  join(folder, 'spin.toml'),
  `spin_manifest_version = 2
application.name = "x"
[[trigger.http]]
route = "/a"
component = "first"
[[trigger.http]]
route = "/b"
component = "second"
[[trigger.http]]
route = "/c"
static_response = { body = "c" }
[component.first]
source = "a.wasm"
allowed_outbound_hosts = ["https://example.com", "http://*.spin.internal"]
[component.second]
source = "b.wasm"
allowed_outbound_hosts = ["http://first.spin.internal"]
`,
);

test('what is named stays, and its triggers', async () => {
  const app = await lockApp(folder, { purpose: 'build' });
  assert.equal(retainComponents(app, []), app);
  const kept = retainComponents(app, ['first']);
  assert.deepEqual(
    kept.components.map(({ id }) => id),
    ['first'],
  );
  assert.deepEqual(
    kept.triggers.map((trigger) => trigger.type === 'http' && trigger.route),
    ['/a'],
  );
  assert.equal(retainComponents(app, ['second', 'first']).triggers.length, 2);
});

test('a component that is not there, and one that would be called and is not kept, are errors', async () => {
  const app = await lockApp(folder, { purpose: 'build' });
  assert.throws(() => retainComponents(app, ['frist']), { code: 'usage', hint: /Did you mean 'first'/ });
  assert.throws(() => retainComponents(app, ['second']), { code: 'usage', hint: /--component-id first/ });
});

test('files of components that are not served may be missing', async () => {
  writeFileSync(join(folder, 'a.wasm'), '');
  await assert.rejects(lockApp(folder), /The source "b.wasm" of component "second" does not exist/);
  const kept = retainComponents(await lockApp(folder, { served: ['first'] }), ['first']);
  assert.equal(kept.components.length, 1);
  await assert.rejects(lockApp(folder, { served: ['second'] }), { message: /"b.wasm"/ });
});
