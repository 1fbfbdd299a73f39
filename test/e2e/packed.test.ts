// The package as npm packs it and installs it elsewhere: the command and the library work, and say nothing that nobody asked.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { guestPath } from '../guests/build.ts';
import { linkDependencies } from '../support/link-dependencies.ts';
import { mosquittoMissing, startMosquitto } from '../support/servers/brokers.ts';
import { mariadbMissing, startMariadb } from '../support/servers/mariadb.ts';
import { postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { redisMissing, startRedis } from '../support/servers/redis.ts';
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
  await linkDependencies(modules);
});
after(() => rm(folder, { recursive: true }));

test('the package has what runs as a few files, without sources and without tests', async () => {
  const names = readdirSync(installed, { recursive: true }).map(String);
  assert.ok(names.includes(join('dist', 'main.mjs')));
  assert.deepEqual(
    names.filter((name) => /^src\b.*\.ts$|\.(test|fixture|contract|test-kit)\.ts$/.test(name)),
    [],
  );
});

test('of the packages that are not installed beside it, the licences are in it', async () => {
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const licences = await readFile(join(installed, 'dist/LICENCES.txt'), 'utf8');
  for (const name of ['zod', 'commander', 'pg', 'mqtt']) {
    assert.ok(Object.hasOwn(devDependencies, name));
    assert.match(licences, new RegExp(`^${name}@[^ ]+\n\n(.*\n)*?.*(Permission is hereby granted|MIT)`, 'm'));
  }
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

test('a build without its tools names the one command that installs all of them', async (t) => {
  const bare = await mkdtemp(join(tmpdir(), 'mayfly-bare-'));
  t.after(() => rm(bare, { recursive: true }));
  const modules = join(bare, 'node_modules');
  await cp(installed, join(modules, 'mayfly'), { recursive: true });
  await linkDependencies(modules);
  const command = join(modules, 'mayfly/bin/mayfly.mjs');
  for (const [template, tools] of [
    [
      'http-ts',
      '@bytecodealliance/componentize-js@\\S+ @bytecodealliance/jco@\\S+ @bytecodealliance/preview2-shim@\\S+',
    ],
    ['http-c', '@yowasp/clang@\\S+ @bytecodealliance/jco@\\S+'],
  ] as const) {
    await run(process.execPath, [command, 'new', '-t', template, template, '-a', '--no-vcs'], { cwd: bare });
    const failed = await run(process.execPath, [command, 'build'], { cwd: join(bare, template) }).catch(
      (error: { stderr: string }) => error,
    );
    assert.match(failed.stderr, new RegExp(`: run 'npm install --save-dev ${tools}'\n`));
  }
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

test('the packages inside work: clients of servers, and what is loaded for few programs only', async (t) => {
  const missing = [redisMissing(), postgresMissing(), mariadbMissing(), mosquittoMissing()].find(
    (one) => one !== false,
  );
  if (missing !== undefined) return t.skip(missing);
  const [redis, postgres, mariadb, mosquitto] = await Promise.all([
    startRedis(),
    startPostgres(),
    startMariadb(),
    startMosquitto(),
  ]);
  t.after(() => Promise.all([redis, postgres, mariadb, mosquitto].map((server) => server.close())));
  const addresses = { redis: redis.url, postgres: postgres.url, mysql: mariadb.url, mqtt: mosquitto.url };
  const script = join(folder, 'services.mjs');
  await writeFile(
    script,
    `import { load } from 'mayfly';
const addresses = ${JSON.stringify(addresses)};
const program = \`import { redis, postgres, mysql, mqtt, sqlite, variables } from 'mayfly/sdk';
export default { fetch() {
  const store = redis.open(variables.get('redis'));
  store.set('key', 'value');
  const [{ rows: one }, { rows: two }] = [postgres, mysql].map((kind) =>
    kind.open(variables.get(kind === postgres ? 'postgres' : 'mysql')).query('SELECT 6 * 7'));
  mqtt.open(variables.get('mqtt')).publish('topic', 'text', 'at-least-once');
  const text = new TextDecoder().decode(store.get('key'));
  return Response.json([text, String(Object.values(one[0])[0]), String(Object.values(two[0])[0]), /^\\\\p{Lu}+$/u.test('ÄÖ')]);
} };\`;
for (const engine of ['quickjs', 'starlingmonkey']) {
  const app = await load({ script: program }, { engine, variables: addresses, permissions: { allowedOutboundHosts: ['*://127.0.0.1:*'] } });
  const response = await app.fetch('http://app/');
  console.log(response.status, await response.text());
  await app.close();
}`,
  );
  const { stdout, stderr } = await run(process.execPath, [script], { cwd: folder, timeout: TIMEOUT_MS });
  assert.equal(stdout, '200 ["value","42","42",true]\n'.repeat(2), stderr);
});

test('the library loads by require, too, and says what it throws', async () => {
  const script = join(folder, 'required.cjs');
  await writeFile(
    script,
    `const { load, MayflyError } = require('mayfly');
load({ script: '' }, { wrong: 1 }).catch((error) => console.log(error instanceof MayflyError, error.code));`,
  );
  const { stdout, stderr } = await run(process.execPath, [script], { timeout: TIMEOUT_MS });
  assert.deepEqual([stdout.trim(), stderr], ['true usage', '']);
});

test('compilers find the types of the library, and nothing to complain of', async () => {
  const project = join(folder, 'typed');
  await mkdir(project);
  await writeFile(
    join(project, 'program.ts'),
    `import { type App, load, MayflyError } from 'mayfly';
const app: App = await load({ modules: { 'index.ts': '' } }, { limits: { memory: '64MiB' }, onError: (error) => console.log(error.code) });
const response: Response = await app.fetch('http://app/', { method: 'POST', body: 'x' });
try {
  console.log(response.status, await app.call('price', { pieces: 2 }));
} catch (error) {
  if (error instanceof MayflyError) console.log(error.hint?.length, error.location?.line);
}
// @ts-expect-error: there is no such option
await load('spin.toml', { port: 3000 });
`,
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  for (const module of [
    ['--module', 'nodenext'],
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
  ]) {
    await writeFile(join(project, 'package.json'), '{"type":"module"}');
    const options = ['--strict', '--noEmit', '--skipLibCheck', 'false', '--target', 'esnext', '--types', ''];
    const { stdout } = await run(process.execPath, [tsc, ...options, ...module, 'program.ts'], {
      cwd: project,
      timeout: TIMEOUT_MS,
    }).catch((error: { stdout: string }) => error);
    assert.equal(stdout, '', module.join(' '));
  }
});

test('a program in an older Node runs apps in a process of the Node that came along', async () => {
  const script = join(folder, 'older.mjs');
  await writeFile(
    script,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.11.0' } });
const { load, MayflyError } = await import('mayfly');
const app = await load({ script: "export default { fetch: () => new Response('of a process') }" });
console.log(await (await app.fetch('http://app/')).text());
await load('nowhere.toml').catch((error) => console.log(error instanceof MayflyError, error.code));`,
  );
  const { stdout, stderr } = await run(process.execPath, [script], { timeout: TIMEOUT_MS });
  assert.deepEqual([stdout, stderr], ['of a process\ntrue manifest-missing\n', '']);
});

test('WebSockets open, and the interface of their components is in the package', async () => {
  assert.match(await readFile(join(installed, 'wit/websocket.wit'), 'utf8'), /^package mayfly:websocket@/m);
  const app = join(folder, 'chat');
  await mkdir(app);
  await writeFile(
    join(app, 'index.js'),
    'export default { websocket: { message: (connection, data) => connection.send(data) }, fetch: () => new Response() };',
  );
  await writeFile(
    join(app, 'spin.toml'),
    `spin_manifest_version = 2
application.name = "chat"
[[application.tool.mayfly.websocket]]
route = "/chat"
component = "chat"
[[trigger.http]]
route = "/"
component = "chat"
[component.chat]
source = "index.js"
`,
  );
  const server = spawn(process.execPath, [join(installed, 'bin/mayfly.mjs'), 'up', app, '--listen', '127.0.0.1:0']);
  try {
    let said = '';
    let url: string | undefined;
    for await (const chunk of server.stdout) {
      said += String(chunk);
      url = /ws:\S+/.exec(said)?.[0];
      if (url !== undefined && said.endsWith('\n')) break;
    }
    const client = new WebSocket(url ?? assert.fail(said));
    client.addEventListener('open', () => client.send('packed'));
    const [event] = (await once(client, 'message')) as [MessageEvent];
    assert.equal(event.data, 'packed');
    client.close();
  } finally {
    server.kill('SIGINT');
  }
});
