// `mayfly test` runs components of tests as the plugin spin-test does: each test fills, asks and looks at an app that it
// has for itself.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import { mayfly } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-test-components-'));
after(() => rmSync(folder, { recursive: true }));
const limit = { timeout: 120_000 };
const tests = await guestPath('tests-c');

async function writeApp(more = ''): Promise<void> {
  const text = `spin_manifest_version = 2
application.name = "tested"
[variables]
token = { required = true }
[[trigger.http]]
route = "/stores/..."
component = "stores"
[[trigger.http]]
route = "/sdk/..."
component = "sdk"
[component.stores]
source = ${JSON.stringify(await guestPath('stores-c'))}
key_value_stores = ["cache"]
sqlite_databases = ["default"]
${more}
[component.sdk]
source = ${JSON.stringify(await guestPath('sdk-c'))}
allowed_outbound_hosts = ["https://api.example.com"]
`;
  writeFileSync(join(folder, 'spin.toml'), text);
}

interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly tests: readonly { name: string; status: string; failures: string[]; output: string[]; file: string }[];
}

function run(...args: string[]): Report & { code: number | null; stderr: string } {
  const { code, stdout, stderr } = mayfly(['test', '--json', ...args], folder);
  assert.notEqual(stdout, '', stderr);
  return { ...(JSON.parse(stdout) as Report), code, stderr };
}

test('what the manifest names is run: stores, calls, databases, variables and answers', limit, async () => {
  await writeApp(`[component.stores.tool.spin-test]\nsource = ${JSON.stringify(tests)}`);
  const { code, tests: results } = run();
  const of = (name: string) => results.find((one) => one.name === name);
  const passing = ['stores', 'fresh', 'sqlite', 'answers'];
  for (const name of passing) assert.equal(of(name)?.status, 'passed', JSON.stringify(of(name)));
  assert.equal(of('unanswered')?.status, 'failed');
  const failures = of('unanswered')?.failures ?? [];
  assert.match(failures[0] ?? '', /unreachable|trap/i);
  assert.match(failures[1] ?? '', /^the test has no answer for \w+ https:\/\/api\.example\.com\/other$/);
  assert.equal(of('without-variable')?.status, 'failed');
  assert.match(of('without-variable')?.failures.join('\n') ?? '', /token/);
  assert.deepEqual([results.length, code], [6, 1]);
});

test('files are named, and tests chosen by their names; the exit code is 0 when all pass', limit, async () => {
  await writeApp();
  const { code, passed, failed, tests: results } = run(tests, '--filter', 'res');
  assert.deepEqual([code, passed, failed], [0, 2, 0]);
  assert.deepEqual(
    results.map(({ name }) => name),
    ['stores', 'fresh'],
  );
});

test('--build runs the command of the tests in its folder; one that fails is an error', limit, async () => {
  const source = `source = ${JSON.stringify(tests)}`;
  await writeApp(`[component.stores.tool.spin-test]\n${source}\nbuild = "pwd > built.txt"\nworkdir = "."`);
  assert.equal(run('--build', '--filter', 'fresh').code, 0);
  assert.equal(mayfly(['test', '--filter', 'fresh'], folder).code, 0);
  await writeApp(`[component.stores.tool.spin-test]\n${source}\nbuild = "exit 3"`);
  const { code, stderr } = mayfly(['test', '--build'], folder);
  assert.match(stderr, /build-failed[\s\S]*"exit 3"/);
  assert.notEqual(code, 0);
});

test('a component without tests, and a file that is none, are errors', limit, async () => {
  await writeApp();
  const { code, stderr } = mayfly(['test', await guestPath('stores-c')], folder);
  assert.equal(code, 1);
  assert.match(stderr, /guest-no-handler[\s\S]*no tests/);
  writeFileSync(join(folder, 'none.wasm'), 'no component');
  assert.match(mayfly(['test', 'none.wasm'], folder).stderr, /component-invalid|not a component|wasm/i);
  assert.match(mayfly(['test'], folder).stderr, /There are no tests/);
});
