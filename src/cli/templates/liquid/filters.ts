// The filters of templates: Spin's own, and those of Liquid that are about text.
import type { Value } from './expressions.ts';

type Filter = (input: string, ...args: string[]) => Value;

/** The words of a name, split as Spin's crate `heck` does: at other characters, at `aB`, and before the last of `ABc`. */
function wordsOf(text: string): string[] {
  return text
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
const lowered = (text: string, separator: string): string => wordsOf(text).join(separator).toLowerCase();
const pascal = (text: string): string => wordsOf(text).map(capitalized).join('');

const filters: Readonly<Record<string, Filter>> = {
  kebab_case: (text) => lowered(text, '-'),
  snake_case: (text) => lowered(text, '_'),
  pascal_case: pascal,
  dotted_pascal_case: (text) => text.split('.').map(pascal).join('.'),
  http_wildcard: (route) => (route.endsWith('/...') ? route : `${route.replace(/\/$/, '')}/...`),
  append: (text, more = '') => text + more,
  capitalize: capitalized,
  default: (text, fallback = '') => (text === '' ? fallback : text),
  downcase: (text) => text.toLowerCase(),
  lstrip: (text) => text.trimStart(),
  prepend: (text, before = '') => before + text,
  remove: (text, part = '') => text.replaceAll(part, ''),
  remove_first: (text, part = '') => text.replace(part, () => ''),
  replace: (text, part = '', other = '') => text.replaceAll(part, () => other),
  replace_first: (text, part = '', other = '') => text.replace(part, () => other),
  rstrip: (text) => text.trimEnd(),
  size: (text) => [...text].length,
  slice: (text, from = '0', length = '1') => [...text].slice(...sliceOf(Number(from), Number(length))).join(''),
  split: (text, separator = ' ') => text.split(separator),
  strip: (text) => text.trim(),
  strip_newlines: (text) => text.replace(/\r?\n/g, ''),
  upcase: (text) => text.toUpperCase(),
};

function sliceOf(from: number, length: number): [number, number | undefined] {
  const end = from + length;
  return [from, from < 0 && end >= 0 ? undefined : end];
}

/** Filters of lists, such as `split` makes. */
const listFilters: Readonly<Record<string, (list: readonly string[], ...args: string[]) => Value>> = {
  first: (list) => list[0] ?? null,
  join: (list, separator = ' ') => list.join(separator),
  last: (list) => list.at(-1) ?? null,
  reverse: (list) => [...list].reverse(),
  size: (list) => list.length,
};

export function isFilter(name: string): boolean {
  return Object.hasOwn(filters, name) || Object.hasOwn(listFilters, name);
}

export function applyFilter(name: string, input: Value, args: readonly Value[]): Value {
  const texts = args.map(textOf);
  if (Array.isArray(input) && Object.hasOwn(listFilters, name)) return listFilters[name]!(input, ...texts);
  const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
  return filter ? filter(textOf(input), ...texts) : input;
}

export function textOf(value: Value): string {
  if (value === null) return '';
  return Array.isArray(value) ? value.join('') : String(value);
}
