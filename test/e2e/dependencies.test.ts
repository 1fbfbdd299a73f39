// Components that are made of several when they are loaded: dependencies fulfil imports, from a path, a URL or another
// component, and may do no more than the manifest lets them inherit.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MayflyError } from '../../src/errors.ts';
import { type LibraryOptions, load } from '../../src/library/load.ts';
import type { App } from '../../src/runtime.ts';
import { guestPath } from '../guests/build.ts';
import { repository } from '../guests/guests.ts';
import { unwrap } from '../support/embedded.ts';

const TIMEOUT = { timeout: 30_000 };
const folder = await mkdtemp(join(tmpdir(), 'mayfly-dependencies-'));
after(() => rm(folder, { recursive: true }));
await guestPath('composed-c');
for (const name of ['outer', 'inner']) {
  await copyFile(join(repository, `test/guests/built/composed-c-${name}.wasm`), join(folder, `${name}.wasm`));
}

async function open(component: string, options: LibraryOptions = {}, outer = 'outer'): Promise<App> {
  const path = join(folder, `${crypto.randomUUID()}.toml`);
  await writeFile(
    path,
    `spin_manifest_version = 2
application.name = "made-of-two"
[[trigger.http]]
route = "/..."
component = "outer"
[component.outer]
source = "${outer}.wasm"
${component}
`,
  );
  const app = await load(path, { verifyResets: true, ...options });
  after(() => app.close());
  return app;
}

async function answer(app: App): Promise<string> {
  const response = await app.fetch(new Request('http://localhost/?text=a+b'));
  return `${response.status} ${await response.text()}`;
}

const answered = '200 A B!\n9 letters, 2 spaces\n2 letters, 1 spaces\n';

test('a dependency from a path, under each of its names', TIMEOUT, async () => {
  for (const name of ['test:words/words', 'test:words']) {
    const app = await open(`dependencies = { "${name}" = { path = "inner.wasm" } }`);
    for (let turn = 0; turn < 3; turn++) assert.equal(await answer(app), answered);
  }
  const named = await open(
    `dependencies = { "test:words/words" = { path = "inner.wasm", export = "test:words/words" } }`,
  );
  assert.equal(await answer(named), answered);
});

test('a dependency that is another component of the app, which answers nothing by itself', TIMEOUT, async () => {
  const app = await open(
    `dependencies = { "test:words/words" = { component = "inner" } }\n[component.inner]\nsource = "inner.wasm"`,
  );
  assert.equal(await answer(app), answered);
});

test('core modules that were made for a world are joined as components are, in either place', TIMEOUT, async () => {
  for (const [name, world] of [
    ['outer', 'front'],
    ['inner', 'back'],
  ] as const) {
    const wit = await readFile(join(repository, `test/guests/composed-c/${world}.wit`), 'utf8');
    await writeFile(
      join(folder, `${name}-module.wasm`),
      await unwrap(await readFile(join(folder, `${name}.wasm`)), wit),
    );
  }
  const options = { cacheDirectory: join(folder, 'modules') };
  const started: string[] = [];
  for (const outer of ['outer', 'outer-module', 'outer-module']) {
    for (const inner of ['inner', 'inner-module']) {
      const app = await open(`dependencies = { "test:words/words" = { path = "${inner}.wasm" } }`, options, outer);
      for (let turn = 0; turn < 3; turn++) assert.equal(await answer(app), answered, `${outer} with ${inner}`);
      started.push(`${outer} with ${inner}`);
      await app.close();
    }
  }
  assert.equal(started.length, 6);
});

test('a dependency from a URL', TIMEOUT, async (t) => {
  const bytes = await readFile(join(folder, 'inner.wasm'));
  const server = createServer((_, response) => response.end(bytes));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/inner.wasm`;
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const app = await open(`dependencies = { "test:words/words" = { url = "${url}", digest = "${digest}" } }`);
  assert.equal(await answer(app), answered);
});

test('what was composed before comes out of the cache, and what inherits more is something else', TIMEOUT, async () => {
  const options = { cacheDirectory: join(folder, 'cache') };
  for (const inherits of ['false', 'true', '["variables"]', 'false']) {
    const app = await open(
      `dependencies = { "test:words" = { path = "inner.wasm", inherit_configuration = ${inherits} } }`,
      options,
    );
    assert.equal(await answer(app), answered);
    await app.close();
  }
});

test('dependencies that do not fit are refused at load', TIMEOUT, async () => {
  const refused = async (dependencies: string, code: string, message: RegExp): Promise<void> =>
    assert.rejects(open(`dependencies = { ${dependencies} }`), (error: unknown) => {
      assert.ok(error instanceof MayflyError);
      const one = error.problems[0] ?? error;
      assert.deepEqual([one.code, message.test(one.message)], [code, true], one.message);
      return true;
    });
  await refused('"test:other/words" = { path = "inner.wasm" }', 'component-dependency', /fulfils no import/);
  await refused('"test:words/words@1.0.0" = { path = "inner.wasm" }', 'component-dependency', /fulfils no import/);
  await copyFile(await guestPath('hello-c'), join(folder, 'hello.wasm'));
  await refused('"test:words/words" = { path = "hello.wasm" }', 'component-dependency', /does not export "test:words/);
  await refused(
    '"test:words/words" = { path = "inner.wasm", export = "other" }',
    'component-dependency',
    /does not export "other" for the import "test:words\/words"/,
  );
  await writeFile(join(folder, 'core.wasm'), Buffer.from('0061736d01000000', 'hex'));
  await refused('"test:words/words" = { path = "core.wasm" }', 'component-unsupported', /must be components/);
});
