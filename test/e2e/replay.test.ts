// `mayfly up --record` and `mayfly replay`: requests of the tour, of the test guests and of programs replay to the byte, twice, in
// processes without a network; what departs is told; secrets are not written.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import { compileSource } from '../guests/support/command.ts';
import { Debugger, type Json } from '../support/debugger.ts';
import { tourComponents } from '../support/tour.ts';
import { transcripts } from '../support/transcripts.ts';
import { mayfly, root, serve, start } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-replay-'));
after(() => rmSync(folder, { recursive: true }));
const timeout = 300_000;
const cache = ['--cache-dir', join(folder, 'cache')];

/** Other guests answer no HTTP, or need servers: test/e2e/replay-cases.test.ts has those. */
const guests = [
  ...['alloc-c', 'cgi-c', 'composed-c', 'counter-c', 'echo-c', 'echo-p3', 'hello-c', 'hoard-c', 'repeat-c'],
  ...['sdk-c', 'secret-c', 'services-c', 'spin-c', 'stores-c', 'web-js', 'wide-c'],
];

const program = `
import { variables } from 'mayfly/sdk';
const born = Date.now();
console.log('evaluated at', born);
export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname.endsWith('/throw')) throw new Error('on purpose');
  if (pathname.endsWith('/wait')) await new Promise((go) => setTimeout(go, 20));
  if (pathname.endsWith('/stream')) {
    let left = 5;
    return new Response(new ReadableStream({ pull(to) { if (left-- > 0) to.enqueue(crypto.getRandomValues(new Uint8Array(1000))); else to.close(); } }));
  }
  const fetched = pathname.endsWith('/fetch') ? await fetch('http://hello-c.spin.internal/').then((one) => one.text()) : undefined;
  const headers = { 'set-cookie': 'session=' + crypto.randomUUID(), 'x-secret-length': String(variables.get('password')?.length) };
  return Response.json({ pathname, born, fetched, now: Date.now(), at: performance.now(), luck: Math.random(), id: crypto.randomUUID(),
    body: await request.text(), auth: request.headers.get('authorization'), password: variables.get('password') }, { headers });
} };
`;

async function manifestOfAll(): Promise<string> {
  writeFileSync(join(folder, 'program.js'), program);
  mkdirSync(join(folder, 'assets'), { recursive: true });
  copyFileSync(join(root, 'examples/tour/assets/welcome.txt'), join(folder, 'assets/welcome.txt'));
  const parts = [
    'spin_manifest_version = 2\n[application]\nname = "all"\n[variables]\npassword = { default = "hunter2-hunter2", secret = true }',
  ];
  const add = (id: string, source: string, more = ''): void => {
    parts.push(`[[trigger.http]]\nroute = "/${id}/..."\ncomponent = "${id}"`);
    parts.push(`[component.${id}]\nsource = ${JSON.stringify(source)}\n${more}`);
  };
  for (const id of guests) {
    const stores =
      id === 'stores-c' || id === 'sdk-c' ? 'key_value_stores = ["default"]\nsqlite_databases = ["default"]' : '';
    add(id, await guestPath(id), stores);
  }
  for (const [id, path] of await tourComponents()) {
    const hosts = 'allowed_outbound_hosts = ["http://tour-hello.spin.internal", "http://hello.spin.internal"]';
    add(`tour-${id}`, path, `${hosts}\nfiles = [{ source = "assets", destination = "/assets" }]`);
  }
  for (const engine of ['quickjs', 'starlingmonkey']) {
    const hosts =
      'allowed_outbound_hosts = ["http://hello-c.spin.internal"]\nvariables = { password = "{{ password }}" }';
    add(engine, 'program.js', `${hosts}\n[component.${engine}.tool.mayfly]\nengine = "${engine}"`);
  }
  const file = join(folder, 'spin.toml');
  writeFileSync(file, parts.join('\n'));
  return file;
}

const secrets = ['hunter2-hunter2', 'tokentoken', '0123456789abcdef'];
const headers = { authorization: `Bearer ${secrets[1]}`, cookie: `session=${secrets[2]}` };

