// The house as docs/architecture.md draws it: parts import parts below them only, files never run in circles, what is
// exported is used, and a file that a comment names exists. This test reads the sources as text.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { entries as startedEntries } from '../scripts/entries.ts';
import {
  allFiles,
  circlesOf,
  commentedFiles,
  exportsOf,
  filesInComments,
  productFiles,
  type SourceFile,
  standsInExport,
} from './support/source-files.ts';

/**
 * What a part imports beside itself, `src/authority.ts`, `src/errors.ts` and `src/home.ts`, which all may. A part is the
 * longest prefix that a file has. The table of docs/architecture.md says the same, from the bottom to the top.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'src/authority.ts': [],
  'src/errors.ts': [],
  'src/home.ts': [],
  'src/limits.ts': [],
  'src/telemetry': [],
  'src/app': ['src/limits.ts'],
  'src/component/types': ['src/limits.ts'],
  'src/component/binary': ['src/component/types'],
  'src/component/validate': ['src/component/binary'],
  'src/component/rewrite': ['src/component/binary'],
  'src/component/abi': ['src/component/types'],
  'src/component/tasks': ['src/component/types', 'src/component/abi'],
  'src/component/canon': ['src/component/types', 'src/component/abi', 'src/component/tasks'],
  'src/component/link': [
    'src/component/types',
    'src/component/binary',
    'src/component/validate',
    'src/component/rewrite',
    'src/component/abi',
    'src/component/tasks',
    'src/component/canon',
  ],
  'src/host': ['src/limits.ts', 'src/telemetry', 'src/app', 'src/component/types'],
  'src/sandbox': [
    'src/limits.ts',
    'src/telemetry',
    'src/component/types',
    'src/component/binary',
    'src/component/validate',
    'src/component/rewrite',
    'src/component/abi',
    'src/component/tasks',
    'src/component/canon',
    'src/component/link',
  ],
  'src/invocation': ['src/telemetry', 'src/component/canon', 'src/sandbox'],
  'src/script': [
    'src/telemetry',
    'src/app',
    'src/component/canon',
    'src/component/link',
    'src/sandbox',
    'src/invocation',
  ],
  'src/triggers': [
    'src/limits.ts',
    'src/telemetry',
    'src/app',
    'src/component/types',
    'src/component/canon',
    'src/component/link',
    'src/host',
    'src/sandbox',
    'src/invocation',
  ],
  'src/replay': [
    'src/telemetry',
    'src/app',
    'src/component/types',
    'src/component/tasks',
    'src/host',
    'src/sandbox',
    'src/invocation',
    'src/triggers',
  ],
  'src/registry': ['src/app', 'src/component/binary'],
  'src/image': ['src/app', 'src/registry'],
  'src/admin': ['src/telemetry'],
  'src/otlp': ['src/telemetry'],
  'src/kube': ['src/app', 'src/host', 'src/image'],
  'src/runtime': [
    'src/limits.ts',
    'src/telemetry',
    'src/app',
    'src/registry',
    'src/component/canon',
    'src/component/link',
    'src/host',
    'src/sandbox',
    'src/invocation',
    'src/script',
    'src/triggers',
    'src/replay',
  ],
  'src/runtime.ts': [
    'src/limits.ts',
    'src/telemetry',
    'src/app',
    'src/host',
    'src/triggers',
    'src/replay',
    'src/runtime',
  ],
  'src/library': ['src/limits.ts', 'src/telemetry', 'src/app', 'src/runtime', 'src/runtime.ts'],
  'src/index.ts': ['src/library', 'src/runtime.ts'],
  'src/workers': ['src/telemetry'],
  'src/cli': [
    'src/limits.ts',
    'src/telemetry',
    'src/app',
    'src/registry',
    'src/image',
    'src/kube',
    'src/admin',
    'src/otlp',
    'src/sandbox',
    'src/replay',
    'src/runtime',
    'src/runtime.ts',
    'src/workers',
  ],
};

const COMMON = ['src/authority.ts', 'src/errors.ts', 'src/home.ts'];
const MAP = 'docs/architecture.md';

/** Services of the host know nothing of each other; files right in src/host are theirs in common. */
const services = /^src\/host\/([^/]+)\//;

/** Files that comments may name though they are not in the repository, and where they are. */
const elsewhere: Readonly<Record<string, string>> = {
  'CanonicalABI.md': 'the specification of the component model, design/mvp',
  'design/mvp/Binary.md': 'the same',
  'Binary.md': 'the same',
  'design/mvp/Explainer.md': 'the same',
  'Explainer.md': 'the same',
  'validation/kebab.wast': 'a file of its test suite',
  'doc/specification.md': 'the specification of the tests of WASI, in their repository',
  'manifest.json': 'a file of the tests of WASI',
  'runtime-config.toml': 'a file that a user writes',
  'd/../b.md': 'an example of a path',
  'a/../b.h': 'an example of a path',
  'a/b.h': 'an example of a path',
  '.mayfly/build.json': 'a file that `mayfly build` writes',
};

