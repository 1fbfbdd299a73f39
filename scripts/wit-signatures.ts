// Makes the files `signatures*.json` below src/host/: the type of every function of WASI, from the WIT that jco ships, and
// of WASI's release candidates and Spin's interfaces, from the wheel of spin-sdk; and those of our own (wit/). Run it by
// hand after an update of one of them: `node scripts/wit-signatures.ts`. Tests compare it with the files.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentEmbed, componentNew } from '@bytecodealliance/jco';
import type { Component, Definition, ExternDesc } from '../src/component/binary/ast.ts';
import { decodeComponent } from '../src/component/binary/decode.ts';
import { fullName, hostInstance } from '../src/component/link/host-instance.ts';
import { HostRegistry } from '../src/component/link/host-registry.ts';
import type { InstanceItem, TypeItem, TypeScope } from '../src/component/link/items.ts';
import { resolveDefType } from '../src/component/link/resolve-types.ts';
import { parseVersionedName } from '../src/component/link/version.ts';
import { printFuncType } from '../src/component/types/print.ts';
import type { HostInterface } from '../src/component/types/val-type.ts';
import { spinWitPackages } from './spin-wit.ts';

/** Interface without version → function → type. Sorted, so that the file changes only where types do. */
export type Signatures = Record<string, Record<string, string>>;

export type WasiVersion = '0.2' | '0.3';

/** Release candidates of WASI that apps of Spin import: the end of the file's name, and the version. */
export const candidateVersions = {
  '2023-10-18': '0.2.0-rc-2023-10-18',
  '2023-11-10': '0.2.0-rc-2023-11-10',
  '2026-03-15': '0.3.0-rc-2026-03-15',
} as const;
export type Candidate = keyof typeof candidateVersions;

interface Wit {
  /** Folder of jco's WIT. */
  readonly folder: string;
  /** What a world imports to import everything: what guests export, too. */
  readonly everything: readonly string[];
}

const wits: Readonly<Record<WasiVersion, Wit>> = {
  '0.2': {
    folder: '0.2.12',
    everything: [
      'include wasi:cli/imports@0.2.12',
      'import wasi:clocks/timezone@0.2.12',
      'import wasi:io/error@0.2.12',
      'import wasi:http/types@0.2.12',
      'import wasi:http/outgoing-handler@0.2.12',
      'import wasi:cli/run@0.2.12',
      'import wasi:http/incoming-handler@0.2.12',
    ],
  },
  '0.3': {
    folder: '0.3.0',
    everything: [
      'include wasi:cli/imports@0.3.0',
      'import wasi:clocks/timezone@0.3.0',
      'import wasi:http/types@0.3.0',
      'import wasi:http/client@0.3.0',
      'import wasi:cli/run@0.3.0',
      'import wasi:http/handler@0.3.0',
    ],
  },
};

/** Interfaces of the host services of Spin: the newest version of each track. Unversioned ones are of 2023. */
export const spinInterfaces: Readonly<Record<string, readonly string[]>> = {
  'key-value': [
    'fermyon:spin/key-value',
    'fermyon:spin/key-value@2.0.0',
    'spin:key-value/key-value@3.0.0',
    'wasi:keyvalue/store@0.2.0-draft2',
    'wasi:keyvalue/batch@0.2.0-draft2',
    'wasi:keyvalue/atomics@0.2.0-draft2',
  ],
  llm: ['fermyon:spin/llm', 'fermyon:spin/llm@2.0.0'],
  mqtt: ['fermyon:spin/mqtt@2.0.0', 'spin:mqtt/mqtt@3.0.0'],
  mysql: ['fermyon:spin/mysql', 'fermyon:spin/mysql@2.0.0', 'spin:mysql/mysql@3.0.0'],
  otel: ['wasi:otel/tracing@0.2.0-rc.2', 'wasi:otel/metrics@0.2.0-rc.2', 'wasi:otel/logs@0.2.0-rc.2'],
  'outbound-http': ['fermyon:spin/http'],
  postgres: [
    'fermyon:spin/postgres',
    'fermyon:spin/postgres@2.0.0',
    'spin:postgres/postgres@3.0.0',
    'spin:postgres/postgres@4.2.0',
  ],
  redis: ['fermyon:spin/redis', 'fermyon:spin/redis@2.0.0', 'spin:redis/redis@3.0.0'],
  sqlite: ['fermyon:spin/sqlite', 'fermyon:spin/sqlite@2.0.0', 'spin:sqlite/sqlite@3.1.0'],
  variables: [
    'fermyon:spin/config',
    'fermyon:spin/variables@2.0.0',
    'spin:variables/variables@3.0.0',
    'wasi:config/store@0.2.0-draft-2024-09-27',
  ],
};

