// Programs are put together in memory, and what is wrong with one is told with its place.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { hostInterfaceNames } from '../../../sdk/interfaces.mjs';
import { MayflyError } from '../../errors.ts';
import { SourcePositions } from '../source-positions.ts';
import { type Bundle, bundle } from './bundle.ts';
import { memoryPath } from './memory-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-bundle-'));
after(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, string>>): string {
  const place = mkdtempSync(join(folder, 'app-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), text);
  }
  return place;
}

const interfaces = new Set(['fermyon:spin/key-value@2.0.0']);

/** What the program exports, where nothing but JavaScript itself is there. */
async function exportsOf({ code }: Bundle): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const globals: Record<string, unknown> = {
    __mayfly_program: (program: object) => Object.assign(found, program),
    __mayfly_import: (name: string) => ({ open: () => name }),
  };
  globals.globalThis = globals;
  await runInNewContext(code, globals);
  return found;
}

const run = async (modules: Readonly<Record<string, string>>): Promise<Record<string, unknown>> =>
  exportsOf(await bundle({ entry: memoryPath(Object.keys(modules)[0] as string), modules }, interfaces));

async function mistake(files: Readonly<Record<string, string>>, entry = 'index.ts'): Promise<MayflyError> {
  const place = write(files);
  try {
    await bundle({ entry: join(place, entry) }, interfaces);
  } catch (error) {
    assert.ok(error instanceof MayflyError, String(error));
    assert.equal(error.code, 'script-invalid');
    return error;
  }
  throw new Error('There is no mistake');
}

test('TypeScript, JSON, text and packages become one text', async () => {
  const place = write({
    'index.ts': `import data from './data.json'; import text from './note.txt'; import { twice } from './lib.js';
import pick from 'pick'; export const all: unknown = [data, text, twice(2), pick];`,
    'data.json': '{"a":1}',
    'note.txt': 'hello\n',
    'lib.ts': 'export const twice = (n: number): number => 2 * n;',
    'node_modules/pick/package.json': '{"main":"node.js","browser":"browser.js"}',
    'node_modules/pick/node.js': 'module.exports = "node";',
    'node_modules/pick/browser.js': 'module.exports = "browser";',
  });
  const made = await bundle({ entry: join(place, 'index.ts') }, interfaces);
  assert.deepEqual(JSON.parse(JSON.stringify((await exportsOf(made)).all)), [{ a: 1 }, 'hello\n', 4, 'browser']);
  assert.deepEqual(made.inputs.map((file) => file.slice(place.length + 1)).sort(), [
    'data.json',
    'index.ts',
    'lib.ts',
    'node_modules/pick/browser.js',
    'note.txt',
  ]);
});

test('texts in memory import one another, with and without endings', async () => {
  const found = await run({
    'index.ts': "import { a } from './lib/a'; import b from './lib/b.js'; export const sum = a + b;",
    'lib/a.ts': "import b from './b.ts'; export const a: number = b + 1;",
    'lib/b.ts': 'export default 10;',
  });
  assert.equal(found.sum, 21);
});

test('a program may wait at its top level', async () => {
  assert.equal((await run({ 'index.ts': 'export const x = await Promise.resolve(3);' })).x, 3);
});

test('interfaces of the host come from the engine, in any version of their track', async () => {
  const { names } = await run({
    'index.ts': `import * as a from 'fermyon:spin/key-value@2.0.0'; import { open } from 'fermyon:spin/key-value';
export const names = [a.open(), open()];`,
  });
  assert.deepEqual([...(names as string[])], Array(2).fill('fermyon:spin/key-value@2.0.0'));
});

test('a place in the bundle is found in the sources', async () => {
  const place = write({
    'index.ts': 'interface Unused { a: 1 }\n\nexport function f(): never {\n  throw new Error("x");\n}\n',
  });
  const { code, map } = await bundle({ entry: join(place, 'index.ts') }, interfaces);
  const lines = code.split('\n');
  const line = lines.findIndex((text) => text.includes('throw new Error'));
  const positions = new SourcePositions('p.js', map);
  const column = (lines[line] as string).indexOf('throw') + 1;
  assert.deepEqual(positions.find(line + 1, column), { file: join(place, 'index.ts'), line: 4, column: 3 });
  const stack = `    at f (p.js:${line + 1}:${column})\n    at p.js:1:1`;
  assert.equal(positions.inText(stack), `    at f (${join(place, 'index.ts')}:4:3)\n    at p.js:1:1`);
  assert.equal(positions.firstIn(stack)?.line, 4);
  assert.equal(positions.firstIn('    at other.js:1:1'), undefined);
});