/** What is started, not imported. */
const entries = startedEntries.map((path) => `src/${path}.ts`);

const files = productFiles();

function partOf(file: string): string | undefined {
  return Object.keys(arrows)
    .filter((part) => file === part || file.startsWith(`${part}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** From a part to another, with the imports that make it. */
function foundArrows(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { path, imports } of files) {
    for (const target of imports) {
      const [from, to] = [partOf(path), partOf(target.path)];
      if (from === to || (to !== undefined && COMMON.includes(to))) continue;
      const arrow = `${from} → ${to}`;
      found.set(arrow, [...(found.get(arrow) ?? []), `${path} → ${target.path}`]);
    }
  }
  return found;
}

const allowedArrows = Object.entries(arrows).flatMap(([part, others]) => others.map((other) => `${part} → ${other}`));

test('every source file belongs to a part', () => {
  const strangers = files.filter(({ path }) => partOf(path) === undefined).map(({ path }) => path);
  assert.deepEqual(strangers, []);
});

test('what only tests use says so by its suffix', () => {
  const imported = new Set(files.flatMap(({ imports }) => imports.map(({ path }) => path)));
  const lonely = files.filter(({ path }) => !imported.has(path) && !entries.includes(path)).map(({ path }) => path);
  assert.deepEqual(lonely, []);
});

test('no import points against the design', () => {
  const wrong = [...foundArrows()]
    .filter(([arrow]) => !allowedArrows.includes(arrow))
    .flatMap(([, imports]) => imports);
  assert.deepEqual(wrong, []);
});

test('the design has no arrow that no import needs', () => {
  const found = foundArrows();
  assert.deepEqual(
    allowedArrows.filter((arrow) => !found.has(arrow)),
    [],
  );
});

test('parts stand above what they import', () => {
  const order = Object.keys(arrows);
  const upwards = Object.entries(arrows).flatMap(([part, others]) =>
    others.filter((other) => order.indexOf(other) >= order.indexOf(part)).map((other) => `${part} → ${other}`),
  );
  assert.deepEqual(upwards, []);
});

test('the table of docs/architecture.md has these parts and arrows', (t) => {
  const wanted = Object.entries(arrows).map(([part, others]) => row(part, others));
  for (const line of wanted) t.diagnostic(line);
  const table = readFileSync(MAP, 'utf8')
    .split('\n')
    .filter((line) => /^\| `src\/(?:.*\|){3}$/.test(line));
  const found = table.map((line) => {
    const [part = '', others = ''] = [line.split('|')[1], line.split('|')[3]];
    const [name = ''] = namesIn(part);
    return row(name, namesIn(others));
  });
  assert.deepEqual(found, wanted);
});