/** Interfaces that components export for triggers of Spin, by the type of the triggers. */
export const triggerInterfaces: Readonly<Record<string, readonly string[]>> = {
  redis: ['fermyon:spin/inbound-redis', 'spin:redis/inbound-redis@3.0.0'],
};

/** Our own interfaces (wit/): those of host services, and those that components export for triggers, by their folders. */
export const ownInterfaces: Readonly<Record<string, readonly string[]>> = {
  'src/host/websocket': ['mayfly:websocket/connections@0.1.0'],
  'src/triggers/websocket': ['mayfly:websocket/handler@0.1.0'],
};

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

export function signaturesFile(version: WasiVersion | Candidate): string {
  return path.join(root, `src/host/wasi/signatures-${version}.json`);
}

export async function makeSignatures(version: WasiVersion): Promise<Signatures> {
  const { folder, everything } = wits[version];
  const place = path.join(root, 'node_modules/@bytecodealliance/jco/lib/wit/builtin', folder);
  const packages = await Promise.all(
    (await readdir(place)).map((name) => readFile(path.join(place, name, 'package.wit'), 'utf8')),
  );
  return signaturesOfWit(packages.map(nested), everything);
}

/** Needs the wheel: see spin-wit.ts. */
export async function makeCandidateSignatures(candidate: Candidate): Promise<Signatures> {
  const version = candidateVersions[candidate];
  const packages = spinWitPackages().filter((text) => text.split('\n', 1)[0]?.endsWith(`@${version} {`));
  return signaturesOfWit(
    packages,
    packages.flatMap((text) => interfacesIn(text).map((name) => `import ${name}@${version}`)),
  );
}

/** Their names without a version. */
function interfacesIn(packageText: string): string[] {
  const [, packageName] = /^package ([^@ ]+)/.exec(packageText) ?? [];
  return [...packageText.matchAll(/^\s*interface ([\w-]+)/gm)].map(([, name]) => `${packageName}/${name}`);
}

export function spinSignaturesFile(service: string): string {
  return path.join(root, `src/host/${service}/signatures.json`);
}

export function triggerSignaturesFile(type: string): string {
  return path.join(root, `src/triggers/${type}/signatures.json`);
}

/** By the full name of each interface, version included. Needs the wheel: see spin-wit.ts. */
export function makeSpinSignatures(interfaces: readonly string[] = []): Promise<Signatures> {
  return signaturesByName(spinWitPackages(), interfaces);
}

export function ownSignaturesFile(folder: string): string {
  return path.join(root, folder, 'signatures.json');
}

export async function makeOwnSignatures(interfaces: readonly string[] = []): Promise<Signatures> {
  const files = (await readdir(path.join(root, 'wit'))).filter((name) => name.endsWith('.wit'));
  const texts = await Promise.all(files.map((name) => readFile(path.join(root, 'wit', name), 'utf8')));
  return signaturesByName(texts.map(nested), interfaces);
}

async function signaturesByName(packages: readonly string[], interfaces: readonly string[]): Promise<Signatures> {
  const found: Signatures = {};
  for (const name of interfaces) {
    const all = await signaturesOfWit(packages, [`import ${name}`]);
    const own = all[parseVersionedName(name).name];
    if (own === undefined) throw new Error(`The WIT has no ${name}`);
    found[name] = own;
  }
  return found;
}

