// Finds the app that a command is about: the path that was given, else the `spin.toml` of this folder or of one above it.
import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { say } from './ui.ts';

/** Adds `-f, --from`, with the name `--file` that Spin has for it as well. */
export function addFromOption(command: Command, description = 'Manifest, or the folder of one'): Command {
  return addHiddenName(
    command.option('-f, --from <path>', `${description} (default: here, or above)`),
    '--file',
    'from',
  );
}

/** Adds a further name of an option, which the help does not show. Both take one value. */
export function addHiddenName(command: Command, name: `--${string}`, option: string): Command {
  command.addOption(new Option(`${name} <value>`).hideHelp());
  return command.on(`option:${name.slice(2)}`, (value: string) => {
    command.setOptionValueWithSource(option, value, 'cli');
  });
}

/**
 * The path of the app. Without one a manifest is looked for in this folder and above it, as Spin does: up to the root of
 * the git repository or of the disk. When one is found above, that is said.
 */
export function appPath(given: string | undefined): string {
  if (given !== undefined) return given;
  const here = process.cwd();
  const found = manifestAbove(here);
  if (found === undefined || dirname(found) === here) return '.';
  say(`Using ${relative(here, found)}`);
  return found;
}

function manifestAbove(start: string): string | undefined {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const manifest = join(folder, 'spin.toml');
    if (statSync(manifest, { throwIfNoEntry: false })?.isFile()) return manifest;
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) return undefined;
  }
}
