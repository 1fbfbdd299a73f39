// Puts something in the place of all functions of a service.
import type { HostCoreFunction, HostCoreModule } from '../component/types/core-host.ts';
import type { FuncType, HostFunction, HostInterface, HostResource } from '../component/types/val-type.ts';
import type { HostService } from '../host/service.ts';

type Call = (state: unknown, ...params: unknown[]) => unknown;

export interface Replacements {
  /** `name` has the interface with its version before it. */
  func(name: string, type: FuncType, func: HostFunction): HostFunction;
  core(name: string, func: HostCoreFunction): HostCoreFunction;
  drop(name: string, drop: Call): Call;
}

export function aroundService(service: HostService, replacements: Replacements): HostService {
  const resources = new Map<HostResource, HostResource>();
  const resource = (one: HostResource, name: string): HostResource => {
    if (!one.drop) return one;
    const known = resources.get(one);
    if (known) return known;
    const drop = replacements.drop(name, one.drop as Call) as NonNullable<HostResource['drop']>;
    const made = { ...one, drop };
    resources.set(one, made);
    return made;
  };
  const around = (one: HostInterface): HostInterface => ({
    ...one,
    functions: mapped(one.functions, (func) => ({
      ...func,
      typed: (name, type) => replacements.func(name, type, func),
    })),
    resources: mapped(one.resources, (given, key) => resource(given, `${one.name}/${key}`)),
  });
  const aroundCore = (one: HostCoreModule): HostCoreModule => ({
    ...one,
    functions: mapped(one.functions, (func, key) => replacements.core(`${one.name}#${key}`, func)),
  });
  const { coreModules, standIn } = service;
  return {
    ...service,
    interfaces: service.interfaces.map(around),
    ...(coreModules && { coreModules: coreModules.map(aroundCore) }),
    ...(standIn && { standIn }),
  };
}

function mapped<T>(of: Readonly<Record<string, T>>, change: (one: T, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(of).map(([key, one]) => [key, change(one, key)]));
}
