// An app is found and locked from whatever a path names: a folder, a manifest, a bare .wasm file, or nothing.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { lockApp } from './lock.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-lock-'));
after(() => rmSync(base, { recursive: true }));

function write(name: string, text: string | Uint8Array): string {
  const path = join(base, name);
  writeFileSync(path, text);
  return path;
}

const manifest = (component: string) => `spin_manifest_version = 2
application.name = "x"
[[trigger.http]]
route = "/"
component = "a"
[component.a]
${component}
`;

describe('locking an app', () => {
  it('says that nothing is there', async () => {
    await assert.rejects(lockApp(join(base, 'missing')), { code: 'manifest-missing' });
    await assert.rejects(lockApp(base), { code: 'manifest-missing', message: /has no spin.toml/ });
  });

  it('serves a bare .wasm file at all routes', async () => {
    const app = await lockApp(write('My_Thing2.wasm', ''));
    assert.equal(app.components[0]?.id, 'my-thing2');
    assert.equal(app.components[0]?.source, join(base, 'My_Thing2.wasm'));
    assert.deepEqual(app.triggers[0], {
      type: 'http',
      id: 'my-thing2-http-trigger',
      route: '/...',
      action: { kind: 'component', component: 'my-thing2' },
    });
    assert.equal((await lockApp(write('42.wasm', ''))).components[0]?.id, 'component');
  });

  it('takes the folder of a manifest', async () => {
    mkdirSync(join(base, 'folder'));
    write('folder/a.wasm', '');
    write('folder/spin.toml', manifest('source = "a.wasm"'));
    const app = await lockApp(join(base, 'folder'));
    assert.equal(app.origin, join(base, 'folder', 'spin.toml'));
    assert.equal(app.components[0]?.source, join(base, 'folder', 'a.wasm'));
  });

  it('does not ask for sources and mounts before a build', async () => {
    const path = write('unbuilt.toml', manifest('source = "none.wasm"\nfiles = ["dist"]\nbuild.command = "make"'));
    await assert.rejects(lockApp(path), { code: 'manifest-invalid' });
    const app = await lockApp(path, { purpose: 'build' });
    assert.deepEqual(app.components[0]?.build, { command: ['make'], workdir: base, watch: [] });
  });

  it('throws the one mistake that there is, and all of them when there are several', async () => {
    await assert.rejects(lockApp(write('one.toml', manifest('source = "none.wasm"'))), { code: 'manifest-source' });
    await assert.rejects(lockApp(write('two.toml', manifest('source = "none.wasm"\nx = 1'))), (error: Error) => {
      assert.ok('problems' in error && Array.isArray(error.problems));
      assert.deepEqual(
        error.problems.map((problem) => problem.code),
        ['manifest-source', 'manifest-key-unknown'],
      );
      return true;
    });
  });

  it('refuses a manifest that is not text', async () => {
    await assert.rejects(lockApp(write('bytes.toml', new Uint8Array([0xff, 0xfe, 0x00]))), { code: 'manifest-syntax' });
  });

  it('does not mistake keys of Object.prototype for entries', async () => {
    const text = manifest('source = "none.wasm"\nvariables.x = "{{ constructor }}"').replace('"a"', '"toString"');
    await assert.rejects(lockApp(write('proto.toml', text)), (error: Error) => {
      const codes = (error as unknown as { problems: { code: string }[] }).problems.map(({ code }) => code);
      assert.deepEqual(codes, ['manifest-component-unknown', 'manifest-source', 'manifest-variable']);
      return true;
    });
  });
});
