// What the command line says of manifests: the schema for editors, profiles, and strictness.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mayfly } from './cli-process.ts';

const TIMEOUT = { timeout: 60_000 };
const folder = mkdtempSync(join(tmpdir(), 'mayfly-cli-manifest-'));
after(() => rmSync(folder, { recursive: true }));

const head = 'spin_manifest_version = 2\napplication.name = "cli"\n';
const trigger = (id: string): string => `[[trigger.http]]\nid = "${id}"\nroute = "/"\nstatic_response = {}\n`;

test('mayfly schema prints JSON Schema', TIMEOUT, () => {
  const { code, stdout, stderr } = mayfly(['schema'], folder);
  assert.deepEqual([code, stderr], [0, '']);
  const schema = JSON.parse(stdout) as { $schema: string; properties: object };
  assert.match(schema.$schema, /2020-12/);
  assert.deepEqual(Object.keys(schema.properties), [
    'spin_manifest_version',
    'application',
    'variables',
    'trigger',
    'component',
  ]);
});

test('doctor, and up when it is strict, refuse what up warns of', TIMEOUT, () => {
  writeFileSync(join(folder, 'spin.toml'), head + trigger('one') + trigger('two'));
  for (const args of [
    ['doctor', '--listen', '127.0.0.1:0'],
    ['up', '--strict', '--listen', '127.0.0.1:0'],
  ]) {
    const { code, stderr } = mayfly(args, folder);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, /error\[manifest-route-duplicate\].*trigger "two" in line 9.*trigger "one" in line 5/);
  }
});

test('build and up take a profile', TIMEOUT, () => {
  const component = (more: string): string => `[component.a]\nsource = "a.wasm"\n${more}`;
  const build = 'build.command = "echo plain > a.wasm"\n';
  const profile = '[component.a.profile.debug]\nsource = "b.wasm"\nbuild.command = "echo debug > b.wasm"\n';
  writeFileSync(join(folder, 'spin.toml'), head + trigger('one') + component(build + profile));
  const built = mayfly(['build', '--profile', 'debug'], folder);
  assert.equal(built.code, 0, built.stderr);
  assert.match(built.stdout + built.stderr, /Building component a: echo debug > b\.wasm/);
  for (const args of [['build'], ['up', '--listen', '127.0.0.1:0']]) {
    const { code, stderr } = mayfly([...args, '--profile', 'debgu'], folder);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /No component of the app has a profile "debgu"\n {2}hint: Did you mean 'debug'\?/);
  }
});
