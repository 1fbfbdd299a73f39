// Runs one command of a build in a shell. A signal that ends Mayfly also ends everything that the command has started.
import { spawn } from 'node:child_process';
import { ChildFailure } from '../exit-code.ts';
import { buildEnvironment } from './environment.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the command. Resolves to what went wrong; a signal that Mayfly got counts even if the command ended well. When
 * `abort` is aborted the command is ended like that, too.
 */
export async function runShell(
  command: string,
  cwd: string,
  output: 'inherit' | 'stderr',
  abort?: AbortSignal,
): Promise<ChildFailure | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<ChildFailure | undefined>();
  // The command gets a process group of its own: otherwise the shell alone would die of a signal, and leave the
  // compiler running.
  const detached = process.platform !== 'win32';
  const child = spawn(command, {
    shell: true,
    cwd,
    detached,
    env: buildEnvironment(),
    stdio: ['inherit', output === 'inherit' ? 'inherit' : process.stderr, 'inherit'],
  });
  let ended: NodeJS.Signals | undefined;
  const end = (signal: NodeJS.Signals): void => {
    const harder = ended === undefined ? signal : 'SIGKILL';
    ended ??= signal;
    if (child.pid === undefined) return;
    try {
      if (detached) process.kill(-child.pid, harder);
      else child.kill(harder);
    } catch {
      // The last process of the group has just ended.
    }
  };
  const aborted = (): void => end('SIGTERM');
  for (const signal of signals) process.on(signal, end);
  abort?.addEventListener('abort', aborted);
  if (abort?.aborted) aborted();
  child.on('error', reject);
  child.on('exit', (code, signal) => {
    if (ended !== undefined) resolve(new ChildFailure(null, ended));
    else resolve(code === 0 ? undefined : new ChildFailure(code, signal));
  });
  try {
    return await promise;
  } finally {
    for (const signal of signals) process.off(signal, end);
    abort?.removeEventListener('abort', aborted);
  }
}
