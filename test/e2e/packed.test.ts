// The package as npm packs it and installs it elsewhere: the command and the library work, and say nothing that nobody asked.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { guestPath } from '../guests/build.ts';
import { untar } from '../support/untar.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const TIMEOUT_MS = 60_000;

let folder: string;
let installed: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-packed-'));
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: root,
    timeout: TIMEOUT_MS,
  });
  untar(join(folder, stdout.trim()), folder);
  const modules = join(folder, 'node_modules');
  installed = join(modules, 'mayfly');
  await mkdir(modules);
  await rename(join(folder, 'package'), installed);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) await symlink(join(root, 'node_modules', name), join(modules, name));
  }
});
after(() => rm(folder, { recursive: true }));

test('the package has what runs, and no tests', () => {
  const names = readdirSync(installed, { recursive: true }).map(String);
  assert.ok(names.includes(join('src', 'cli', 'main.ts')));
  assert.deepEqual(
    names.filter((name) => /\.(test|fixture|contract|test-kit)\.ts$/.test(name)),
    [],
  );
});

test('the command says its version, and nothing else', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const { stdout, stderr } = await run(process.execPath, [join(installed, 'bin/mayfly.mjs'), '--version'], {
    timeout: TIMEOUT_MS,
  });
  assert.deepEqual([stdout.trim(), stderr], [version, '']);
});

test('the library runs a program in the engine that the package brings', async () => {
  const script = join(folder, 'program.mjs');
  await writeFile(
    script,
    `import { load } from 'mayfly';
const app = await load({ script: "export default { fetch: () => new Response('packed') };" });
const response = await app.fetch(new Request('http://app/'));
console.log(await response.text());
await app.close();`,
  );
  const { stdout, stderr } = await run(process.execPath, [script], { timeout: TIMEOUT_MS });
  assert.deepEqual([stdout.trim(), stderr], ['packed', '']);
});

test('the library answers a request', async () => {
  const source = await guestPath('hello-c');
  const script = join(folder, 'ask.mjs');
  await writeFile(
    script,
    `import { load } from 'mayfly';
const app = await load(${JSON.stringify(source)});
const response = await app.fetch(new Request('http://localhost/hello'));
console.log(response.status, await response.text());
await app.close();`,
  );
  const { stdout, stderr } = await run(process.execPath, [script], { cwd: folder, timeout: TIMEOUT_MS });
  assert.match(stdout, /^200 Hello/);
  assert.equal(stderr, '');
});