test('docs/architecture.md names every folder, and none that is not there', () => {
  const parts = ['app', 'component', 'cli', 'registry', 'sandbox', 'script'].map((part) => `src/${part}`);
  // A service or a type of triggers is a folder, and need not be added to the map.
  const all = ['.', 'src', 'test', ...parts].flatMap(foldersIn);
  const map = readFileSync(MAP, 'utf8');
  const rows = [...map.matchAll(/^\| `([^`<]+)` \|/gm)].map(([, name]) => name as string);
  const named = (folder: string): boolean => rows.some((name) => name === folder || name.startsWith(`${folder}/`));
  assert.deepEqual(
    all.filter((folder) => !['node_modules', 'dist'].includes(folder) && !named(folder)),
    [],
  );
  assert.deepEqual(
    rows.filter((name) => !COMMON.includes(name) && !name.endsWith('.ts') && !all.includes(name)),
    [],
  );
});

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => posix.join(folder, name));
}

function row(part: string, others: readonly string[]): string {
  return `${part}: ${others.join(', ') || 'nothing'}`;
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string);
}

test('no files import one another in a circle, types counted', () => {
  assert.deepEqual(
    circlesOf(files).map((circle) => circle.join(' ⟲ ')),
    [],
  );
});

test('a circle of files is found', () => {
  const file = (path: string, ...targets: string[]): SourceFile => ({
    path,
    text: '',
    imports: targets.map((target) => ({ path: target, names: [] })),
  });
  const some = [file('a', 'b', 'elsewhere'), file('b', 'c', 'd'), file('c', 'a'), file('d', 'e'), file('e')];
  assert.deepEqual(circlesOf(some), [['a', 'b', 'c']]);
});

/** Folders of src/host that hold what services share. */
const shared = ['network', 'sql'];

function serviceOf(path: string): string | undefined {
  const folder = services.exec(path)?.[1];
  return folder === undefined || shared.includes(folder) ? undefined : folder;
}

test('no host service imports another, and what they share imports none', () => {
  const wrong = files.flatMap(({ path, imports }) => {
    const service = services.test(path) && !path.endsWith('.test-kit.ts') ? (serviceOf(path) ?? 'shared') : undefined;
    if (!service) return [];
    return imports
      .filter((target) => (serviceOf(target.path) ?? service) !== service)
      .map((target) => `${path} → ${target.path}`);
  });
  assert.deepEqual(wrong, []);
});

test('what is exported is used in another file, or stands in what is', () => {
  const used = new Set(
    allFiles().flatMap((file) => file.imports.flatMap(({ path, names }) => names.map((name) => `${path} ${name}`))),
  );
  const unused = files
    .filter(({ path }) => !entries.includes(path) && !used.has(`${path} *`))
    .flatMap((file) =>
      exportsOf(file)
        .filter(({ name, isType }) => !used.has(`${file.path} ${name}`) && !(isType && standsInExport(file, name)))
        .map(({ name }) => `${file.path}: ${name}`),
    );
  assert.deepEqual(unused, []);
});

test('an export is found with its name, and a type where another export speaks of it', () => {
  const text = [
    'export interface Seen {',
    '  readonly a: number;',
    '}',
    'export type Hidden = string;',
    'export const made = (of: Seen): number =>',
    '  of.a;',
    'function inside(of: Hidden): void {}',
  ].join('\n');
  const file: SourceFile = { path: 'a.ts', text, imports: [] };
  assert.deepEqual(exportsOf(file), [
    { name: 'Seen', isType: true },
    { name: 'Hidden', isType: true },
    { name: 'made', isType: false },
  ]);
  assert.deepEqual([standsInExport(file, 'Seen'), standsInExport(file, 'Hidden')], [true, false]);
});

test('names of files are found in comments, and nowhere else', () => {
  const text = [
    '// As ../a/b.ts says, and c.test.ts.',
    "import 'not/this.ts';",
    'go(); // see d.json',
    '/** Of https://elsewhere/e.md, /f.json and @g.toml nobody speaks. */',
    '/**',
    ' * But of alloc.c.',
    ' */',
  ].join('\n');
  assert.deepEqual(filesInComments(text), ['../a/b.ts', 'c.test.ts', 'd.json', 'alloc.c']);
});

test('packages that the product imports are there where it is packed or installed', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const known = { ...dependencies, ...devDependencies };
  const missing = productFiles().flatMap(({ path, text }) =>
    [...text.matchAll(/(?:^import(?! type)[^;]*? from |^import |await import\()'((?:@[\w-]+\/)?[\w-]+)[^']*'/gm)]
      .map(([, name]) => name as string)
      .filter((name) => name !== 'node' && !Object.hasOwn(known, name))
      .map((name) => `${path}: ${name}`),
  );
  assert.deepEqual(missing, []);
});

test('files that comments name exist', () => {
  const all = globSync('**/*', { exclude: ['**/node_modules', '**/target'] });
  const known = new Set(all.flatMap((path) => path.split('/').map((_, index, parts) => parts.slice(index).join('/'))));
  const missing = commentedFiles().flatMap((file) =>
    filesInComments(readFileSync(file, 'utf8'))
      .filter((name) => !(name in elsewhere) && !known.has(posix.normalize(name).replace(/^(\.\.\/)+/, '')))
      .map((name) => `${file}: ${name}`),
  );
  assert.deepEqual(missing, []);
});

test('each test file begins with what it shows', () => {
  const tests = globSync('{src,test,scripts,bench}/**/*.test.ts', { exclude: ['**/node_modules'] });
  assert.ok(tests.length > 250, `${tests.length} were found`);
  const silent = tests.filter((file) => !saysWhatItShows(readFileSync(file, 'utf8')));
  assert.deepEqual(silent, []);
});

test('what a file begins with is told from a title and from nothing', () => {
  assert.ok(saysWhatItShows('// Names are\n// read.\nimport x;\n'));
  assert.ok(saysWhatItShows('// `a` is read. https://example.com/a\nimport x;\n'));
  for (const text of [
    'import x;\n// Names are read.\n',
    '// Names are read\n',
    '// Names.\n',
    '\n// Names are read.\n',
  ]) {
    assert.ok(!saysWhatItShows(text), text);
  }
});

/** A comment from the first line on, of several words, that comes to an end. A source may follow. */
function saysWhatItShows(text: string): boolean {
  const lines = /^(?:\/\/ .*\n)+/.exec(text)?.[0] ?? '';
  const words = lines.replace(/^\/\/ /gm, '').trim();
  return words.split(/\s+/).length >= 3 && /\.(?: \S+)?$/.test(words);
}

test('only cli/ui.ts prints', () => {
  const printing = files
    .filter(({ path, text }) => path !== 'src/cli/ui.ts' && /\bconsole\.|process\.(stdout|stderr)\.write/.test(text))
    .map(({ path }) => path);
  assert.deepEqual(printing, []);
});

test('the script that CI runs is one that bash can read', () => {
  const { status, stderr } = spawnSync('bash', ['-n', '.ci/run'], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
});
