// Chooses name and template of what `new` and `add` make: given on the command line, or asked for.
import { toKebab } from '../../app/names.ts';
import { MayflyError } from '../../errors.ts';
import { ask, canAsk } from './ask.ts';
import { findTemplate, listTemplates } from './catalogue.ts';
import type { Template } from './template-manifest.ts';

/** Gets the name. Throws `usage` if there is none and nobody to ask, and for a name that no component could have. */
export async function chooseName(given: string | undefined, kind: 'app' | 'component'): Promise<string> {
  const name = given ?? (canAsk() ? await ask(`Name of the ${kind}`) : undefined);
  if (name === undefined || name === '') {
    throw new MayflyError('usage', `The name of the ${kind} is missing`, { hint: `Give it, such as 'my-${kind}'` });
  }
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name) || toKebab(name) === '') {
    throw new MayflyError('usage', `"${name}" cannot be the name of ${kind === 'app' ? 'an' : 'a'} ${kind}`, {
      hint: 'Letters, digits, - and _ may stand in it, and it starts with a letter',
    });
  }
  return name;
}

/** Gets the template: the one that is named, else the only one with all of the tags, else the person's choice. */
export async function chooseTemplate(given: string | undefined, tags: readonly string[] = []): Promise<Template> {
  if (given !== undefined) return findTemplate(given);
  const all = listTemplates().map(({ template }) => template);
  const fit = all.filter((template) => tags.every((tag) => template.tags.includes(tag.toLowerCase())));
  if (fit.length === 0) {
    throw new MayflyError('template-unknown', `There is no template with the tags ${tags.join(', ')}`, {
      hint: "'mayfly templates list' shows all",
    });
  }
  const [only] = fit;
  if (tags.length > 0 && fit.length === 1 && only) return only;
  const list = fit.map(({ id, description }) => `${id} (${description})`);
  if (!canAsk()) {
    throw new MayflyError('usage', 'The template is missing', { hint: `Give '--template': ${list.join(', ')}` });
  }
  return findTemplate(await ask(`Template: ${list.join(', ')}`));
}
