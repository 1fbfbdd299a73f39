// Makes src/host/wasi/signatures-0.2.json: the type of every function of WASI 0.2, from the WIT that jco ships.
// Run it by hand after an update of jco: `node scripts/wit-signatures.ts`. A test compares the file with what it makes.
import { readdir, readFile, writeFile } from 'node:fs/promises';
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

const VERSION = '0.2.12';

/** Interface without version → function → type. Sorted, so that the file changes only where types do. */
export type Signatures = Record<string, Record<string, string>>;

const world = `package mayfly:signatures;
world everything {
  include wasi:cli/imports@${VERSION};
  import wasi:clocks/timezone@${VERSION};
  import wasi:io/error@${VERSION};
  import wasi:http/types@${VERSION};
  import wasi:http/outgoing-handler@${VERSION};
}
`;

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const signaturesFile = path.join(root, 'src/host/wasi/signatures-0.2.json');

export async function makeSignatures(): Promise<Signatures> {
  return signaturesOf(decodeComponent(await importingEverything()));
}

/** A component that does nothing but import all of WASI. */
async function importingEverything(): Promise<Uint8Array> {
  const folder = path.join(root, 'node_modules/@bytecodealliance/jco/lib/wit/builtin', VERSION);
  const packages = await Promise.all(
    (await readdir(folder)).map((name) => readFile(path.join(folder, name, 'package.wit'), 'utf8')),
  );
  const witSource = [world, ...packages.map(nested)].join('\n');
  const core = await componentEmbed({ witSource, world: 'everything', dummy: true, features: { tag: 'all' } });
  return await componentNew(core, []);
}

/** One text can hold several packages when they are written in braces. */
function nested(wit: string): string {
  return `${wit.replace(/^package ([^;]+);/m, 'package $1 {')}\n}`;
}

/** Has whatever it is asked for, and calls resources by their full names. */
class AnyHost extends HostRegistry {
  override find(text: string): HostInterface {
    const { name, version } = parseVersionedName(text);
    const call = { call: () => undefined, suspends: false };
    const functions = new Proxy({}, { get: () => call });
    const resources = new Proxy({}, { get: (_, key) => this.#resource(`${name}/${String(key)}`) });
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
  const scope: TypeScope = { parent: undefined, types: [], coreTypes: [] };
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(signaturesFile, `${JSON.stringify(await makeSignatures(), undefined, 2)}\n`);
}
