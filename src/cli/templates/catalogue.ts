// The templates that Mayfly brings: a folder for each, described by its `template.json`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../../app/suggest.ts';
import { MayflyError } from '../../errors.ts';
import { home } from '../installation.ts';

export interface Parameter {
  readonly prompt: string;
  readonly default: string;
}

export interface Template {
  readonly id: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** The folder with the files of a new app, or, without those beside `spin.toml`, of a new component. */
  readonly content: string;
  /** The manifest's tables for one component, which `mayfly add` appends. */
  readonly component: string;
  /** The paths in `content` that only an app has, not a component that is added to one. */
  readonly appOnly: readonly string[];
}

const folder = join(home, 'templates');

export function listTemplates(): Template[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readTemplate(name))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function readTemplate(id: string): Template {
  const text = readFileSync(join(folder, id, 'template.json'), 'utf8');
  const metadata = JSON.parse(text) as Pick<Template, 'description' | 'parameters' | 'appOnly'>;
  return { id, ...metadata, content: join(folder, id, 'content'), component: join(folder, id, 'component.toml') };
}

/** Finds a template by its id. Throws `template-unknown`. */
export function findTemplate(id: string): Template {
  const templates = listTemplates();
  const found = templates.find((template) => template.id === id);
  if (found) return found;
  const meant = nearest(
    id,
    templates.map((template) => template.id),
  );
  throw new MayflyError('template-unknown', `There is no template "${id}"`, {
    hint: `${meant ? `Did you mean '${meant}'? ` : ''}There are: ${templates.map((template) => template.id).join(', ')}`,
  });
}
