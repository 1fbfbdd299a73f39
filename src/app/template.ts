// Templates such as `https://{{ host }}/v1`, by which component variables and allowed hosts refer to app variables.
// They are parsed and filled in here; the variables service finds the values.
import { MayflyError } from '../errors.ts';

export type TemplatePart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string };

export type Template = readonly TemplatePart[];

/**
 * Splits a template into its parts. Text outside `{{ … }}` stands for itself, `}}` included, as in Spin.
 * Throws `manifest-variable` for a `{{` that is never closed and for an expression that is no variable name.
 */
export function parseTemplate(text: string): Template {
  const parts: TemplatePart[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{{', at);
    if (open !== at) parts.push({ kind: 'literal', text: text.slice(at, open === -1 ? undefined : open) });
    if (open === -1) break;
    const close = text.indexOf('}}', open);
    if (close === -1) {
      throw new MayflyError('manifest-variable', `'{{' is never closed in "${text}"`, { hint: "Add '}}'" });
    }
    parts.push({ kind: 'variable', name: expression(text.slice(open + 2, close).trim(), text) });
    at = close + 2;
  }
  return parts;
}

function expression(name: string, template: string): string {
  if (/^[a-z][a-z0-9_]*$/.test(name)) return name;
  throw new MayflyError('manifest-variable', `'{{ ${name} }}' in "${template}" is not the name of a variable`, {
    hint: "Write the name of an entry of [variables] between the braces, such as '{{ api_host }}'",
  });
}

/** Whether the template needs no variable. */
export function isLiteral(template: Template): boolean {
  return template.every((part) => part.kind === 'literal');
}

/** The names to which the template refers, in order, repeated ones once. */
export function variablesOf(template: Template): readonly string[] {
  return [...new Set(template.flatMap((part) => (part.kind === 'variable' ? [part.name] : [])))];
}

/** Puts values in the place of names; `lookUp` throws for a name that has no value. */
export function expandTemplate(template: Template, lookUp: (name: string) => string): string {
  return template.map((part) => (part.kind === 'literal' ? part.text : lookUp(part.name))).join('');
}
