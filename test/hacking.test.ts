// HACKING.md is true: its commands run, its names stand where it says, and its recipes make what they promise. All of it
// happens in a copy of the tree.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const origin = dirname(import.meta.dirname);
const page = readFileSync(join(origin, 'HACKING.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'mayfly-hacking-'));
const running: ChildProcess[] = [];

/** Not set for programs that tests start: they would take themselves for a part of this test. */
const { NODE_TEST_CONTEXT: _, ...ownEnvironment } = process.env;
const env = {
  ...ownEnvironment,
  NO_COLOR: '1',
  XDG_CACHE_HOME: devNull, // no folder: nothing is kept
  NODE_NO_WARNINGS: '1',
  PATH: [join(origin, 'node_modules/.bin'), process.env.PATH].join(delimiter),
};

/** Not run here, and why. */
const onlyRead: Readonly<Record<string, string>> = {
  'npm test': 'the gate, of which this is a part',
  'npm run check': 'the gate does that',
  'npm run format': 'changes files',
  'npm run conformance': 'slow',
  'npm run hostile': 'slow',
  'npm run test:kube': 'slow',
  'npm run bench': 'slow',
  'npm run mutants': 'slow',
  'node scripts/wit-signatures.ts': 'asks pip; src/host/signatures.test.ts does the same where it can',
};

/** Commands that go on until they are stopped: what they say once they work. */
const saysOnceUp: readonly (readonly [command: RegExp, words: RegExp])[] = [
  [/--inspect-brk/, /Debugger listening/],
  [/ up .*--inspect|--inspect=.* up /, /Debugger listening[\s\S]*Serving http:/],
  [/ up /, /Serving http:/],
];

const commands = blocks('console').flatMap(({ text }) =>
  text.split('\n').flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : [])),
);

interface Block {
  /** The file that it is or changes; empty for none. */
  readonly path: string;
  readonly text: string;
}

function blocks(language: string, text = page): Block[] {
  const found = text.matchAll(new RegExp(`^\`\`\`${language}(?: (\\S+))?\\n(.*?)^\`\`\`$`, 'gms'));
  return [...found].map(([, path = '', body = '']) => ({ path, text: body }));
}

function sectionOf(title: string): string {
  const [, section] = page.split(`### ${title}\n`);
  assert.ok(section, title);
  return section.split(/^##/m)[0] as string;
}

before(() => {
  const left = /^(\.git|\.cache|node_modules)($|\/)|^(examples|test)\/.*\/build$/;
  cpSync(origin, folder, { recursive: true, filter: (path) => !left.test(relative(origin, path)) });
  symlinkSync(join(origin, 'node_modules'), join(folder, 'node_modules'));
});

after(() => {
  for (const child of running)
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('the first table names what stands in its files', () => {
  const rows = [...page.matchAll(/^\| [^|]+ \| `([^`]+)` \| `([^`]+)` \|$/gm)];
  assert.ok(rows.length >= 25);
  const wrong = rows.filter(([, file = '', name = '']) => {
    const path = join(origin, file);
    return !existsSync(path) || !new RegExp(`\\b${name}\\b(?=[ (:<])`).test(readFileSync(path, 'utf8'));
  });
  assert.deepEqual(
    wrong.map(([row]) => row),
    [],
  );
});

test('scripts that are not run are there', () => {
  const { scripts } = JSON.parse(readFileSync(join(origin, 'package.json'), 'utf8')) as { scripts: object };
  for (const command of Object.keys(onlyRead)) {
    assert.ok(commands.includes(command), `HACKING.md has no '${command}'`);
    const [, , name = 'test'] = command.split(' ');
    if (command.startsWith('npm')) assert.ok(name in scripts, command);
    else assert.ok(existsSync(join(origin, command.split(' ')[1] as string)), command);
  }
});

for (const command of commands.filter((one) => !(one in onlyRead))) {
  const words = saysOnceUp.find(([pattern]) => pattern.test(command))?.[1];
  test(command, { timeout: 90_000 }, async () => {
    if (words) await saysWhenUp(command, words);
    else await run('sh', ['-c', command], { cwd: folder, env, maxBuffer: 10_000_000 });
  });
}

async function saysWhenUp(command: string, words: RegExp): Promise<void> {
  const child = spawn('sh', ['-c', `exec ${command}`], { cwd: folder, env, detached: true });
  running.push(child);
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
    if (words.test(output)) resolve();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.on('exit', (code) =>
    reject(new Error(`"${command}" ended with ${code}, and did not say ${words}:\n${output}`)),
  );
  await promise;
}

test('what these commands make is what is there already', () => {
  const made = ['docs/*.md', 'test/cases/manifests/*.{json,err}', 'test/guests/built/hello-c.wasm'];
  for (const file of globSync(made, { cwd: origin })) {
    assert.deepEqual(readFileSync(join(folder, file)), readFileSync(join(origin, file)), file);
  }
  const rewritten = globSync('.cache/rewritten/*.wat', { cwd: folder });
  assert.ok(rewritten.length > 0);
  assert.match(readFileSync(join(folder, rewritten.sort()[0] as string), 'utf8'), /\(import "mayfly:memories"/);
});

interface Followed {
  readonly written: readonly string[];
  readonly changed: readonly string[];
}

/** Does what the section says, in the copy. */
async function follow(title: string): Promise<Followed> {
  const section = sectionOf(title);
  const written = blocks('ts', section);
  const changes = blocks('diff', section);
  for (const { path, text } of written) {
    assert.ok(!existsSync(join(folder, path)), `${path} is new`);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  for (const { path, text } of changes) {
    const lines = text.trimEnd().split('\n');
    const side = (signs: string): string =>
      lines.flatMap((line) => (signs.includes(line.charAt(0)) ? [`${line.slice(1)}\n`] : [])).join('');
    const whole = readFileSync(join(folder, path), 'utf8');
    assert.equal(whole.split(side(' -')).length, 2, `${path} has once:\n${side(' -')}`);
    await writeFile(
      join(folder, path),
      whole.replace(side(' -'), () => side(' +')),
    );
  }
  return {
    written: written.map(({ path }) => path),
    changed: [...new Set(changes.map(({ path }) => path))],
  };
}

test('a host service is a folder and a line, and a type of triggers twice that', { timeout: 110_000 }, async (t) => {
  const service = await follow('A host service');
  const trigger = await follow('A type of triggers');
  t.diagnostic(`service: ${service.written.length} files written, ${service.changed.length} changed`);
  t.diagnostic(`trigger: ${trigger.written.length} files written, ${trigger.changed.length} changed`);
  assert.deepEqual([service.written.length, service.changed.length], [2, 1]);
  assert.deepEqual([trigger.written.length, trigger.changed.length], [3, 2]);

  const written = [...service.written, ...trigger.written];
  const within = { cwd: folder, env, maxBuffer: 10_000_000 };
  const told = ({ stdout }: { readonly stdout?: string }): never => assert.fail(stdout);
  const types = run('tsc', [], within).catch(told);
  const tests = written.filter((path) => path.endsWith('.test.ts'));
  await run('node', ['scripts/test.ts', ...tests, 'test/structure.test.ts'], within).catch(told);
  await types;
  const files = [...written, ...service.changed, ...trigger.changed];
  await run('biome', ['check', '--error-on-warnings', '--vcs-enabled=false', ...files], within).catch(told);
});
