// The scripts for shells know every command and option, and the shells take them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { commands } from './commands.ts';
import { completionScript, shells } from './completions.ts';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;
const timeout = 20_000;

for (const shell of shells) {
  test(`${shell} reads its script`, { skip: !has(shell) && `there is no ${shell}`, timeout }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mayfly-completions-'));
    try {
      const file = join(folder, 'script');
      writeFileSync(file, await completionScript(shell, commands));
      const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test(`the script for ${shell} has all commands and options`, async () => {
    const script = await completionScript(shell, commands);
    for (const { name } of commands) assert.match(script, new RegExp(`\\b${name}\\b`), name);
    for (const text of ['find-free-port', 'skip-build', 'upgrade', 'json']) assert.ok(script.includes(text), text);
    assert.ok(!script.includes('disable-pooling'), 'what the help does not show');
  });
}

test('bash completes commands, options and choices', {
  skip: !has('bash') && 'there is no bash',
  timeout,
}, async () => {
  const script = await completionScript('bash', commands);
  const complete = (...words: string[]): string[] => {
    const line = words.map((word) => `'${word}'`).join(' ');
    const ask = `COMP_WORDS=(mayfly ${line}); COMP_CWORD=${words.length}; _mayfly; echo "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['-c', `${script}\n${ask}`], { encoding: 'utf8' })
      .stdout.trim()
      .split(' ');
  };
  assert.deepEqual(complete('te'), ['test', 'templates']);
  assert.deepEqual(complete('up', '--find'), ['--find-free-port']);
  assert.deepEqual(complete('up', '--listen', 'x', '--format', ''), ['plain', 'json']);
  assert.deepEqual(complete('templates', 'inst'), ['install']);
  assert.deepEqual(complete('templates', 'install', '--g'), ['--git']);
});
