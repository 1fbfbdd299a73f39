// What a program in Python is made of: its own modules, packages beside it and in virtual environments, and nothing else.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import { readProgram } from './read-program.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-python-program-'));
after(() => rmSync(base, { recursive: true }));

function project(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(base, 'app-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

interface Code {
  readonly main: string;
  readonly modules: Readonly<Record<string, readonly [string, string, boolean]>>;
}
const codeOf = async (entry: string): Promise<Code> => JSON.parse((await readProgram({ entry })).code) as Code;

test('modules that are imported, packages with all that is in them', async () => {
  const folder = project({
    'app.py': 'import one\nfrom two.deep import x\nimport json\nimport flask',
    'one.py': 'import three',
    'three.py': '',
    'unused.py': '',
    'two/__init__.py': 'from . import deep',
    'two/deep.py': 'x = 1',
    'two/more/inner.py': 'import four',
    'two/tests/test_it.py': 'import unused',
    'two/data.txt': 'no module',
    'four.py': '',
    'packages/flask/__init__.py': 'import werkzeug',
    '.venv/lib/python3.12/site-packages/werkzeug.py': 'import one',
    '.venv/lib/python3.12/site-packages/one.py': 'hidden by the own one',
  });
  const { main, modules } = await codeOf(join(folder, 'app.py'));
  assert.equal(main, 'app');
  assert.deepEqual(
    Object.entries(modules)
      .map(([name, [file, , isPackage]]) => [name, file.slice(folder.length + 1), isPackage])
      .sort(([one], [other]) => String(one).localeCompare(String(other))),
    [
      ['app', 'app.py', false],
      ['flask', 'packages/flask/__init__.py', true],
      ['four', 'four.py', false],
      ['one', 'one.py', false],
      ['three', 'three.py', false],
      ['two', 'two/__init__.py', true],
      ['two.deep', 'two/deep.py', false],
      ['two.more', 'two/more/__init__.py', true],
      ['two.more.inner', 'two/more/inner.py', false],
      ['werkzeug', '.venv/lib/python3.12/site-packages/werkzeug.py', false],
    ],
  );
  assert.equal(modules.one?.[1], 'import three');
});

test('texts in memory: folders between are packages', async () => {
  const program = await readProgram({
    entry: 'app.py',
    modules: { 'app.py': 'a', 'x/y/z.py': 'z', 'p/__init__.py': 'p' },
  });
  assert.deepEqual(program.inputs, []);
  assert.deepEqual((JSON.parse(program.code) as Code).modules, {
    app: ['app.py', 'a', false],
    x: ['x/__init__.py', '', true],
    'x.y': ['x/y/__init__.py', '', true],
    'x.y.z': ['x/y/z.py', 'z', false],
    p: ['p/__init__.py', 'p', true],
  });
});

test('names that are no property of an object stay names', async () => {
  const program = await readProgram({
    entry: '__proto__.py',
    modules: JSON.parse('{"__proto__.py":"x = 1"}') as Record<string, string>,
  });
  assert.match(program.code, /^\{"main":"__proto__","modules":\{"__proto__":\["__proto__\.py","x = 1",false\]\}\}$/);
});

test('what cannot be a program', async () => {
  const folder = project({
    'my-app.py': '',
    'latin.py': new Uint8Array([0x23, 0xe4]),
    'large.py': `import much\n`,
    'much.py': `x = "${'x'.repeat(33 * 1024 * 1024)}"`,
  });
  for (const [file, message] of [
    ['my-app.py', undefined],
    ['latin.py', /^The module cannot be read: /],
    ['large.py', /^The program and its packages have more than 33554432 bytes/],
  ] as const) {
    const outcome = await readProgram({ entry: join(folder, file) }).catch((error: unknown) => error);
    if (message === undefined) {
      assert.ok(!(outcome instanceof Error), String(outcome));
      continue;
    }
    assert.ok(outcome instanceof MayflyError && outcome.code === 'script-invalid', String(outcome));
    assert.match(outcome.message, message);
  }
});

test('a module that is not found: how to get it, or that it is machine code', async () => {
  const folder = project({ 'app.py': '', 'packages/fast/_speed.cpython-312.so': '', 'packages/fast/__init__.py': '' });
  const { hintFor } = await readProgram({ entry: join(folder, 'app.py') });
  const thrown = (name: string) => ({ name: 'ModuleNotFoundError', message: `No module named '${name}'`, stack: '' });
  assert.match(hintFor?.(thrown('flask.json')) ?? '', /pip install --target packages flask$/);
  assert.match(hintFor?.(thrown('fast._speed')) ?? '', /^It is machine code/);
  assert.equal(hintFor?.({ name: 'ValueError', message: "No module named 'x'", stack: '' }), undefined);
});
