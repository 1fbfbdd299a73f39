// Which registry a package is in when the manifest does not say: what the configuration of wkg on this machine has, in
// the folder `wasm-pkg` of the user's configuration.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { MayflyError, messageOf } from '../errors.ts';
import { configOfUser } from '../home.ts';

/** Where packages of these namespaces are when nothing is configured, as wkg has it. */
const fallbacks = new Map([
  ['wasi', 'wasi.dev'],
  ['ba', 'bytecodealliance.org'],
]);

type Table = Readonly<Record<string, unknown>>;

/** The host for a package `namespace:name`; undefined when nothing is configured. Throws `source-unavailable`. */
export function configuredRegistry(name: string, file = defaultFile()): string | undefined {
  const config = read(file);
  const [namespace = ''] = name.split(':');
  const { package_registry_overrides: packages, namespace_registries: namespaces } = config;
  const configured = textAt(packages, name) ?? textAt(namespaces, namespace) ?? textAt(config, 'default_registry');
  return configured ?? fallbacks.get(namespace);
}

function defaultFile(): string {
  return join(configOfUser(), 'wasm-pkg', 'config.toml');
}

function read(file: string): Table {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  try {
    return parse(text);
  } catch (cause) {
    const message = `The configuration of registries in ${file} is not valid TOML: ${messageOf(cause).split('\n')[0]}`;
    throw new MayflyError('source-unavailable', message, { cause });
  }
}

/** A host is a text, or a table with `registry` in it. */
function textAt(table: unknown, key: string): string | undefined {
  const value =
    typeof table === 'object' && table !== null && Object.hasOwn(table, key) ? (table as Table)[key] : undefined;
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? textAt(value, 'registry') : undefined;
}
