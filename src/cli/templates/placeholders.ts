// Fills in placeholders in the files of a template: `{{project-name}}`, `{{project-name | kebab_case}}`.
import { toKebab } from '../../app/names.ts';

const filters: Readonly<Record<string, (text: string) => string>> = {
  kebab_case: toKebab,
  snake_case: (text) => toKebab(text).replaceAll('-', '_'),
  pascal_case: (text) =>
    toKebab(text)
      .split('-')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(''),
};

/**
 * Puts values in the place of their names. With `escapes`, values are written for the inside of a JSON or TOML string.
 * Braces that hold no known name stay: they may be the manifest's own expressions.
 */
export function fillIn(text: string, values: Readonly<Record<string, string>>, escapes: boolean): string {
  return text.replace(/\{\{ ?([a-z-]+)(?: ?\| ?([a-z_]+))? ?\}\}/g, (whole, name: string, filter?: string) => {
    if (!Object.hasOwn(values, name) || (filter !== undefined && !Object.hasOwn(filters, filter))) return whole;
    const apply = filter === undefined ? (value: string) => value : filters[filter]!;
    const value = apply(values[name]!);
    return escapes ? JSON.stringify(value).slice(1, -1) : value;
  });
}