/** What every component is asked. */
const asked: readonly (readonly [path: string, init?: RequestInit])[] = [
  ['/'],
  ['/a/b?name=x&ms=5&path=welcome.txt', { headers }],
  ['/welcome.txt'],
  ['/body', { method: 'POST', body: 'some body' }],
  ['/large', { method: 'PUT', body: 'x'.repeat(200_000) }],
  ['/', { method: 'HEAD' }],
  ['/?q=%C3%A4', { method: 'POST', body: '', headers: { 'x-a': 'b', accept: '*/*' } }],
  ['/deep/er/path', { method: 'DELETE' }],
];
const askedOfPrograms = ['/throw', '/wait', '/stream', '/fetch', '/wait', '/stream'];

interface Result {
  readonly file: string;
  readonly same: boolean;
  readonly sameComponent: boolean;
}

const isolated = spawnSync('unshare', ['-rn', 'true']).status === 0;

/** Replays in a process of its own, which has no network where that can be taken away. */
function replay(
  files: readonly string[],
  ...more: readonly string[]
): { readonly results: Result[]; readonly code: number | null } {
  const command = [process.execPath, join(root, 'bin/mayfly.mjs'), 'replay', '--json', ...cache, ...more, ...files];
  const [name = '', ...args] = isolated ? ['unshare', '-rn', ...command] : command;
  const { status, stdout, stderr } = spawnSync(name, args, {
    encoding: 'utf8',
    maxBuffer: 1e8,
    env: { ...process.env, NO_COLOR: '1' },
  });
  assert.notEqual(stdout, '', stderr);
  return { results: JSON.parse(stdout), code: status };
}

function recordingsIn(path: string): string[] {
  return readdirSync(path).map((name) => join(path, name));
}

async function ask(url: string, path: string, init?: RequestInit): Promise<void> {
  const response = await fetch(url + path, { ...init, signal: AbortSignal.timeout(60_000) });
  await response.arrayBuffer().catch(() => undefined);
}

test('200 requests replay to the byte, twice, without a network', { timeout: 900_000 }, async () => {
  const manifest = await manifestOfAll();
  const recordings = join(folder, 'all');
  const app = await serve(['-f', manifest, '--record', recordings, '--no-dev', '--quiet', ...cache], folder);
  const ids = readFileSync(manifest, 'utf8').matchAll(/^route = "\/(.*)\/\.\.\."$/gm);
  for (const [, id = ''] of ids) {
    for (const [path, init] of asked) await ask(app.url, `/${id}${path}`, init);
  }
  // Twenty at once, which must not get into each other's recordings.
  const atOnce = Array.from({ length: 20 }, (_, number) => `/quickjs/${number}/wait`);
  await Promise.all(atOnce.map((path) => ask(app.url, path)));
  for (const engine of ['quickjs', 'starlingmonkey']) {
    for (const path of askedOfPrograms) await ask(app.url, `/${engine}${path}`, { headers });
  }
  app.kill('SIGTERM');
  assert.equal((await app.ended).code, 0);

  const files = recordingsIn(recordings);
  assert.ok(files.length >= 200, `${files.length} recordings`);
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  for (const path of atOnce) {
    const of = texts.filter((text) => text.split('\n', 1)[0]?.includes(`"${path}"`));
    assert.equal(of.length, 1, path);
    assert.ok(of[0]?.includes(JSON.stringify({ $text: path }).slice(2, -2)) || of[0]?.includes(path));
  }
  for (const text of texts) for (const secret of secrets) assert.ok(!text.includes(secret), text.slice(0, 500));
  for (const file of files) assert.equal(statSync(file).mode & 0o777, 0o600);
  for (let round = 0; round < 2; round++) {
    const { results, code } = replay(files);
    assert.deepEqual(
      results.filter(({ same, sameComponent }) => !same || !sameComponent),
      [],
    );
    assert.equal(results.length, files.length);
    assert.equal(code, 0);
  }
});

