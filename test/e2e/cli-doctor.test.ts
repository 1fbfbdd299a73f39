// `mayfly doctor` finds what keeps an app from being built or served, and mends what it can.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockApp } from '../../src/app/lock.ts';
import { guestPath } from '../guests/build.ts';
import { mayfly } from './cli-process.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-doctor-'));
after(() => rmSync(base, { recursive: true }));
const timeout = 120_000;

const doctor = (folder: string, ...args: string[]) => mayfly(['doctor', '--listen', '127.0.0.1:0', ...args], folder);

test('a manifest of version 1 is rewritten, a missing source is built, and then all is well', { timeout }, async () => {
  const folder = mkdtempSync(join(base, 'app-'));
  const old = `spin_manifest_version = "1"
name = "old-app"
trigger = { type = "http" }
[[component]]
id = "my_part"
source = "part.wasm"
allowed_http_hosts = ["example.com"]
[component.trigger]
route = "/..."
[component.build]
command = ${JSON.stringify(`cp ${await guestPath('hello-c')} part.wasm`)}
`;
  writeFileSync(join(folder, 'spin.toml'), old);
  const was = await lockApp(folder, { purpose: 'build' });
  const before = doctor(folder);
  assert.equal(before.code, 1);
  assert.match(before.stdout, /^fix {3}.*spin\.toml is of version 1/m);
  assert.match(before.stdout, /^fix {3}The source of component "my-part" is missing: .*part\.wasm\. It can be built$/m);
  assert.match(before.stdout, /^ok {4}cp is installed/m);
  assert.match(before.stderr, /doctor --fix[\s\S]*error\[manifest-source\]/);
  assert.equal(readFileSync(join(folder, 'spin.toml'), 'utf8'), old, 'nothing is changed without --fix');

  const fixed = doctor(folder, '--fix');
  assert.equal(fixed.code, 0, fixed.stdout + fixed.stderr);
  assert.match(fixed.stdout, /^ok {4}Mended: spin\.toml is of version 2; the old one is spin\.toml\.v1_backup$/m);
  assert.match(fixed.stdout, /^ok {4}Mended: Component "my-part" is built$/m);
  assert.equal(readFileSync(join(folder, 'spin.toml.v1_backup'), 'utf8'), old);
  const text = readFileSync(join(folder, 'spin.toml'), 'utf8');
  assert.match(text, /^\[\[trigger\.http\]\]$/m);
  const now = await lockApp(folder, { purpose: 'build' });
  assert.deepEqual(now.components[0]?.allowedOutboundHosts, was.components[0]?.allowedOutboundHosts);
  assert.equal(was.warnings?.length, 1);
  assert.equal(now.warnings, undefined);

  const data = JSON.parse(doctor(folder, '--json').stdout) as { state: string; text: string }[];
  assert.deepEqual(
    data.filter(({ state }) => state !== 'ok' && state !== 'note'),
    [],
  );
  assert.match(data.at(-1)?.text ?? '', /1 components, 1 triggers/);
});

test('what it cannot mend is told', { timeout }, () => {
  const folder = mkdtempSync(join(base, 'app-'));
  writeFileSync(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2
application.name = "x"
trigger = {}
[component.a]
source = "a.wasm"
build.command = "A=1 no-such-tool --release && cd x"
[component.b]
source = "b.wasm"
`,
  );
  const { code, stdout, stderr } = doctor(folder, '--fix');
  assert.equal(code, 1);
  assert.match(stdout, /^wrong A build of this app runs "no-such-tool", which is not on the path/m);
  assert.match(stdout, /^wrong The source of component "a" is missing[\s\S]*mending failed: error\[build-failed\]/m);
  assert.match(stdout, /^wrong The source of component "b" is missing: .*It has no build command/m);
  assert.match(stderr, /error\[manifest-\w+\]/);
  assert.ok(!existsSync(join(folder, 'spin.toml.v1_backup')));
  const broken = join(folder, 'broken.toml');
  writeFileSync(broken, 'a = ');
  const asData = doctor(folder, '-f', 'broken.toml', '--json');
  assert.equal(asData.code, 1);
  assert.match(asData.stdout, /"state": "wrong",\s+"text": "error\[manifest-syntax\]/);
});

test('a program that was not built is nothing to mend, and one that is not there is', { timeout }, () => {
  const folder = mkdtempSync(join(base, 'program-'));
  const manifest = (script: string): string => `spin_manifest_version = 2
[application]
name = "program"
[[trigger.http]]
route = "/..."
component = "one"
[component.one]
source = "build/app.wasm"
[component.one.tool.mayfly]
script = "${script}"
`;
  writeFileSync(join(folder, 'index.ts'), 'export default { fetch: () => new Response() };');
  writeFileSync(join(folder, 'spin.toml'), manifest('index.ts'));
  const there = doctor(folder);
  assert.equal(there.code, 0);
  assert.match(there.stdout, /^note {2}"one" runs as it is; 'mayfly build' makes .*app\.wasm, which Spin runs$/m);
  writeFileSync(join(folder, 'spin.toml'), manifest('other.ts'));
  const gone = doctor(folder);
  assert.equal(gone.code, 1);
  assert.match(gone.stdout, /^wrong .*The program of component "one" is missing: .*other\.ts$/m);
});
