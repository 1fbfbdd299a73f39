// `mayfly templates` as people use it: install, list, use, upgrade, uninstall.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { mayfly } from './cli-process.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-manage-'));
after(() => rmSync(base, { recursive: true }));
const env = { MAYFLY_DATA_DIR: join(base, 'data') };
const run = (...args: string[]) => mayfly(args, base, env);
const timeout = 60_000;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), text);
}

const manifest = (description: string): string => `manifest_version = "1"
id = "greeter"
description = "${description}"
tags = ["greet"]
[add_component]
skip_files = ["spin.toml"]
snippets = { component = "component.txt" }
[parameters]
greeting = { type = "string", prompt = "Greeting", pattern = "^[A-Z]" }
`;

const component = `[[trigger.http]]
route = "/{{ project-name | kebab_case }}"
static_response = { body = "{{ greeting }} from {{ output-path }}" }
`;

test('a template is installed, used for an app and a component, upgraded and removed', { timeout }, () => {
  write('source/templates/greeter/metadata/spin-template.toml', manifest('Greets'));
  write('source/templates/greeter/metadata/snippets/component.txt', component);
  write(
    'source/templates/greeter/content/spin.toml',
    `spin_manifest_version = 2\napplication = { name = "{{ project-name | kebab_case }}" }\n${component}`,
  );
  assert.match(run('templates', 'install', 'source').stdout, /^greeter {2}Greets$/m);
  assert.match(run('template', 'list', '--tag', 'greet').stdout, /^greeter {2}Greets\n$/);
  const all = JSON.parse(run('templates', 'list', '--json').stdout) as { id: string; from: string }[];
  assert.deepEqual(
    all.map(({ id, from }) => [id, from]),
    [
      ['command-rust', 'built-in'],
      ['cron-rust', 'built-in'],
      ['cron-ts', 'built-in'],
      ['greeter', join(base, 'source')],
      ['http-as', 'built-in'],
      ['http-c', 'built-in'],
      ['http-cpp', 'built-in'],
      ['http-go', 'built-in'],
      ['http-hono', 'built-in'],
      ['http-java', 'built-in'],
      ['http-js', 'built-in'],
      ['http-kotlin', 'built-in'],
      ['http-lua', 'built-in'],
      ['http-php', 'built-in'],
      ['http-py', 'built-in'],
      ['http-rb', 'built-in'],
      ['http-rust', 'built-in'],
      ['http-ts', 'built-in'],
      ['http-zig', 'built-in'],
      ['mqtt-rust', 'built-in'],
      ['mqtt-ts', 'built-in'],
      ['redirect', 'built-in'],
      ['redis-rust', 'built-in'],
      ['redis-ts', 'built-in'],
      ['sqs-rust', 'built-in'],
      ['sqs-ts', 'built-in'],
      ['static', 'built-in'],
      ['websocket-ts', 'built-in'],
    ],
  );

  assert.match(run('new', 'my-app', '-t', 'greeter').stderr, /error\[usage\].*"greeting"[\s\S]*--value greeting=/);
  assert.match(run('new', 'my-app', '-t', 'greeter', '-v', 'greeting=hi').stderr, /does not match \^\[A-Z\]/);
  write('values.toml', 'greeting = "Hi"\n');
  // The way of Spin 1: the template stands first.
  const made = run('new', 'greeter', 'my-app', '--values-file', 'values.toml', '--no-vcs');
  assert.equal(made.code, 0, made.stderr);
  const added = run(
    'add',
    'second',
    '--tag',
    'greet',
    '-f',
    'my-app/spin.toml',
    '-v',
    'greeting=Hello',
    '-o',
    'parts/2',
  );
  assert.equal(added.code, 0, added.stderr);
  assert.match(readFileSync(join(base, 'my-app', 'spin.toml'), 'utf8'), /route = "\/second"\n.*"Hello from parts\/2"/);
  assert.match(run('add', 'second', '-t', 'nothing', '-f', 'my-app').stderr, /error\[template-unknown\]/);

  write('source/templates/greeter/metadata/spin-template.toml', manifest('Greets better'));
  assert.match(run('templates', 'install', '--dir', 'source').stderr, /Left out greeter: It is installed already/);
  const upgraded = JSON.parse(run('templates', 'install', '--dir', 'source', '--upgrade', '--json').stdout) as object;
  assert.deepEqual(upgraded, {
    installed: [{ id: 'greeter', description: 'Greets better' }],
    skipped: [],
    removed: [],
  });
  assert.equal(run('templates', 'uninstall', 'greeter').code, 0);
  assert.match(run('templates', 'uninstall', 'greeter').stderr, /error\[template-unknown\]: No template "greeter"/);
  assert.match(run('templates', 'uninstall', 'http-c').stderr, /comes with Mayfly/);
});

test('what is wrong about a source is told', { timeout }, () => {
  const cases: [args: string[], code: number, stderr: RegExp][] = [
    [['install'], 2, /Give one of/],
    [['install', '--dir', 'a', '--git', 'b'], 2, /Give one of/],
    [['install', '--dir', 'a', '--branch', 'b'], 2, /'--branch' needs '--git'/],
    [['install', '--dir', 'nothing'], 1, /error\[template-source\]: There is no folder/],
    [['install', '--tar', 'nothing.tar.gz'], 1, /error\[template-source\]: The archive .* cannot be read/],
    [['upgrade', '--repo', 'file:///nothing'], 1, /error\[template-source\]: git cannot/],
    [['upgrade', '--all'], 0, /No template comes from a git repository/],
    [['instal'], 2, /Did you mean install/],
  ];
  for (const [args, code, stderr] of cases) {
    const outcome = run('templates', ...args);
    assert.match(outcome.stderr, stderr);
    assert.equal(outcome.code, code, args.join(' '));
  }
});

test('a manifest of version 1 gets no component', { timeout }, () => {
  write('old/spin.toml', 'spin_manifest_version = "1"\nname = "old"\n');
  const { code, stderr } = run('add', 'x', '-t', 'http-c', '-f', 'old', '-a');
  assert.equal(code, 2);
  assert.match(stderr, /version 2 only[\s\S]*mayfly doctor --fix/);
});