async function recordProgram(name: string, text: string, paths: readonly string[], ...options: readonly string[]) {
  const file = join(folder, `${name}.js`);
  writeFileSync(file, text);
  const recordings = join(folder, name);
  const app = await serve(['-f', file, '--record', recordings, '--no-dev', '--quiet', ...options, ...cache], folder);
  for (const path of paths) await ask(app.url, path);
  app.kill('SIGTERM');
  const { stderr: log } = await app.ended;
  return { file, files: recordingsIn(recordings), log };
}

test('a component that was changed departs, and where is told', { timeout }, async () => {
  const text = (word: string): string =>
    `export default { fetch: () => new Response('the ${word} word ' + Date.now()) };`;
  const { file, files } = await recordProgram('changed', text('first'), ['/']);
  const run = () => mayfly(['replay', ...cache, ...files], folder, {}, timeout);
  assert.equal(run().code, 0);
  assert.match(run().stdout, /^The same: GET \/, \d+ calls, status 200, 28 bytes\n$/);
  writeFileSync(file, text('fifth'));
  const departed = run();
  assert.equal(departed.code, 1);
  assert.match(departed.stderr, /The component "changed" is not the one that was recorded/);
  assert.match(
    departed.stdout,
    /^Departs: GET \/\n {2}Call \d+: wasi:io\/streams.*write is called with other parameters: /,
  );
  assert.match(departed.stdout, /"the fifth word \d+".*, expected "the first word \d+"/);
  assert.match(
    departed.stdout,
    /Response: byte 6 of the body is 102, expected 114|Response: byte 5 of the body is 105/,
  );
  writeFileSync(
    file,
    'export default { fetch: () => { crypto.getRandomValues(new Uint8Array(4)); return new Response(); } };',
  );
  const other = run();
  assert.equal(other.code, 1);
  assert.match(other.stdout, /Call \d+: the guest called \S+random\S+, expected \S+/);
  assert.match(other.stdout, /End: the guest failed with guest-trap, expected that it came to its end/);
});

test('only what failed, a share, and no more than may be', { timeout }, async () => {
  const text = `export default { fetch(request) { if (request.url.endsWith('/bad')) throw new Error('bad'); return new Response('x'.repeat(5000)); } };`;
  const failed = await recordProgram('failed', text, ['/', '/bad', '/'], '--record-only', 'failures');
  assert.equal(failed.files.length, 1);
  assert.match(readFileSync(failed.files[0] ?? '', 'utf8'), /"target":"\/bad"/);
  assert.equal(replay(failed.files).code, 0);
  const share = await recordProgram('share', text, Array(10).fill('/'), '--record-share', '0.0000001');
  assert.equal(share.files.length, 0);
  const two = await recordProgram('two', text, ['/1', '/2', '/3'], '--record-files', '2');
  assert.deepEqual(
    two.files.map((file) => /"target":"([^"]*)"/.exec(readFileSync(file, 'utf8'))?.[1]),
    ['/2', '/3'],
  );
  const small = await recordProgram('small', text, ['/', '/'], '--record-size', '1KiB');
  assert.equal(small.files.length, 0);
  assert.equal(small.log.match(/A request has no recording: it would hold more than 1024 bytes/g)?.length, 1);
});

test('requests that could not be replayed are not recorded, and the log names the component', { timeout }, async () => {
  const hello = await guestPath('hello-c');
  const file = join(folder, 'reused.toml');
  writeFileSync(
    file,
    `spin_manifest_version = 2\n[application]\nname = "r"\n[[trigger.http]]\nroute = "/..."\ncomponent = "r"\n[component.r]\nsource = ${JSON.stringify(hello)}\n[component.r.tool.mayfly]\nreuse = 5\n`,
  );
  const app = await serve(['-f', file, '--record', join(folder, 'reused')], folder);
  await ask(app.url, '/');
  app.kill('SIGTERM');
  assert.match((await app.ended).stderr, /Its requests are not recorded: its sandboxes serve several requests/);
  assert.deepEqual(readdirSync(join(folder, 'reused')), []);
});

