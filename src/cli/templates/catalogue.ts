// The templates that `new` and `add` can use: those that are installed, and those that Mayfly brings.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../../app/suggest.ts';
import { MayflyError } from '../../errors.ts';
import { home } from '../../home.ts';
import { installedTemplates, type Origin } from './store.ts';
import { readTemplate, type Template } from './template-manifest.ts';

export interface Listed {
  readonly template: Template;
  /** Undefined for one whose origin is not known. */
  readonly origin: Origin | 'built-in' | undefined;
}

/** All templates by id. One that is installed takes the place of one that Mayfly brings. */
export function listTemplates(failed?: (folder: string, reason: string) => void): Listed[] {
  const installed: Listed[] = installedTemplates(failed);
  const ids = new Set(installed.map(({ template }) => template.id));
  const own = builtInTemplates().filter(({ id }) => !ids.has(id));
  const all: Listed[] = [...installed, ...own.map((template) => ({ template, origin: 'built-in' as const }))];
  return all.sort((a, b) => (a.template.id < b.template.id ? -1 : 1));
}

export function builtInTemplates(): Template[] {
  const folder = join(home, 'templates');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readTemplate(join(folder, name)));
}

/** Finds a template by its id. Throws `template-unknown`. */
export function findTemplate(id: string): Template {
  const ids = listTemplates().map(({ template }) => template.id);
  const found = listTemplates().find(({ template }) => template.id === id);
  if (found) return found.template;
  const meant = nearest(id, ids);
  throw new MayflyError('template-unknown', `There is no template "${id}"`, {
    hint: `${meant ? `Did you mean '${meant}'? ` : ''}There are: ${ids.join(', ')}; 'mayfly templates install' gets others`,
  });
}
