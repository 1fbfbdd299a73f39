// What a template does in one place: its variant, after the conditions that the manifest there meets.
import { asTable } from '../../app/manifest/document.ts';
import { MayflyError } from '../../errors.ts';
import type { Parameter, Template } from './template-manifest.ts';

export interface ResolvedVariant {
  readonly skipFiles: ReadonlySet<string>;
  readonly snippets: ReadonlyMap<string, string>;
  /** The parameters that are asked for. */
  readonly parameters: readonly Parameter[];
}

/**
 * Resolves the variant for a new app, or for a component of the app whose manifest is given. Throws `template-invalid`
 * when the template has none.
 */
export function resolveVariant(template: Template, manifest: unknown): ResolvedVariant {
  const variant = manifest === undefined ? template.newApp : template.addComponent;
  if (!variant) {
    const what = manifest === undefined ? 'a whole app' : 'a component to an app';
    throw new MayflyError('template-invalid', `The template "${template.id}" cannot make ${what}`, {
      hint: manifest === undefined ? "Use it with 'mayfly add'" : "Use it with 'mayfly new'",
    });
  }
  const met = variant.conditions.filter(({ entry }) => hasEntry(manifest, entry));
  const skipped = new Set([variant, ...met].flatMap(({ skipParameters }) => skipParameters));
  const withoutSnippets = new Set(met.flatMap(({ skipSnippets }) => skipSnippets));
  return {
    skipFiles: new Set([variant, ...met].flatMap(({ skipFiles }) => skipFiles)),
    snippets: new Map(Object.entries(variant.snippets).filter(([kind]) => !withoutSnippets.has(kind))),
    parameters: template.parameters.filter(({ id }) => !skipped.has(id)),
  };
}

function hasEntry(manifest: unknown, keys: readonly string[]): boolean {
  let at: unknown = manifest;
  for (const key of keys) {
    const table = asTable(at);
    if (!table || !Object.hasOwn(table, key)) return false;
    at = table[key];
  }
  return at !== undefined;
}
