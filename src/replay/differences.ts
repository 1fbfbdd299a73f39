// Where two values of recordings differ.
import type { Json } from './rendered.ts';

/** Gives the path of the first difference, as in `[1].headers[0]`; undefined where there is none. */
export function differenceAt(expected: Json | undefined, actual: Json | undefined, path = ''): string | undefined {
  if (Object.is(expected, actual)) return undefined;
  if (!isObject(expected) || !isObject(actual) || Array.isArray(expected) !== Array.isArray(actual)) return path;
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  for (const key of keys) {
    const inner = Array.isArray(expected) ? `${path}[${key}]` : `${path}.${key}`;
    const found = differenceAt(own(expected, key), own(actual, key), inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function valueAt(json: Json | undefined, path: string): Json | undefined {
  let at = json;
  for (const [, index, key] of path.matchAll(/\[(\d+)\]|\.([^.[]+)/g))
    at = isObject(at) ? own(at, index ?? key ?? '') : undefined;
  return at;
}

function isObject(json: Json | undefined): json is Exclude<Json, null | boolean | number | string> {
  return typeof json === 'object' && json !== null;
}

function own(of: object, key: string): Json | undefined {
  return Object.hasOwn(of, key) ? (of as { readonly [key: string]: Json })[key] : undefined;
}

/** A value in words, short enough for a line. */
export function shown(json: Json | undefined): string {
  const text = json === undefined ? 'nothing' : JSON.stringify(json);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
