// Builds h2spec out of the module that its project publishes, into `.cache/h2spec`: once, in half a minute.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const program = join(import.meta.dirname, '../../../.cache/h2spec/h2spec');

/** Gives the path of the program. Throws without Go. */
export function h2spec(): string {
  if (existsSync(program)) return program;
  mkdirSync(dirname(program), { recursive: true });
  const args = ['build', '-mod=readonly', '-o', program, 'github.com/summerwind/h2spec/cmd/h2spec'];
  console.error(`go ${args.join(' ')}`);
  const { status, error } = spawnSync('go', args, {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error || status !== 0) throw new Error(`The suite needs Go 1.26 or newer: ${error ?? `exit ${status}`}`);
  return program;
}
