// The command line as a process: help, versions, exit codes, and that errors of every kind are printed well.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { mayfly, root } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-cli-'));
after(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => mayfly(args, folder);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

describe('mayfly', () => {
  it('shows help and version, of itself and of commands, on stdout', () => {
    for (const args of [['--version'], ['up', '--version'], ['n', '-V']]) {
      assert.deepEqual(run(...args), { code: 0, stdout: `${version}\n`, stderr: '' }, args.join(' '));
    }
    for (const args of [['--help'], ['help'], []]) {
      const { code, stdout, stderr } = run(...args);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /^Usage: mayfly [\s\S]*\bnew\b[\s\S]*\bbuild\b[\s\S]*\bup\b/);
    }
    for (const args of [
      ['up', '--help'],
      ['help', 'up'],
      ['u', '-h'],
    ]) {
      const { code, stdout, stderr } = run(...args);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /^Usage: mayfly up[\s\S]*--listen <address>/);
    }
  });

  it('ends with 2 when the command line is not understood, and says what to do', () => {
    const cases: [args: string[], stderr: RegExp][] = [
      [['upp'], /There is no command 'upp'\n {2}hint: Did you mean 'up'\?/],
      [['help', 'nothing'], /There is no command 'nothing'/],
      [['up', '--lisen', 'x'], /Unknown option '--lisen'\n {2}hint: Did you mean --listen\?/],
      [['up', '--listen', 'nowhere'], /"nowhere" is not an address/],
      [['up', '--listen'], /argument missing/],
      [['up', '--env', 'x'], /KEY=VALUE/],
      [['up', '--reset', 'never'], /Allowed choices are auto/],
      [['up', 'one', 'extra'], /Too many arguments/],
      [['new'], /The name of the app is missing/],
      [['new', 'a'], /The template is missing[\s\S]*http-c[\s\S]*http-js[\s\S]*http-ts/],
      [['new', '../a', '-t', 'http-js'], /cannot be the name/],
      [['new', 'a', '-t', 'http-js', '-v', 'no=1'], /no parameter "no"/],
    ];
    for (const [args, expected] of cases) {
      const { code, stdout, stderr } = run(...args);
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.match(stderr, /^error\[usage\]: /);
      assert.match(stderr, expected);
    }
  });

  it('ends with 1 when there is no app, for all commands that need one', () => {
    for (const args of [['up'], ['build'], ['up', '-f', 'nothing'], ['doctor', '-f', 'nothing'], ['add', 'x']]) {
      const { code, stderr } = run(...args);
      assert.equal(code, 1, args.join(' '));
      assert.match(stderr, /error\[manifest-missing\]: .*\n {2}hint: .*mayfly new/);
    }
  });

  it('shows all mistakes of a manifest at once, with their places', () => {
    const manifest = join(root, 'test', 'cases', 'manifests', 'unknown-keys');
    for (const command of ['up', 'build']) {
      const { code, stdout, stderr } = mayfly([command, '-f', `${manifest}.toml`], join(manifest, '..'));
      assert.deepEqual([code, stdout], [1, '']);
      assert.equal(stderr, readFileSync(`${manifest}.err`, 'utf8'));
    }
  });

  it('tells causes with --verbose only', () => {
    writeFileSync(join(folder, 'broken.toml'), 'a = ');
    assert.doesNotMatch(run('up', '-f', 'broken.toml').stderr, /caused by/);
    assert.match(run('up', '-f', 'broken.toml', '--verbose').stderr, /caused by: Error: Invalid TOML/);
  });

  it('looks at the machine and the app', () => {
    const { code, stdout } = run('doctor', '--listen', '127.0.0.1:0');
    assert.equal(code, 0);
    assert.match(stdout, /^ok {4}Mayfly .* on Node 2[6-9]/);
    assert.match(stdout, /no spin\.toml in this folder/);
    assert.match(stdout, /^ok {4}reset by (scan|madvise|copy) +in use/m);
    assert.match(stdout, /^ok {4}stop by {2}(polls|flag) +in use/m);
  });
});