test('mistakes have file, line, column and what mends them', async () => {
  const syntax = await mistake({ 'index.ts': 'export default {\n  fetch() { return new Response("x" }\n};\n' });
  assert.deepEqual([syntax.location?.line, syntax.location?.column], [2, 37]);
  assert.match(syntax.location?.file ?? '', /index\.ts$/);

  const missing = await mistake({ 'index.ts': "\nimport x from 'left-pad';\nexport default x;\n" });
  assert.match(missing.message, /Could not resolve 'left-pad'/);
  assert.match(missing.hint ?? '', /npm install left-pad/);
  assert.equal(missing.location?.line, 2);

  const file = await mistake({ 'index.ts': "import x from './gone.ts';\nexport default x;\n" });
  assert.match(file.hint ?? '', /no such file/);

  const node = await mistake({ 'index.ts': "import fs from 'node:fs';\nexport default fs;\n" });
  assert.match(node.message, /"node:fs" is a module of Node/);
  assert.match(node.location?.file ?? '', /index\.ts$/);

  const wit = await mistake({ 'index.ts': "import * as x from 'spin:nothing/x@1.0.0';\nexport default x;\n" });
  assert.match(wit.message, /no interface "spin:nothing\/x@1.0.0"/);
  assert.match(wit.hint ?? '', /fermyon:spin\/key-value@2.0.0/);

  const wasm = await mistake({ 'index.ts': "import x from './a.wasm';\nexport default x;\n", 'a.wasm': '' });
  assert.match(wasm.message, /cannot import/);

  const none = await mistake({}, 'gone.ts');
  assert.match(none.message, /gone\.ts/);
});

test('all mistakes are told at once', async () => {
  const { problems } = await mistake({
    'index.ts': "import a from 'aa';\nimport b from 'bb';\nexport default [a, b];\n",
  });
  assert.deepEqual(
    problems.map(({ location }) => location?.line),
    [1, 2],
  );
});

test('a program of more than 32 MiB is refused', async () => {
  const text = 'x'.repeat(32 * 1024 * 1024);
  await assert.rejects(run({ 'index.ts': `export default ${JSON.stringify(text)};` }), /it may have 33554432/);
});

test('files of these endings are texts', async () => {
  const endings = ['txt', 'html', 'htm', 'md', 'sql', 'css', 'svg', 'xml', 'graphql', 'gql', 'csv', 'hbs', 'lua'];
  const imports = endings.map((ending) => `export { default as ${ending} } from './a.${ending}';`).join('\n');
  const texts = Object.fromEntries(endings.map((ending) => [`a.${ending}`, `<${ending}>`]));
  const found = await run({ 'index.ts': imports, ...texts });
  for (const ending of endings) assert.equal(found[ending], `<${ending}>`);
});

test('a module of Node is refused with what does its work, or where to look', async () => {
  const [fs, vm] = [await mistake({ 'index.ts': "import 'node:fs';" }), await mistake({ 'index.ts': "import 'vm';" })];
  assert.match(fs.message, /"node:fs" is a module of Node/);
  assert.equal(fs.hint, "Use key-value stores, SQLite, or an import of the file's text");
  assert.equal(vm.hint, 'Look for a package, or a version of it, that runs in browsers');
});

test('an interface is found in another version of its track, and in no other', async () => {
  const imported = async (name: string): Promise<unknown> => {
    const found = await run({ 'index.ts': `import { open } from '${name}'; export const from = open();` });
    return found.from;
  };
  assert.equal(await imported('fermyon:spin/key-value@2.0.7'), 'fermyon:spin/key-value@2.0.0');
  assert.equal(await imported('fermyon:spin/key-value'), 'fermyon:spin/key-value@2.0.0');
  for (const name of [
    'fermyon:spin/key-value@2.1.0',
    'fermyon:spin/key-value@3.0.0',
    'fermyon:spin/key-values@2.0.0',
  ]) {
    const error = await mistake({ 'index.ts': `import '${name}';` });
    assert.match(error.message, /has no interface/, name);
  }
});

test('imports of .js and .mjs find TypeScript', async () => {
  const found = await run({
    'index.ts':
      "import { a } from './a.js'; import { b } from './b.mjs'; import { c } from './c.js'; export const all = [a, b, c];",
    'a.ts': 'export const a: number = 1;',
    'b.mts': 'export const b: number = 2;',
    'c.tsx': 'export const c: number = 3;',
  });
  assert.deepEqual([...(found.all as number[])], [1, 2, 3]);
});

test('mistakes of modules in memory name them as they are called', async () => {
  const modules = { 'deep/index.ts': "import './nothing.ts';", 'b.ts': '' };
  await assert.rejects(bundle({ entry: memoryPath('deep/index.ts'), modules }, interfaces), (error: MayflyError) => {
    assert.equal(error.message, "Could not resolve './nothing.ts' in deep/index.ts");
    assert.equal(error.location?.file, 'deep/index.ts');
    return true;
  });
});

test('the SDK is no file of the program, and has its own name in mistakes', async () => {
  const place = write({ 'index.ts': "import { keyValue } from 'mayfly/sdk'; export const it = keyValue;" });
  const all = new Set(hostInterfaceNames);
  const { inputs } = await bundle({ entry: join(place, 'index.ts') }, all);
  assert.deepEqual(inputs, [join(place, 'index.ts')]);
  const wrong = write({ 'index.ts': "import { kv } from 'mayfly/sdk'; export const it = kv.open();" });
  await assert.rejects(bundle({ entry: join(wrong, 'index.ts') }, all), {
    message: /^"kv" is not exported by "mayfly\/sdk"/,
  });
});
