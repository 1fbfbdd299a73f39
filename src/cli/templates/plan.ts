// What a template writes in a place: everything is rendered and checked before the first file is touched.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'smol-toml';
import { MayflyError, messageOf } from '../../errors.ts';
import { renderLiquid } from './liquid/render.ts';
import { appendSnippet, mergeVariables } from './merge-manifest.ts';
import type { ResolvedVariant } from './resolve-variant.ts';
import type { Template } from './template-manifest.ts';

export interface Plan {
  /** Contents by the absolute paths of the files. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Absolute paths of folders that are made. */
  readonly folders: readonly string[];
  /** The manifest as it will be, for a component that is added. */
  readonly manifest?: { readonly file: string; readonly text: string };
}

export interface Place {
  /** The absolute path of the new app's or component's folder. */
  readonly folder: string;
  /** The manifest to which a component is added; undefined for a new app. */
  readonly manifest?: string | undefined;
  readonly values: Readonly<Record<string, string>>;
  /** Whether files for git are left out. */
  readonly withoutGit: boolean;
}

/** Throws `template-invalid` for what cannot be rendered, leads elsewhere, or would break the manifest. */
export function planOutput(template: Template, variant: ResolvedVariant, place: Place): Plan {
  const partials = readTexts(join(template.folder, 'metadata', 'partials'));
  const render = (text: string, name: string): string => {
    const escapes = /\.(toml|json)$/.test(name);
    return renderLiquid(text, { values: place.values, partials, ...(escapes && { escape: asInnerText }) });
  };
  const content = join(template.folder, 'content');
  const files = new Map<string, string | Uint8Array>();
  for (const file of contentFiles(content)) {
    if (variant.skipFiles.has(file)) continue;
    const name = file.replace(/\.tmpl$/, '');
    if (place.withoutGit && basename(name) === '.gitignore') continue;
    const bytes = readFileSync(join(content, file));
    const text = decode(bytes);
    files.set(join(place.folder, name), text === undefined ? bytes : render(text, name));
  }
  const base = { component: place.folder, manifest: place.manifest ? dirname(place.manifest) : place.folder };
  const folders = template.folders.map(({ path, at }) => inside(base[at], render(path, '')));
  const manifest = place.manifest && planManifest(template, variant, place.manifest, (text) => render(text, '.toml'));
  if (files.size + folders.length === 0 && !manifest) {
    throw new MayflyError('template-invalid', `The template "${template.id}" makes nothing here`);
  }
  return { files, folders, ...(manifest && { manifest }) };
}

/** As it stands inside of a string of TOML or JSON. */
function asInnerText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function planManifest(
  template: Template,
  { snippets }: ResolvedVariant,
  file: string,
  render: (text: string) => string,
): Plan['manifest'] {
  const folder = join(template.folder, 'metadata', 'snippets');
  let text = readFileSync(file, 'utf8');
  for (const [kind, name] of snippets) {
    if (/[\\/]/.test(name) || !existsSync(join(folder, name))) throw invalid(`There is no snippet "${name}"`);
    const snippet = render(readFileSync(join(folder, name), 'utf8'));
    if (kind === 'variables') text = mergeVariables(text, snippet);
    else if (kind === 'component' || kind === 'application_trigger') text = appendSnippet(text, snippet);
    else throw invalid(`There is no use for a snippet "${kind}"`);
  }
  try {
    parse(text);
  } catch (cause) {
    throw invalid(`The manifest would not be valid any more: ${messageOf(cause).split('\n')[0]}`, cause);
  }
  return { file, text };
}

function contentFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

function readTexts(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  return new Map(contentFiles(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** The text of a file; undefined for one that is no text in UTF-8, and is copied as it is. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function inside(folder: string, path: string): string {
  if (path === '' || isAbsolute(path) || path.split(/[\\/]/).includes('..')) {
    throw invalid(`It would make the folder "${path}", outside of the new one`);
  }
  return resolve(folder, path);
}

function invalid(message: string, cause?: unknown): MayflyError {
  return new MayflyError('template-invalid', message, { cause });
}
