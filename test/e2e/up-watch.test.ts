// `mayfly up --watch`: the request after a save runs the new code, one under way ends with the old, and what is broken serves
// on as it was.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pythonMissing } from '../support/python-engine.ts';
import { type Served, up } from '../support/up.ts';

const withoutPython = await pythonMissing();
const folder = mkdtempSync(join(tmpdir(), 'mayfly-up-watch-'));
after(() => rmSync(folder, { recursive: true }));

function app(files: Readonly<Record<string, string>>): (name: string, text: string) => void {
  const place = mkdtempSync(join(folder, 'app-'));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return Object.assign(write, { place });
}

const placeOf = (write: unknown): string => (write as { place: string }).place;
const answering = (text: string): string => `export default { fetch: (): Response => new Response('${text}') };\n`;
const get = async (served: Served): Promise<string> => await (await fetch(served.url)).text();

/** Serves, and stops in the end whatever the test finds. */
async function serve(t: TestContext, args: readonly string[], onOutput?: (text: string) => void): Promise<Served> {
  const served = await up(args, {}, onOutput);
  t.after(() => served.process.kill('SIGKILL'));
  return served;
}

/** Waits until the app answers so. A version is there in a tenth of a second; a busy machine gets longer. */
async function answers(served: Served, expected: string): Promise<void> {
  let found = '';
  for (let i = 0; i < 500; i++) {
    found = await get(served);
    if (found === expected) return;
    await sleep(20);
  }
  assert.fail(`It answers "${found}" 10 s after the change, not "${expected}":\n${served.output()}`);
}

test('a file is saved, and replaced as editors do it', { timeout: 60_000 }, async (t) => {
  const write = app({ 'index.ts': answering('one') });
  const served = await serve(t, [placeOf(write), '--watch']);
  assert.equal(await get(served), 'one');
  write('index.ts', answering('two'));
  await answers(served, 'two');
  write('index.ts.tmp', answering('three'));
  renameSync(join(placeOf(write), 'index.ts.tmp'), join(placeOf(write), 'index.ts'));
  await answers(served, 'three');
  assert.match(served.output(), /The new version serves, \d+ ms later/);
  assert.equal(await served.stop(), 0);
});

test('a file that is imported, and one that a later version imports', { timeout: 60_000 }, async (t) => {
  const write = app({
    'index.ts': "import { text } from './lib.ts';\nexport default () => new Response(text);",
    'lib.ts': "export const text = 'one';",
  });
  const served = await serve(t, [placeOf(write), '--watch']);
  write('lib.ts', "export const text = 'two';");
  await answers(served, 'two');
  write('deep/more.ts', "export const text = 'three';");
  write('lib.ts', "export { text } from './deep/more.ts';");
  await answers(served, 'three');
  write('deep/more.ts', "export const text = 'four';");
  await answers(served, 'four');
  assert.equal(await served.stop(), 0);
});

test('a request under way ends with the code that it began with', { timeout: 60_000 }, async (t) => {
  const slow = `export default { async fetch(request: Request) {
  if (new URL(request.url).pathname === '/slow') await new Promise((go) => setTimeout(go, 3000));
  return new Response('old');
} };`;
  const write = app({ 'index.ts': slow });
  const served = await serve(t, [placeOf(write), '--watch']);
  const under = fetch(`${served.url}/slow`).then((response) => response.text());
  await sleep(200);
  write('index.ts', answering('new'));
  await answers(served, 'new');
  assert.equal(await Promise.race([under, sleep(0, 'still under way')]), 'still under way');
  assert.equal(await under, 'old');
  assert.equal(await get(served), 'new');
  assert.equal(await served.stop(), 0);
});

test('what cannot be read, and what fails at its top level, leave the old code serving', {
  timeout: 60_000,
}, async (t) => {
  const write = app({ 'index.ts': answering('good') });
  const served = await serve(t, [placeOf(write), '--watch']);
  write('index.ts', 'export default {\n  fetch() { return new Response("x" }\n};\n');
  await served.printed(/error\[script-invalid\][\s\S]*index\.ts:2:37[\s\S]*The app serves on as before/);
  assert.equal(await get(served), 'good');
  write('index.ts', "\nthrow new Error('at the top');\n");
  await served.printed(/error\[script-failed\]: Error: at the top\n {2}at .*index\.ts:2:11\n/);
  assert.equal(await get(served), 'good');
  write('index.ts', "import './missing.ts';\nexport default () => new Response('has it');");
  await served.printed(/missing\.ts/);
  write('missing.ts', 'export {};');
  await answers(served, 'has it');
  assert.equal(await served.stop(), 0);
});

