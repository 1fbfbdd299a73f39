// The same component in our runtime and in jco, called the same way, with the same functions as its imports.
import { decodeComponent } from '../../src/component/binary/decode.ts';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { linkComponent } from '../../src/component/link/link.ts';
import { readCoreModule } from '../../src/component/rewrite/read-core-module.ts';
import { camelCase } from '../../src/component/types/case.ts';
import { validateComponent } from '../../src/component/validate/validate.ts';
import { transpileWithJco } from './jco.ts';
import { callExport, instantiatePlan } from './wat.ts';

export type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;
/** Interface name → function name as in WIT → implementation. */
export type Imports = Readonly<Record<string, Functions>>;
/** Interface name → the resources that the host implements there, as classes in jco's way. */
export type Resources = Readonly<Record<string, readonly ResourceClass[]>>;

/** `[constructor]x`, `[method]x.do-it` and `[static]x.do-it` are found in the class; dropping calls `Symbol.dispose`. */
export interface ResourceClass {
  readonly name: string;
  new (...args: never[]): { [Symbol.dispose]?(): void };
}
/** `interface#function` or the name of a function that the world exports. */
export type Call = (name: string, ...args: unknown[]) => unknown;

export interface Runtime {
  readonly name: string;
  /** A new instance for each call of this. */
  start(imports: Imports): Call;
}

export async function bothRuntimes(component: Uint8Array): Promise<readonly [ours: Runtime, jco: Runtime]> {
  return [ourRuntime(component), await jcoRuntime(component)];
}

export function ourRuntime(bytes: Uint8Array): Runtime {
  const component = decodeComponent(bytes);
  validateComponent(component);
  return {
    name: 'ours',
    start(imports) {
      const plan = linkComponent(component, {
        host: registryOf(imports),
        moduleImports: (module) => readCoreModule(module).imports,
      });
      const instance = instantiatePlan(plan, { context: { state: () => undefined } });
      return (name, ...args) => callExport(instance, name, ...args);
    },
  };
}

function registryOf(imports: Imports): HostRegistry {
  const interfaces = Object.entries(imports).map(([name, functions]) => ({
    name,
    version: undefined,
    service: 'test',
    resources: {},
    functions: Object.fromEntries(
      Object.entries(functions).map(([key, call]) => [
        key,
        { call: (_state: never, ...args: never[]): unknown => call(...args), suspends: false },
      ]),
    ),
  }));
  return new HostRegistry(interfaces);
}

async function jcoRuntime(bytes: Uint8Array): Promise<Runtime> {
  const transpiled = await transpileWithJco(bytes);
  return {
    name: 'jco',
    start(imports) {
      const exports = transpiled.instantiate(
        Object.fromEntries(Object.entries(imports).map(([name, functions]) => [name, camelCased(functions)])),
      );
      return (name, ...args) => {
        const [outer = '', inner] = name.split('#');
        const owner = inner === undefined ? exports : (exports[outer] as Record<string, unknown>);
        const call = owner[camelCase(inner ?? outer)] as (...args: unknown[]) => unknown;
        return call(...args);
      };
    },
  };
}

function camelCased(functions: Functions): Functions {
  return Object.fromEntries(Object.entries(functions).map(([name, call]) => [camelCase(name), call]));
}
