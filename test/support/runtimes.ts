// The same component in our runtime and in jco, called the same way, with the same functions as its imports.
import { decodeComponent } from '../../src/component/binary/decode.ts';
import { looksLikeCoreModule } from '../../src/component/binary/preamble.ts';
import { Instance } from '../../src/component/canon/instance.ts';
import type { Plan } from '../../src/component/canon/plan.ts';
import { linkCoreComponent } from '../../src/component/link/core-component.ts';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { linkComponent } from '../../src/component/link/link.ts';
import { readCoreModule } from '../../src/component/rewrite/read-core-module.ts';
import { camelCase } from '../../src/component/types/case.ts';
import type { HostFunction, HostInterface } from '../../src/component/types/val-type.ts';
import { validateComponent } from '../../src/component/validate/validate.ts';
import { type JcoExports, transpileWithJco } from './jco.ts';
import { callExport } from './wat.ts';

export type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;
/** Interface name → function name as in WIT → implementation. */
export type Imports = Readonly<Record<string, Functions>>;
/** Interface name → resource name as in WIT → the class that implements it in the host, in jco's way. */
export type Resources = Readonly<Record<string, Readonly<Record<string, ResourceClass>>>>;

/** Its methods and static methods have names of one word; dropping a handle that owns an object disposes of it. */
export interface ResourceClass {
  readonly prototype: object;
  new (...args: never[]): { [Symbol.dispose]?(): void };
}
/** `interface#function` or the name of a function that the world exports. */
export type Call = (name: string, ...args: unknown[]) => unknown;

export interface Runtime {
  readonly name: string;
  /** A new instance for each call of this. */
  start(imports: Imports, resources?: Resources): Call;
}

export async function bothRuntimes(component: Uint8Array): Promise<readonly [ours: Runtime, jco: Runtime]> {
  return [ourRuntime(component), await jcoRuntime(component)];
}

/** `bytes` may also be a core module that holds its world. */
export function ourRuntime(bytes: Uint8Array): Runtime {
  const link = linker(bytes);
  const compiled = new Map<Uint8Array, WebAssembly.Module>();
  const compile = (module: Uint8Array<ArrayBuffer>): WebAssembly.Module => {
    const made = compiled.get(module) ?? new WebAssembly.Module(module);
    compiled.set(module, made);
    return made;
  };
  return {
    name: looksLikeCoreModule(bytes) ? 'ours, of the core module' : 'ours',
    start(imports, resources = {}) {
      const plan = link(registryOf(imports, resources));
      const module = (index: number): WebAssembly.Module => compile(plan.modules[index] as Uint8Array<ArrayBuffer>);
      const instance = new Instance(plan, { module, context: { state: () => undefined } });
      return (name, ...args) => callExport(instance, name, ...args);
    },
  };
}

function linker(bytes: Uint8Array): (host: HostRegistry) => Plan {
  if (looksLikeCoreModule(bytes)) return (host) => linkCoreComponent(bytes, readCoreModule(bytes), host);
  const component = decodeComponent(bytes);
  validateComponent(component);
  return (host) => linkComponent(component, { host, moduleImports: (module) => readCoreModule(module).imports });
}

function registryOf(imports: Imports, resources: Resources): HostRegistry {
  const interfaces = Object.entries(imports).map(([name, functions]): HostInterface => {
    const classes = Object.entries(resources[name] ?? {});
    const all = Object.assign({}, functions, ...classes.map(([resource, one]) => functionsOf(resource, one)));
    return {
      name,
      version: undefined,
      service: 'test',
      resources: Object.fromEntries(classes.map(([resource]) => [resource, { name: resource, drop: dispose }])),
      functions: Object.fromEntries(Object.entries(all as Functions).map(([key, call]) => [key, hostFunction(call)])),
    };
  });
  return new HostRegistry(interfaces);
}

function hostFunction(call: (...args: never[]) => unknown): HostFunction {
  return { call: (_state: never, ...args: never[]): unknown => call(...args), suspends: false };
}

function dispose(_state: never, object: { [Symbol.dispose]?(): void }): void {
  object[Symbol.dispose]?.();
}

/** A class as the functions that WIT knows. */
function functionsOf(resource: string, One: ResourceClass): Functions {
  const functions: Record<string, (...args: never[]) => unknown> = {
    [`[constructor]${resource}`]: (...args) => new One(...args),
  };
  for (const name of ownMethods(One.prototype)) {
    functions[`[method]${resource}.${name}`] = (self: Record<string, (...args: never[]) => unknown>, ...args) =>
      self[name]?.(...(args as never[]));
  }
  for (const name of ownMethods(One)) {
    functions[`[static]${resource}.${name}`] = (One as unknown as Functions)[name] as Functions[string];
  }
  return functions;
}

function ownMethods(owner: object): string[] {
  return Object.getOwnPropertyNames(owner).filter(
    (name) => name !== 'constructor' && typeof Reflect.get(owner, name) === 'function',
  );
}

async function jcoRuntime(bytes: Uint8Array): Promise<Runtime> {
  const transpiled = await transpileWithJco(bytes);
  return {
    name: 'jco',
    start(imports, resources = {}) {
      const interfaces = Object.entries(imports).map(([name, functions]) => {
        const classes = Object.entries(resources[name] ?? {}).map(([key, one]) => [pascalCase(key), one]);
        return [name, { ...camelCased(functions), ...Object.fromEntries(classes) }];
      });
      const exports = transpiled.instantiate(Object.fromEntries(interfaces));
      return (name, ...args) => {
        const [outer = '', inner] = name.split('#');
        const owner = inner === undefined ? exports : (exports[outer] as JcoExports);
        return callJco(owner, inner ?? outer, args);
      };
    },
  };
}

function camelCased(functions: Functions): Functions {
  return Object.fromEntries(Object.entries(functions).map(([name, call]) => [camelCase(name), call]));
}

type AnyFunction = (...args: unknown[]) => unknown;

/** `[method]counter.add` and its kin are members of a class in jco's exports. */
function callJco(owner: JcoExports, name: string, args: readonly unknown[]): unknown {
  const [, kind, resource = '', member = ''] = /^\[(constructor|method|static)\]([^.]+)\.?(.*)$/.exec(name) ?? [];
  if (kind === undefined) return (owner[camelCase(name)] as AnyFunction)(...args);
  const One = owner[pascalCase(resource)] as (new (...args: unknown[]) => unknown) & Record<string, AnyFunction>;
  if (kind === 'constructor') return new One(...args);
  if (kind === 'static') return One[member]?.(...args);
  const [self, ...rest] = args;
  return (self as Record<string, AnyFunction>)[member]?.(...rest);
}

function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}
