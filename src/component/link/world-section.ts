// Reads the forms in which a custom section `component-type…` has held a world, from wit-bindgen 0.7 on. What is in the
// world is not looked at here.

import { MayflyError } from '../../errors.ts';
import type { Component, Declaration, DefType } from '../binary/ast.ts';
import { decodeComponent } from '../binary/decode.ts';
import { looksLikeComponent, PREAMBLE_LENGTH } from '../binary/preamble.ts';
import { Reader } from '../binary/reader.ts';
import type { StringEncoding } from '../types/string-encoding.ts';
import { validateComponent } from '../validate/validate.ts';

/** A world is a component type. */
export type WorldType = Extract<DefType, { kind: 'component' }>;

export interface WorldSection {
  readonly encoding: StringEncoding | undefined;
  readonly worlds: readonly WorldType[];
}

/**
 * Reads the worlds of a section. Throws `component-corrupt` for a section without a world and `component-unsupported`
 * for an unknown form.
 */
export function worldsOfSection(contents: Uint8Array, name: string): WorldSection {
  const reader = Reader.over(contents, 'component', `the section "${name}"`);
  reader.name();
  const payload = reader.take(reader.remaining);
  return looksLikeComponent(payload) ? currentForm(payload, name) : olderForm(payload, name);
}

/**
 * Reads the current form: a component that has the world as its only type, wrapped in another one that exports it by
 * its name.
 */
function currentForm(payload: Uint8Array, section: string): WorldSection {
  const types = decodeValid(payload).definitions.flatMap((one) => (one.kind === 'type' ? [one.type] : []));
  const worlds = types.map((type) => {
    const world = type.kind === 'component' ? onlyWorld(type.declarations) : undefined;
    if (!world) throw new MayflyError('component-corrupt', `The section "${section}" holds no world`);
    return world;
  });
  return { encoding: encodingOf(payload), worlds };
}

/** Gives the world in its wrapper, which holds no other. */
function onlyWorld(declarations: readonly Declaration[]): WorldType | undefined {
  const types = declarations.flatMap((one) => (one.kind === 'type' ? [one.type] : []));
  const [world, ...others] = types.filter((type) => type.kind === 'component');
  return others.length === 0 ? world : undefined;
}

const OLDER_VERSION = 3;

/**
 * Reads what bindings generators left from May to the end of 2023, including those of Spin's SDKs for Rust from 1.4 to
 * 3: a version, the encoding of strings, the name of the world, and a component that holds it among all else of its
 * package.
 */
function olderForm(payload: Uint8Array, section: string): WorldSection {
  const reader = Reader.over(payload, 'component', `the section "${section}"`);
  if (reader.atEnd || reader.byte() !== OLDER_VERSION) throw unreadable(section);
  const encoding = ENCODINGS[reader.byte()];
  const name = reader.name();
  const component = reader.take(reader.remaining);
  if (!looksLikeComponent(component)) throw unreadable(section);
  const { definitions } = decodeValid(component);
  const type = exportedWorld(definitions, name) ?? packagedWorld(definitions, name);
  if (!type) throw new MayflyError('component-corrupt', `The section "${section}" holds no world "${name}"`);
  return { encoding, worlds: [type] };
}

/**
 * Reads the package form of August 2023 and later: each interface and each world of the package is an export of its
 * own.
 */
function exportedWorld(definitions: Component['definitions'], name: string): WorldType | undefined {
  const types: (DefType | undefined)[] = [];
  for (const one of definitions) {
    if (one.kind === 'type') types.push(one.type);
    if (one.kind !== 'export' || one.sort.sort !== 'type') continue;
    const type = types[one.index];
    if (one.name.name === name && type?.kind === 'component') return onlyWorld(type.declarations);
    types.push(type);
  }
  return undefined;
}

/**
 * Reads the package form of before August 2023: the one type of the component is the package, which exports its worlds
 * under their full names.
 */
function packagedWorld(definitions: Component['definitions'], name: string): WorldType | undefined {
  const packages = definitions.flatMap((one) => (one.kind === 'type' ? [one.type] : []));
  const found = packages.flatMap((type) => (type.kind === 'component' ? worldsNamed(type.declarations, name) : []));
  return found.length === 1 ? found[0] : undefined;
}

/** Finds the worlds with a name, without package and version: `fermyon:spin/reactor@2.0.0` is `reactor`. */
function worldsNamed(declarations: readonly Declaration[], name: string): WorldType[] {
  const types: (DefType | undefined)[] = [];
  const found: WorldType[] = [];
  for (const one of declarations) {
    if (one.kind === 'type') types.push(one.type);
    else if (addsType(one)) types.push(undefined);
    if (one.kind !== 'export' || one.desc.kind !== 'component') continue;
    const type = types[one.desc.type];
    const [, own] = /^[^/]+\/([^@]+)/.exec(one.name.name) ?? [];
    if (own === name && type?.kind === 'component') found.push(type);
  }
  return found;
}

function addsType(one: Declaration): boolean {
  if (one.kind === 'alias') return !one.sort.core && one.sort.sort === 'type';
  return (one.kind === 'import' || one.kind === 'export') && one.desc.kind === 'type';
}

function decodeValid(bytes: Uint8Array): Component {
  const component = decodeComponent(bytes);
  validateComponent(component);
  return component;
}

function unreadable(section: string): MayflyError {
  return new MayflyError('component-unsupported', `The section "${section}" is of a form that is not known`, {
    hint: 'Build the module again with current tools',
  });
}

const ENCODINGS: readonly StringEncoding[] = ['utf8', 'utf16', 'latin1+utf16'];
const CUSTOM_SECTION = 0;

/** Reads the custom section `wit-component-encoding`: a version, and the encoding of strings. */
function encodingOf(payload: Uint8Array): StringEncoding | undefined {
  const reader = Reader.over(payload, 'component');
  reader.take(PREAMBLE_LENGTH);
  while (!reader.atEnd) {
    const id = reader.byte();
    const section = reader.window(reader.u32(), 'a section');
    if (id !== CUSTOM_SECTION || section.name() !== 'wit-component-encoding') continue;
    section.byte();
    return ENCODINGS[section.byte()];
  }
  return undefined;
}