test('pages of the former version say why the new one cannot be loaded, for developers only', {
  timeout: 60_000,
}, async (t) => {
  const page = (text: string): string =>
    `export default () => new Response('<p>${text}</p>', { headers: { 'content-type': 'text/html' } });`;
  const write = app({ 'index.ts': page('good') });
  const served = await serve(t, [placeOf(write), '--watch', '--dev']);
  assert.equal(await get(served), '<p>good</p>');
  write('index.ts', 'export default {\n  fetch() { return new Response("<x>" }\n};\n');
  await served.printed(/The app serves on as before/);
  const shown = await get(served);
  assert.match(shown, /^<p>good<\/p>\n<div .*the new one cannot be loaded/);
  assert.match(
    shown,
    /at .*index\.ts:2:39\n[\s\S]*&gt; 2 \| {3}fetch\(\) \{ return new Response\(&quot;&lt;x&gt;&quot; \}/,
  );
  write('index.ts', page('better'));
  await answers(served, '<p>better</p>');
  assert.equal(await served.stop(), 0);
});

test('errors in the log are placed in the version that they are of', { timeout: 60_000 }, async (t) => {
  const failing = (lines: number): string =>
    `${'\n'.repeat(lines)}export default () => { throw new Error('of line ${lines + 1}'); };`;
  const write = app({ 'index.ts': failing(0) });
  const served = await serve(t, [placeOf(write), '--watch']);
  await get(served);
  await served.printed(/of line 1[\s\S]*index\.ts:1:\d+/);
  write('index.ts', failing(4));
  await served.printed(/The new version serves/);
  await get(served);
  await served.printed(/of line 5[\s\S]*index\.ts:5:\d+/);
  assert.equal(await served.stop(), 0);
});

test('a program that cannot be loaded at the start is waited for', { timeout: 60_000 }, async (t) => {
  const write = app({ 'index.ts': "import { text } from './lib/text.ts';\nexport default () => new Response(text);" });
  const served = await serve(t, [placeOf(write), '--watch'], (text) => {
    if (text.includes('Waiting for a change of the program')) write('lib/text.ts', "export const text = 'there now';");
  });
  assert.match(served.output(), /error\[script-invalid\][\s\S]*Waiting for a change/);
  assert.equal(await get(served), 'there now');
  assert.equal(await served.stop(), 0);
});

test('developers get a page that says why; others do not', { timeout: 60_000 }, async (t) => {
  const write = app({ 'index.ts': "export default () => {\n  throw new TypeError('of mine');\n};" });
  const served = await serve(t, [placeOf(write), '--dev']);
  const page = await fetch(served.url, { headers: { accept: 'text/html' } });
  assert.equal(page.status, 500);
  assert.match(await page.text(), /<h1>TypeError: of mine<\/h1>\n<p>.*index\.ts:2:13<\/p>\n<pre>.*\n&gt; 2 \|/);
  assert.match(await get(served), /^TypeError: of mine\n {2}at .*index\.ts:2:13\n/);
  assert.equal(await served.stop(), 0);
  const production = await serve(t, [placeOf(write)]);
  assert.equal(await get(production), 'Internal Server Error');
  assert.equal(await production.stop(), 0);
});

function refused(...args: readonly string[]): string {
  const options = { encoding: 'utf8', timeout: 60_000, env: { ...process.env, NO_COLOR: '1' } } as const;
  const { status, stderr } = spawnSync(process.execPath, ['bin/mayfly.mjs', 'up', '--no-cache', ...args], options);
  assert.equal(status, 2, stderr);
  return stderr;
}

test('a program in Python', { timeout: 60_000, skip: withoutPython }, async (t) => {
  const program = (text: string): string =>
    `import words\n\ndef app(environ, start_response):\n    start_response("200 OK", [])\n    return [b"${text} " + words.word]\n`;
  const write = app({ 'app.py': program('old'), 'words.py': 'word = b"word"' });
  const served = await serve(t, [placeOf(write), '--watch']);
  assert.equal(await get(served), 'old word');
  write('words.py', 'word = b"other"');
  await answers(served, 'old other');
  write('app.py', 'def app(:');
  await served.printed(/error\[script-failed\]: SyntaxError: invalid syntax[\s\S]*app\.py:1[\s\S]*serves on as before/);
  write('app.py', program('new'));
  await answers(served, 'new other');
  assert.equal(await served.stop(), 0);
});

test('what cannot be watched is refused', () => {
  const place = placeOf(app({ 'index.ts': answering('x') }));
  assert.match(refused(place, '--watch', '--workers', '2'), /'--watch' is for one process/);
  assert.match(refused(place, '--dev', '--workers', '2'), /'--dev' is for one process/);
  const manifest = `spin_manifest_version = 2
    application.name = "built"
    [[trigger.http]]
    route = "/..."
    component = "built"
    [component.built]
    source = "built.wasm"`;
  const built = placeOf(app({ 'spin.toml': manifest, 'built.wasm': '\0asm\r\0\x01\0' }));
  assert.match(refused('-f', built, '--watch'), /'--watch' is for apps that are source files[\s\S]*mayfly watch/);
});
