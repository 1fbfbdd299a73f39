// Mayfly as people install it: packed into a few files, outside of the checkout.
import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { linkDependencies } from '../../test/support/link-dependencies.ts';
import { repository } from './paths.ts';

/** Makes the package in a folder that is there; returns the path of its command. */
export async function packInto(folder: string): Promise<string> {
  await promisify(execFile)(process.execPath, [join(repository, 'scripts/pack.ts'), join(folder, 'dist')]);
  await cp(join(repository, 'bin'), join(folder, 'bin'), { recursive: true });
  await cp(join(repository, 'package.json'), join(folder, 'package.json'));
  await linkDependencies(join(folder, 'node_modules'));
  return join(folder, 'bin', 'mayfly.mjs');
}