/** `packages` in braces, `imports` as they stand in a world. */
export async function signaturesOfWit(packages: readonly string[], imports: readonly string[]): Promise<Signatures> {
  const world = `package mayfly:signatures;\nworld everything {\n${imports.map((line) => `${line};\n`).join('')}}`;
  const witSource = [world, ...packages].join('\n');
  const core = await componentEmbed({ witSource, world: 'everything', dummy: true, features: { tag: 'all' } });
  // A component that does nothing but import all of it.
  return signaturesOf(decodeComponent(await componentNew(core, [])));
}

/** One text can hold several packages when they are written in braces. */
function nested(wit: string): string {
  return `${wit.replace(/^package ([^;]+);/m, 'package $1 {')}\n}`;
}

/** Has a property of its own for every name. */
function anything<T>(of: (key: string) => T): Record<string, T> {
  return new Proxy<Record<string, T>>(
    {},
    {
      get: (_, key) => of(String(key)),
      getOwnPropertyDescriptor: (_, key) => ({ value: of(String(key)), configurable: true, enumerable: true }),
    },
  );
}

/** Has whatever it is asked for, and calls resources by their full names. */
class AnyHost extends HostRegistry {
  override find(text: string): HostInterface {
    const { name, version } = parseVersionedName(text);
    const call = { call: () => undefined, suspends: false };
    const functions = anything(() => call);
    const resources = anything((key) => this.#resource(`${name}/${key}`));
    return { name, version, functions, resources, service: 'any' };
  }
  readonly #known = new Map<string, { readonly name: string }>();

  #resource(name: string): { readonly name: string } {
    const known = this.#known.get(name) ?? { name };
    this.#known.set(name, known);
    return known;
  }
}

function signaturesOf(component: Component): Signatures {
  const host = { registry: new AnyHost(), slotOf: () => 0 };
  const scope: TypeScope = { parent: undefined, types: [] };
  const instances: InstanceItem[] = [];
  const found: [string, Record<string, string>][] = [];
  for (const definition of component.definitions) {
    if (definition.kind === 'type' && definition.type.kind !== 'resource') {
      scope.types.push(resolveDefType(definition.type, scope));
    } else if (definition.kind === 'alias') {
      const type = aliasedType(definition, instances);
      if (type) scope.types.push(type);
    } else if (definition.kind === 'import') {
      const name = fullName(definition.name);
      const instance = hostInstance(name, instanceType(definition.desc, scope), host);
      instances.push(instance);
      found.push([parseVersionedName(name).name, functionsOf(instance)]);
    }
  }
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function instanceType(desc: ExternDesc, scope: TypeScope): Extract<TypeItem, { kind: 'instance' }> {
  const type = desc.kind === 'instance' ? scope.types[desc.type] : undefined;
  if (type?.kind !== 'instance') throw new Error('the world imports something that is no instance');
  return type;
}

function aliasedType(
  { sort, target }: Extract<Definition, { kind: 'alias' }>,
  instances: readonly InstanceItem[],
): TypeItem | undefined {
  if (sort.core || sort.sort !== 'type' || target.kind !== 'export') return undefined;
  const item = instances[target.instance]?.exports.get(target.name);
  if (item?.kind !== 'type') throw new Error(`alias to "${target.name}", which is no type`);
  return item.item;
}

function functionsOf(instance: InstanceItem): Record<string, string> {
  const functions: [string, string][] = [];
  for (const [name, item] of instance.exports) {
    if (item.kind === 'func') functions.push([name, printFuncType(item.item.type)]);
  }
  return Object.fromEntries(functions.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function store(file: string, signatures: Signatures): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(signatures, undefined, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [folder, interfaces] of Object.entries(ownInterfaces)) {
    await store(ownSignaturesFile(folder), await makeOwnSignatures(interfaces));
  }
  for (const version of ['0.2', '0.3'] as const) await store(signaturesFile(version), await makeSignatures(version));
  for (const candidate of Object.keys(candidateVersions) as Candidate[]) {
    await store(signaturesFile(candidate), await makeCandidateSignatures(candidate));
  }
  for (const [service, interfaces] of Object.entries(spinInterfaces)) {
    await store(spinSignaturesFile(service), await makeSpinSignatures(interfaces));
  }
  for (const [type, interfaces] of Object.entries(triggerInterfaces)) {
    await store(triggerSignaturesFile(type), await makeSpinSignatures(interfaces));
  }
}
