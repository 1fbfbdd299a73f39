// The build tools that Mayfly's templates use.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { home } from '../../home.ts';

/** The version of a package that a build would use: Mayfly's own, or that of the project in the current folder. */
export function buildTool(name: string): { version: string } | undefined {
  for (const start of [home, process.cwd()]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const manifest = join(folder, 'node_modules', name, 'package.json');
      if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
      if (dirname(folder) === folder) break;
    }
  }
  return undefined;
}
