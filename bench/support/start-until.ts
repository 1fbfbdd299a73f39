// How long a program takes from its start until it prints something; it is then ended, in order, so that it keeps what it
// compiled.
import { spawn } from 'node:child_process';

/** Milliseconds. Rejects when the program ends before. */
export function startUntil([program = '', ...args]: readonly string[], printed: RegExp): Promise<number> {
  const start = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let taken: number | undefined;
  const read = (chunk: Buffer): void => {
    output += chunk;
    if (taken !== undefined || !printed.test(output)) return;
    taken = performance.now() - start;
    child.kill('SIGTERM');
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => (taken === undefined ? reject(new Error(output)) : resolve(taken)));
  });
}
