// The templates of this machine: those that were installed, in the data folder of the user and in the layout of Spin.
import { hash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { parse, stringify } from 'smol-toml';
import { messageOf } from '../../errors.ts';
import { readTemplate, type Template } from './template-manifest.ts';

/** Where a template came from: what `templates upgrade` takes it from again. */
export type Origin = { readonly git: string } | { readonly dir: string } | { readonly url: string };

export interface Installed {
  readonly template: Template;
  readonly origin: Origin | undefined;
}

/** The data folder: `MAYFLY_DATA_DIR`, `SPIN_DATA_DIR`, or as the XDG base directory specification has it. */
function dataFolder(): string {
  const { MAYFLY_DATA_DIR, SPIN_DATA_DIR, XDG_DATA_HOME } = process.env;
  const own = MAYFLY_DATA_DIR || SPIN_DATA_DIR;
  if (own) return own;
  return join(
    XDG_DATA_HOME && isAbsolute(XDG_DATA_HOME) ? XDG_DATA_HOME : join(homedir(), '.local', 'share'),
    'mayfly',
  );
}

const RECORD = '.install.toml';

function storeFolder(): string {
  return join(dataFolder(), 'templates');
}

/** The folder of a template. Its id may be anything: the name is safe, and no two ids share one. */
function folderOf(id: string): string {
  return join(storeFolder(), `${id.replace(/[^-_a-zA-Z0-9]/g, '_').slice(0, 100)}_${hash('sha256', id)}`);
}

/** The installed templates. Those that cannot be read are told to `failed`. */
export function installedTemplates(failed: (folder: string, reason: string) => void = () => {}): Installed[] {
  const folder = storeFolder();
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) => {
      try {
        const template = readTemplate(join(folder, name));
        return [{ template, origin: originOf(template.folder) }];
      } catch (error) {
        failed(join(folder, name), messageOf(error));
        return [];
      }
    });
}

function originOf(folder: string): Origin | undefined {
  try {
    const { git, dir, url } = parse(readFileSync(join(folder, RECORD), 'utf8'));
    if (typeof git === 'string') return { git };
    if (typeof dir === 'string') return { dir };
    return typeof url === 'string' ? { url } : undefined;
  } catch {
    return undefined;
  }
}

export function isInstalled(id: string): boolean {
  return existsSync(folderOf(id));
}

/** Copies a template into the store, in place of the one with its id. It was checked to hold nothing but files. */
export function putTemplate({ id, folder }: Template, origin: Origin): Template {
  const target = folderOf(id);
  const fresh = `${target}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  for (const part of ['metadata', 'content']) {
    if (existsSync(join(folder, part))) cpSync(join(folder, part), join(fresh, part), { recursive: true });
  }
  writeFileSync(join(fresh, RECORD), stringify(origin));
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
  return readTemplate(target);
}

/** False when there is none of the id. */
export function removeTemplate(id: string): boolean {
  if (!isInstalled(id)) return false;
  rmSync(folderOf(id), { recursive: true });
  return true;
}
