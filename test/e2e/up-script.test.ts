// `mayfly up` of what has no manifest: a source file, a folder of one, a component; and what is said of mistakes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import { up } from '../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-up-script-'));
after(() => rmSync(folder, { recursive: true }));

function app(files: Readonly<Record<string, string>>): string {
  const place = mkdtempSync(join(folder, 'app-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
  return place;
}

const answering = (text: string): string => `export default { fetch: (): Response => new Response('${text}') };\n`;

async function answerOf(path: string): Promise<string> {
  const served = await up([path]);
  try {
    return await (await fetch(served.url)).text();
  } finally {
    assert.equal(await served.stop(), 0);
  }
}

test('a source file, named before the options', async () => {
  assert.equal(await answerOf(join(app({ 'hello.ts': answering('a file') }), 'hello.ts')), 'a file');
});

test('a folder with an index, and one whose package.json names a file', async () => {
  assert.equal(await answerOf(app({ 'index.ts': answering('an index') })), 'an index');
  const named = { 'package.json': '{"main":"./app.mjs"}', 'app.mjs': "export default () => new Response('a main');" };
  assert.equal(await answerOf(app(named)), 'a main');
});

test('a component', async () => {
  assert.notEqual(await answerOf(await guestPath('hello-c')), '');
});

test('several workers', async () => {
  const served = await up([join(app({ 'hello.ts': answering('workers') }), 'hello.ts'), '--workers', '2']);
  assert.equal(await (await fetch(served.url)).text(), 'workers');
  assert.equal(await served.stop(), 0);
});

function refused(...args: readonly string[]): string {
  const options = { encoding: 'utf8', timeout: 60_000, env: { ...process.env, NO_COLOR: '1' } } as const;
  const { status, stderr } = spawnSync(process.execPath, ['bin/mayfly.mjs', 'up', '--no-cache', ...args], options);
  assert.ok(status === 1 || status === 2, stderr);
  return stderr;
}

test('mistakes of a program are shown with their lines', () => {
  const place = app({
    'bad.ts': 'export default {\n  fetch() { return new Response("x" }\n};\n',
    'top.ts': "\nthrow new Error('at the top');\n",
  });
  assert.match(refused(join(place, 'bad.ts')), /error\[script-invalid\][\s\S]*bad\.ts:2:37\n.*\n.*\^/);
  assert.match(refused(join(place, 'top.ts')), /error\[script-failed\]: Error: at the top\n {2}at .*top\.ts:2:11\n/);
});

test('what is no app is refused', () => {
  assert.match(refused(app({})), /has no spin\.toml, no index\.ts/);
  assert.match(refused(join(folder, 'gone.ts')), /There is no file or folder/);
  const file = join(app({ 'a.ts': answering('a') }), 'a.ts');
  assert.match(refused(file, '-f', file), /named twice/);
  assert.match(refused(file, 'more'), /Too many arguments: more/);
});
