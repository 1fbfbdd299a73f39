// Programs of the machine: whether one is there, and how to run one on a core of its own.
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);

/** Absolute path of a program on PATH. */
export function findCommand(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Servers get one core and whoever asks them another, so that neither takes the other's time. */
export type Core = 'server' | 'client';

export const pinned = findCommand('taskset') !== undefined && availableParallelism() > 1;

export function onCore(core: Core, command: readonly string[]): [string, ...string[]] {
  const [first = '', ...rest] = command;
  return pinned ? ['taskset', '-c', core === 'server' ? '0' : '1', first, ...rest] : [first, ...rest];
}
