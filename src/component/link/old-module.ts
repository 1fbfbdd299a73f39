// Links core modules that wit-bindgen 0.2 made for Spin before there were components (SDKs up to 1.3). They hold no
// world; what they import and export are interfaces of fermyon:spin under older names, and their ABI differs from that
// of today only in names.
import { MayflyError } from '../../errors.ts';
import { uncatchable } from '../abi/uncatchable.ts';
import type { Plan, Trampoline } from '../canon/plan.ts';
import type { CoreImport, CoreModuleInfo } from '../rewrite/core-module.ts';
import { parseFuncType } from '../types/parse.ts';
import type { FuncType, HostInterface } from '../types/val-type.ts';
import { linkCoreModule, type Naming } from './core-component.ts';
import type { World, WorldInterface } from './core-world.ts';
import type { HostRegistry } from './host-registry.ts';

/** The interface of today for each module that they import from. */
const interfaces: ReadonlyMap<string, string> = new Map([
  ['spin-config', 'fermyon:spin/config'],
  ['wasi-outbound-http', 'fermyon:spin/http'],
  ['key-value', 'fermyon:spin/key-value'],
  ['outbound-redis', 'fermyon:spin/redis'],
  ['outbound-pg', 'fermyon:spin/postgres'],
  ['outbound-mysql', 'fermyon:spin/mysql'],
  ['sqlite', 'fermyon:spin/sqlite'],
  ['llm', 'fermyon:spin/llm'],
]);

const pairs = 'list<tuple<string, string>>';
const request = `record{method: enum{get, post, put, delete, patch, head, options}, uri: string, headers: ${pairs}, params: ${pairs}, body: option<list<u8>>}`;
const response = `record{status: u16, headers: option<${pairs}>, body: option<list<u8>>}`;

interface OldExport {
  readonly core: string;
  readonly interface: string;
  readonly name: string;
  readonly type: FuncType;
}

const exportsOf: readonly OldExport[] = [
  {
    core: 'handle-http-request',
    interface: 'fermyon:spin/inbound-http',
    name: 'handle-request',
    type: parseFuncType(`func(${request}) -> ${response}`),
  },
  {
    core: 'handle-redis-message',
    interface: 'fermyon:spin/inbound-redis',
    name: 'handle-message',
    type: parseFuncType('func(list<u8>) -> result<_, enum{success, error}>'),
  },
];

export function isOldModule({ imports, exports }: CoreModuleInfo): boolean {
  const handles = exports.some(({ kind, name }) => kind === 'func' && exportsOf.some(({ core }) => core === name));
  return handles || imports.some(({ module }) => interfaces.has(module));
}

/**
 * Links the module. Throws what linkCoreComponent throws. What such a module returns stays in its memory: its ABI has
 * no function to call after a call, and `canonical_abi_free` would have to be called for each list and string.
 */
export function linkOldModule(bytes: Uint8Array, info: CoreModuleInfo, host: HostRegistry): Plan {
  const plan = linkCoreModule(bytes, info, host, oldWorld(info, host), naming(host));
  return { ...plan, keepsResults: true };
}

function naming(host: HostRegistry): Naming {
  return {
    realloc: 'canonical_abi_realloc',
    importOf: ({ module, name }) => ({ module: interfaces.get(module) ?? module, name: newName(module, name) }),
    exportOf: (name, key) => exportsOf.find((one) => one.interface === name && one.name === key)?.core ?? key,
    postReturn: () => undefined,
    special: (one) => absent(one, host),
  };
}

/** The name of today for a function; two functions had other names. */
function newName(module: string, name: string): string {
  return module === 'wasi-outbound-http' && name === 'request' ? 'send-request' : name;
}

/** Makes the world. The module does not say of what type it thinks its imports are, so the host's types are taken. */
function oldWorld({ imports, exports }: CoreModuleInfo, host: HostRegistry): World {
  const world: World = { encoding: 'utf8', imports: new Map(), exports: new Map() };
  for (const { module, name } of imports) {
    const full = interfaces.get(module);
    const offered = full === undefined ? undefined : host.find(full);
    const key = newName(module, name);
    const type = offered && signatureOf(offered, key);
    if (full !== undefined && type !== undefined) functionsOf(world.imports, full).set(key, parseFuncType(type));
  }
  for (const one of exportsOf) {
    const isThere = exports.some(({ kind, name }) => kind === 'func' && name === one.core);
    if (isThere) functionsOf(world.exports, one.interface).set(one.name, one.type);
  }
  return world;
}

function signatureOf({ signatures }: HostInterface, key: string): string | undefined {
  return signatures !== undefined && Object.hasOwn(signatures, key) ? signatures[key] : undefined;
}

function functionsOf(map: Map<string, WorldInterface>, name: string): Map<string, FuncType> {
  const known = map.get(name) ?? { functions: new Map(), resources: new Map() };
  map.set(name, known);
  return known.functions;
}

/**
 * Makes the trampoline for a function of an interface that the host knows by name only: it ends the guest, whatever its
 * type.
 */
function absent(one: CoreImport, host: HostRegistry): Trampoline | undefined {
  const full = interfaces.get(one.module);
  if (full === undefined || !host.isStandIn(full)) return undefined;
  if (one.kind !== 'func') {
    throw new MayflyError(
      'component-corrupt',
      `The core module imports "${one.module}" "${one.name}" as a ${one.kind}`,
    );
  }
  const func = host.find(full)?.functions[newName(one.module, one.name)];
  return {
    name: `${full} ${one.name}`,
    callee: undefined,
    owner: 0,
    guardsItself: true,
    make: () => () => {
      try {
        (func?.call as (() => never) | undefined)?.();
      } catch (error) {
        throw uncatchable(error);
      }
    },
  };
}
