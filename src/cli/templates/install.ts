// Installs the templates of a source: each that is right, and for each of the others a reason.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MayflyError, messageOf } from '../../errors.ts';
import { getSource } from './sources/get-source.ts';
import { installedTemplates, isInstalled, type Origin, putTemplate, removeTemplate } from './store.ts';
import { isTemplate, readTemplate, type Template } from './template-manifest.ts';

export interface Installation {
  readonly installed: readonly Template[];
  readonly skipped: readonly { readonly id: string; readonly reason: string; readonly isWrong: boolean }[];
  /** Ids of templates that the source had, and has no longer. */
  readonly removed: readonly string[];
}

/** The most files of one template, and their bytes together. */
const MOST_FILES = 10_000;
const MOST_BYTES = 256 * 2 ** 20;

/** Installs; with `update` also in place of what is there. Rejects with `template-source` when there are no templates. */
export async function installFrom(
  origin: Origin,
  { branch, update }: { readonly branch?: string | undefined; readonly update: boolean },
): Promise<Installation> {
  const source = await getSource(origin, branch);
  try {
    const installed: Template[] = [];
    const skipped: { id: string; reason: string; isWrong: boolean }[] = [];
    for (const { name, folder } of templateFolders(source.folder)) {
      try {
        checkFiles(folder);
        const template = readTemplate(folder);
        if (isInstalled(template.id) && !update) {
          skipped.push({ id: template.id, reason: "It is installed already; use '--upgrade'", isWrong: false });
        } else installed.push(putTemplate(template, origin));
      } catch (error) {
        skipped.push({ id: name, reason: messageOf(error), isWrong: true });
      }
    }
    const kept = new Set([...installed, ...skipped].map(({ id }) => id));
    return { installed, skipped, removed: update ? removeOthers(origin, kept) : [] };
  } finally {
    source.remove();
  }
}

/** The folders of `templates`, also below one folder as in archives of GitHub; or the folder itself. */
function templateFolders(folder: string): { name: string; folder: string }[] {
  const below = foldersIn(folder);
  const [only] = below;
  for (const root of below.length === 1 && only ? [folder, only.folder] : [folder]) {
    if (isTemplate(root)) return [{ name: root, folder: root }];
    const inside = foldersIn(join(root, 'templates'));
    if (inside.length > 0) return inside;
  }
  throw new MayflyError('template-source', `There is no folder "templates" with templates in "${folder}"`, {
    hint: 'A template is a folder with metadata/spin-template.toml in it',
  });
}

function foldersIn(folder: string): { name: string; folder: string }[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => ({ name, folder: join(folder, name) }));
  } catch {
    return [];
  }
}

/** A template holds files and folders only: a link could give what it is not made of to whoever uses it. */
function checkFiles(folder: string): void {
  let [files, bytes] = [0, 0];
  for (const part of ['metadata', 'content']) {
    const all = foldersIn(folder).some(({ name }) => name === part)
      ? readdirSync(join(folder, part), { recursive: true })
      : [];
    for (const name of all) {
      const facts = lstatSync(join(folder, part, String(name)));
      if (!facts.isFile() && !facts.isDirectory()) {
        throw new MayflyError('template-source', `It is refused: "${part}/${name}" is a link or no file`);
      }
      files++;
      bytes += facts.isFile() ? facts.size : 0;
      if (files > MOST_FILES || bytes > MOST_BYTES)
        throw new MayflyError('template-source', 'It is refused: it is too large');
    }
  }
}

function removeOthers(origin: Origin, kept: ReadonlySet<string>): string[] {
  const same = installedTemplates().filter((one) => JSON.stringify(one.origin) === JSON.stringify(origin));
  const gone = same.map(({ template }) => template.id).filter((id) => !kept.has(id));
  for (const id of gone) removeTemplate(id);
  return gone;
}
