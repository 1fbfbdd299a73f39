// Writes the files of a template to a folder: all of them or none.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MayflyError } from '../../errors.ts';
import type { Template } from './catalogue.ts';
import { fillIn } from './placeholders.ts';

export interface WriteOptions {
  readonly values: Readonly<Record<string, string>>;
  readonly overwrite: boolean;
  /** Whether to leave out what only a whole app has. */
  readonly componentOnly: boolean;
}

/** Writes the files and gives their paths, relative to `folder`. Throws `target-exists` before writing anything. */
export function writeContent(template: Template, folder: string, options: WriteOptions): string[] {
  const files = contentOf(template)
    .filter((file) => !options.componentOnly || !template.appOnly.includes(file))
    .map((file) => ({ from: join(template.content, file), path: targetPath(file) }));
  if (!options.overwrite) refuseExisting(folder, files);
  for (const { from, path } of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, fillIn(readFileSync(from, 'utf8'), options.values, /\.(toml|json)$/.test(path)));
  }
  return files.map(({ path }) => path);
}

function contentOf(template: Template): string[] {
  return readdirSync(template.content, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(template.content.length + 1))
    .sort();
}

/** npm leaves files named `.gitignore` out of a package, so templates call it `gitignore`. */
function targetPath(file: string): string {
  return basename(file) === 'gitignore' ? join(dirname(file), '.gitignore') : file;
}

function refuseExisting(folder: string, files: readonly { path: string }[]): void {
  const taken = files.find(({ path }) => statSync(join(folder, path), { throwIfNoEntry: false }));
  if (!taken) return;
  throw new MayflyError('target-exists', `"${join(folder, taken.path)}" is there already`, {
    hint: "Choose another folder with '--output', or replace files with '--allow-overwrite'",
  });
}
