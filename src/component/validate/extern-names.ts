// The syntax of labels and of the names of imports and exports, and when two of them are too alike.
// design/mvp/Explainer.md#import-and-export-definitions, #name-uniqueness

import { invalid } from './invalid.ts';

export type ParsedName =
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'constructor'; readonly resource: string }
  | { readonly kind: 'method' | 'static'; readonly resource: string; readonly member: string }
  | { readonly kind: 'interface'; readonly version: string | undefined };

const LABEL = /^(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*$/;
const WORDS = /^[a-z][0-9a-z]*(?:-[0-9a-z]+)*$/;
const NUMBER = '(?:0|[1-9][0-9]*)';
const PRERELEASE_PART = '(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)';
/** A semantic version, as https://semver.org defines it. */
const SEMVER = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRERELEASE_PART}(?:\\.${PRERELEASE_PART})*)?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`,
);
const CANONICAL_VERSION = /^(?:[1-9][0-9]*|0\.[1-9][0-9]*|0\.0\.[1-9][0-9]*|0\.0\.0)$/;
const ANNOTATED = /^\[([a-z]+)\](.*)$/s;

function checkLabel(label: string, what: string): void {
  if (label === '') invalid(`The ${what} is empty`);
  if (!LABEL.test(label)) invalid(`The ${what} "${label}" is not in kebab case`);
}

export function parseExternName(name: string): ParsedName {
  const annotated = ANNOTATED.exec(name);
  if (annotated) return parseAnnotated(name, annotated[1]!, annotated[2]!);
  if (name.includes(':')) return parseInterfaceName(name);
  checkLabel(name, 'name');
  return { kind: 'label', label: name };
}

function parseAnnotated(name: string, kind: string, rest: string): ParsedName {
  if (kind === 'constructor') {
    checkLabel(rest, `resource in "${name}"`);
    return { kind, resource: rest };
  }
  if (kind !== 'method' && kind !== 'static') invalid(`Unknown annotation "[${kind}]" in "${name}"`);
  const dot = rest.indexOf('.');
  if (dot < 0) invalid(`The name "${name}" has no "."`);
  const resource = rest.slice(0, dot);
  const member = rest.slice(dot + 1);
  checkLabel(resource, `resource in "${name}"`);
  checkLabel(member, `function in "${name}"`);
  return { kind, resource, member };
}

/** Parses `namespace:package/interface@version`. */
export function parseInterfaceName(name: string): ParsedName & { readonly kind: 'interface' } {
  const at = name.indexOf('@');
  const version = at < 0 ? undefined : name.slice(at + 1);
  const parts = /^([^:/]*):([^:/]*)\/([^:/]*)$/.exec(at < 0 ? name : name.slice(0, at));
  const [, namespace, packageName, projection] = parts ?? invalid(`"${name}" is not the name of an interface`);
  for (const words of [namespace!, packageName!]) {
    if (!WORDS.test(words)) invalid(`"${words}" in "${name}" is not in kebab case without capitals`);
  }
  checkLabel(projection!, `interface in "${name}"`);
  if (version !== undefined && !SEMVER.test(version) && !CANONICAL_VERSION.test(version)) {
    invalid(`"${version}" in "${name}" is not a version`);
  }
  return { kind: 'interface', version };
}

/** Checks the `versionsuffix`, which completes a canonical version to a full one. */
export function checkVersionSuffix(parsed: ParsedName, suffix: string): void {
  const version = parsed.kind === 'interface' ? parsed.version : undefined;
  if (version === undefined || !CANONICAL_VERSION.test(version)) {
    invalid('A version suffix needs an interface name with a canonical version');
  }
  if (!SEMVER.test(version + suffix)) invalid(`"${version}${suffix}" is not a version`);
}

/** The canonical form of a name: two names are strongly unique if their canonical forms differ. */
export function canonicalName(name: string): string {
  const annotated = ANNOTATED.exec(name);
  const [kind, rest] = annotated ? [annotated[1], annotated[2]!.toLowerCase()] : [undefined, lowerCase(name)];
  if (kind === 'constructor') return `[constructor]${rest}`;
  const [resource, member] = rest.split('.', 2);
  return resource === member ? resource! : rest;
}

/** The name in lower case, except its version. */
function lowerCase(name: string): string {
  const at = name.indexOf('@');
  return at < 0 ? name.toLowerCase() : name.slice(0, at).toLowerCase() + name.slice(at);
}

/** The names seen so far, by their canonical form. */
export type NameSet = Map<string, string>;

export function addName(names: NameSet, name: string, what: string): void {
  const canonical = canonicalName(name);
  const previous = names.get(canonical);
  if (previous !== undefined) invalid(`The ${what} name "${name}" conflicts with the previous name "${previous}"`);
  names.set(canonical, name);
}

/** Checks the labels of one record, variant, enum, flags or parameter list: kebab case, and strongly unique. */
export function checkLabels(labels: Iterable<string>, what: string): void {
  const seen = new Map<string, string>();
  for (const label of labels) {
    checkLabel(label, what);
    const previous = seen.get(label.toLowerCase());
    if (previous !== undefined) invalid(`The ${what} "${label}" conflicts with the previous ${what} "${previous}"`);
    seen.set(label.toLowerCase(), label);
  }
}
