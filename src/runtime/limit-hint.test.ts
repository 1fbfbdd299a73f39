// A limit that was reached names the line of the manifest, or the flag, that would allow more.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockApp } from '../app/lock.ts';
import type { LockedApp } from '../app/locked-app.ts';
import { limitHint, memoryHint } from './limit-hint.ts';
import { withLimits, withMaximumMemory } from './limits.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-limit-hint-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'a.wasm'), '');
writeFileSync(
  join(folder, 'spin.toml'),
  `spin_manifest_version = 2
application.name = "hints"
[application.tool.mayfly.limits]
handles = 500
memory = "128MiB"
[[trigger.http]]
route = "/..."
component = "own"
[component.own]
source = "a.wasm"
[component.own.tool.mayfly]
limits = { memory = "16MiB", cpu = "1500ms" }
[component.other]
source = "a.wasm"
`,
);

const MiB = 2 ** 20;

async function hints(change: (app: LockedApp) => LockedApp = (app) => app) {
  const app = change(await lockApp(folder));
  return (id: string, name: string, value: number): string | undefined => {
    const component = app.components.find((one) => one.id === id);
    return limitHint(app, component ?? assert.fail(id), { name, value });
  };
}

test('the line that sets it, in the table where it stands', async () => {
  const hint = await hints();
  const own = 'To allow more: [component.own.tool.mayfly.limits]';
  assert.equal(hint('own', 'memory', 16 * MiB), `${own} memory = "32MiB" (spin.toml:12)`);
  assert.equal(hint('own', 'cpu', 1500), `${own} cpu = "3s" (spin.toml:12)`);
  const all = 'To allow more: [application.tool.mayfly.limits]';
  assert.equal(hint('own', 'handles', 500), `${all} handles = 1000 (spin.toml:4)`);
  assert.equal(hint('other', 'memory', 128 * MiB), `${all} memory = "256MiB" (spin.toml:5)`);
});

test('the component, where nothing sets it', async () => {
  const hint = await hints();
  const other = 'To allow more: [component.other.tool.mayfly.limits]';
  assert.equal(hint('other', 'held', 1000), `${other} held = "2000B" (spin.toml:13)`);
  assert.equal(hint('other', 'queue_length', 0), undefined);
  assert.equal(hint('other', 'hops', 32), undefined, 'it cannot be set');
});

test('the flag that sets it', async () => {
  const limited = await hints((app) => withLimits(app, { memoryBytes: 64 * MiB, wallMs: 250 }));
  assert.equal(limited('other', 'wall', 250), 'To allow more: --limit wall=500ms');
  assert.equal(limited('other', 'memory', 64 * MiB), 'To allow more: --limit memory=128MiB');
  assert.match(limited('own', 'memory', 16 * MiB) ?? '', /\(spin\.toml:12\)$/);
  const capped = await hints((app) => withMaximumMemory(app, 32 * MiB));
  assert.equal(capped('other', 'memory', 32 * MiB), `To allow more: --max-instance-memory ${64 * MiB}`);
  assert.match(capped('own', 'memory', 16 * MiB) ?? '', /\(spin\.toml:12\)$/);
  const lower = await hints((app) => withMaximumMemory(app, 8 * MiB));
  assert.equal(lower('own', 'memory', 8 * MiB), `To allow more: --max-instance-memory ${16 * MiB}`);
});

test('a guest that trapped with nearly all of its memory', async () => {
  const app = await lockApp(folder);
  const [component = assert.fail()] = app.components;
  assert.equal(memoryHint(app, component, 10 * MiB, 16 * MiB), undefined);
  assert.equal(
    memoryHint(app, component, 15.5 * MiB, 16 * MiB),
    'It had 15,872 KiB of memory, of at most 16,384 KiB. To allow more: [component.own.tool.mayfly.limits] memory = "32MiB" (spin.toml:12)',
  );
});