test('a debugger stops in the request that is replayed', { timeout }, async () => {
  const source = 'test/guests/crash-c/crash.c';
  copyFileSync(join(root, source), join(folder, 'main.c'));
  writeFileSync(join(folder, 'app.wasm'), await compileSource(source, ['--target=wasm32-wasip1', '-O1', '-gdwarf-4']));
  const recordings = join(folder, 'inspected');
  const app = await serve(['-f', 'app.wasm', '--record', recordings, ...cache], folder);
  await ask(app.url, '/', { headers: { count: '3' } });
  app.kill('SIGTERM');
  await app.ended;
  const running = start(['replay', '--inspect=127.0.0.1:0', ...recordingsIn(recordings)], folder);
  const [url = ''] = await running.printed(/ws:\/\/127\.0\.0\.1:\d+\/[\w-]+/);
  const client = await Debugger.connect(url);
  await client.call('Debugger.enable');
  const isMine = ({ scriptLanguage, sourceMapURL }: Json): boolean =>
    scriptLanguage === 'WebAssembly' && String(sourceMapURL).startsWith('data:');
  await client.event('Debugger.scriptParsed', isMine);
  await client.call('Debugger.pause');
  await client.call('Runtime.runIfWaitingForDebugger');
  await client.event('Debugger.paused');
  await client.call('Debugger.disable');
  client.close();
  const { code, stdout } = await running.ended;
  assert.match(stdout, /^The same: GET \/, /);
  assert.equal(code, 0);
});

test('mistakes of the command line, and files that are no recordings', { timeout }, async () => {
  const hello = await guestPath('hello-c');
  const run = (...args: string[]) => mayfly(args, folder);
  for (const [args, message] of [
    [['--record', 'r', '--record-share', '2'], /"2" is not a share/],
    [['--record-only', 'failures'], /'--record' names the folder of recordings; it is missing/],
    [['--record', 'r', '--inspect'], /'--record' does not go with '--inspect'/],
    [['--record', 'r', '--watch'], /leave out '--watch'/],
  ] as const) {
    const { code, stderr } = run('up', '-f', hello, ...args);
    assert.match(stderr, message);
    assert.equal(code, 2);
  }
  writeFileSync(join(folder, 'file'), '');
  assert.match(run('up', '-f', hello, '--record', 'file/below').stderr, /error\[recordings-folder\]/);
  assert.match(
    run('replay', 'file').stderr,
    /error\[recording-corrupt\]: The recording "file" cannot be read: it is cut off/,
  );
  assert.match(run('replay', 'nowhere').stderr, /error\[recording-missing\]/);
  assert.equal(run('replay', 'file').code, 1);
  const { files } = await recordProgram('other', 'export default { fetch: () => new Response() };', ['/']);
  assert.match(
    run('replay', '-f', hello, ...files).stderr,
    /error\[replay-component\]: The app has no component "other"/,
  );
});

test('the commands of docs/replay.md print what stands there', { timeout }, async () => {
  const page = join(root, 'docs/replay.md');
  const here = join(folder, 'page');
  mkdirSync(here);
  const [, file = '', text = ''] = /```js (\S+)\n(.*?)```/s.exec(readFileSync(page, 'utf8')) ?? [];
  writeFileSync(join(here, file), text);
  const [[up] = [], steps = []] = transcripts(page);
  const app = await serve([...(up?.command.split(' ').slice(2) ?? []), '--no-watch', ...cache], here);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const mayflyHere = `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin/mayfly.mjs')}' "$@"\n`;
  writeFileSync(join(bin, 'mayfly'), mayflyHere, { mode: 0o755 });
  const env = { ...process.env, NO_COLOR: '1', PATH: `${bin}:${process.env.PATH}` };
  /** Numbers are others each time, and so are texts that stand in quotes. */
  const alike = (output: string): string =>
    output
      .replaceAll(/\[1\]\.\S+ is .*$/gm, '')
      .replaceAll(/[\d.]+/g, '1')
      .trimEnd();
  for (const { command, output } of steps) {
    const run = command.replace('http://127.0.0.1:3000', app.url);
    const { stdout, stderr } = spawnSync('sh', ['-c', run], { cwd: here, env, encoding: 'utf8' });
    assert.equal(alike(stderr + stdout), alike(output.join('\n')), command);
  }
  app.kill('SIGTERM');
  await app.ended;
});
