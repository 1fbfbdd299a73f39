// `mayfly new`, `add` and `build` as processes. What is built is served in cli-templates.test.ts.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { mayfly } from './cli-process.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-new-'));
after(() => rmSync(base, { recursive: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(base, 'in-'));
});

const run = (...args: string[]) => mayfly(args, folder);
const has = (...path: string[]) => existsSync(join(folder, ...path));

describe('mayfly new', () => {
  it('makes an app in a folder of its name, with a repository', () => {
    const { code, stdout, stderr } = run('new', '-t', 'http-ts', 'my-app', '--accept-defaults');
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /Next: cd my-app && mayfly up\n/);
    assert.deepEqual(readdirSync(join(folder, 'my-app')).sort(), [
      '.git',
      '.gitignore',
      'README.md',
      'mayfly.d.ts',
      'spin.toml',
      'src',
      'tsconfig.json',
    ]);
  });

  it('makes it elsewhere or here, without a repository, with given values', () => {
    assert.equal(run('n', 'a', '-t', 'http-c', '-o', 'deep/er', '--no-vcs', '-v', 'http-path=/x/...').code, 0);
    assert.match(readFileSync(join(folder, 'deep', 'er', 'spin.toml'), 'utf8'), /route = "\/x\/\.\.\."/);
    assert.ok(!has('deep', 'er', '.git'));
    writeFileSync(join(folder, 'mine.txt'), '');
    assert.equal(run('new', 'b', '-t', 'http-js', '--init', '-a', '--no-vcs').code, 0);
    assert.ok(has('spin.toml') && has('mine.txt'));
  });

  it('replaces nothing', () => {
    mkdirSync(join(folder, 'full'));
    writeFileSync(join(folder, 'full', 'spin.toml'), 'mine');
    writeFileSync(join(folder, 'spin.toml'), 'mine');
    writeFileSync(join(folder, 'file'), 'mine');
    for (const args of [['full'], ['x', '--init'], ['file'], ['x', '-o', 'full']]) {
      const { code, stderr } = run('new', '-t', 'http-js', '-a', ...args);
      assert.equal(code, 1, args.join(' '));
      assert.match(stderr, /error\[target-exists\]/);
    }
    assert.equal(readFileSync(join(folder, 'full', 'spin.toml'), 'utf8'), 'mine');
    assert.equal(readFileSync(join(folder, 'spin.toml'), 'utf8'), 'mine');
    assert.deepEqual(readdirSync(folder).sort(), ['file', 'full', 'spin.toml']);
  });

  it('does not know other templates', () => {
    const { code, stderr } = run('new', 'a', '-t', 'http-cobol');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /error\[template-unknown\]: .*\n {2}hint: .*http-as, http-c, http-cpp, http-go, http-hono, http-java, http-js, http-kotlin, http-lua, http-php, http-py, http-rb, http-rust, http-ts/,
    );
  });
});

describe('mayfly add', () => {
  it('adds a component of its own folder and route', () => {
    run('new', 'app', '-t', 'http-c', '-a', '--init', '--no-vcs');
    assert.equal(run('add', 'second', '-t', 'http-js', '-a').code, 0);
    assert.ok(has('second', 'src', 'index.js') && !has('second', 'spin.toml'));
    assert.match(readFileSync(join(folder, 'spin.toml'), 'utf8'), /route = "\/second\/\.\.\."/);
    assert.match(run('add', 'second', '-t', 'http-js', '-a').stderr, /error\[target-exists\]/);
    assert.match(run('build', '-c', 'thrid').stderr, /There are: app, second/);
  });
});

describe('mayfly build', () => {
  const manifest = (command: string) => `spin_manifest_version = 2
application.name = "x"
trigger = {}
[component.a]
source = "a.wasm"
build.command = '${command}'
`;

  it('passes output through', () => {
    writeFileSync(join(folder, 'spin.toml'), manifest('echo to-out; echo to-err >&2; echo > a.wasm'));
    const { code, stdout, stderr } = run('build');
    assert.deepEqual([code, stdout], [0, 'to-out\n']);
    assert.match(stderr, /^Building component a: .*\nto-err\nBuilt one component\n$/);
  });

  it('ends with the code of the command that failed', () => {
    writeFileSync(join(folder, 'spin.toml'), manifest('exit 42'));
    const { code, stderr } = run('b');
    assert.equal(code, 42);
    assert.match(stderr, /error\[build-failed\]: The build of component "a" failed: "exit 42" ended with exit code 42/);
  });

  it('gives commands the place of Mayfly and its tools', () => {
    writeFileSync(join(folder, 'spin.toml'), manifest('ls "$MAYFLY_HOME/package.json" && which jco && echo > a.wasm'));
    const { code, stdout } = run('build');
    assert.equal(code, 0);
    assert.match(stdout, /package\.json\n.*\.bin\/jco\n$/);
  });
});
