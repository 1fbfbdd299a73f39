// Where things lie.
import { join } from 'node:path';

export const repository = join(import.meta.dirname, '../..');
export const cache = join(repository, '.cache');
export const mayfly = join(repository, 'bin/mayfly.mjs');

export function program(name: string): string {
  return join(repository, 'bench/programs', `${name}.ts`);
}
