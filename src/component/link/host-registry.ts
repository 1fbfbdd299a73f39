// What a host offers to components: interfaces by name and version track, and functions that stand in no interface.
// To core modules it offers functions by the name of the module that they import.
import type { HostCoreModule } from '../types/core-host.ts';
import type { HostFunction, HostInterface } from '../types/val-type.ts';
import { parseVersionedName, versionTrack } from './version.ts';

type StandIn = (name: string) => HostInterface | undefined;

export class HostRegistry {
  readonly #interfaces = new Map<string, HostInterface>();
  readonly #functions = new Map<string, { readonly func: HostFunction; readonly service: string }>();

  readonly #coreModules = new Map<string, HostCoreModule>();
  readonly #standIn: StandIn;
  readonly #standIns = new Map<string, HostInterface>();

  /** Tells it from others that have the same interfaces, with other functions. */
  readonly variant: string;

  /** `standIn` gives an interface for names that the host does not have otherwise. */
  constructor(
    interfaces: readonly HostInterface[] = [],
    coreModules: readonly HostCoreModule[] = [],
    standIn: StandIn = () => undefined,
    variant = '',
  ) {
    this.variant = variant;
    for (const one of interfaces) this.add(one);
    for (const one of coreModules) this.#coreModules.set(one.name, one);
    this.#standIn = standIn;
  }

  add(one: HostInterface): void {
    this.#interfaces.set(key(one.name, one.version), one);
  }

  /** Adds a function that a world imports directly. */
  addFunction(name: string, service: string, func: HostFunction): void {
    this.#functions.set(name, { func, service });
  }

  /** The interfaces by name and track. */
  get names(): readonly string[] {
    return [...this.#interfaces.keys()];
  }

  function(name: string): { readonly func: HostFunction; readonly service: string } | undefined {
    return this.#functions.get(name);
  }

  /** What core modules may import from `name`. */
  coreModule(name: string): HostCoreModule | undefined {
    return this.#coreModules.get(name);
  }

  get coreModuleNames(): readonly string[] {
    return [...this.#coreModules.keys()];
  }

  /** Finds the interface for `name`, which is written as in the component: `wasi:io/streams@0.2.0`. */
  find(name: string): HostInterface | undefined {
    const wanted = parseVersionedName(name);
    return this.#interfaces.get(key(wanted.name, wanted.version)) ?? this.#standInFor(name);
  }

  /** Whether what `find` gives for `name` is no interface of the host, but a stand-in. */
  isStandIn(name: string): boolean {
    return this.find(name) !== undefined && this.#standIns.has(name);
  }

  /** The stand-in for a name. There is one for each, so that its resources are the same wherever they are asked for. */
  #standInFor(name: string): HostInterface | undefined {
    const known = this.#standIns.get(name) ?? this.#standIn(name);
    if (known) this.#standIns.set(name, known);
    return known;
  }

  /** Gives interfaces of the same name in other versions, or else all of the same package, for the error message. */
  alternatives(name: string): string[] {
    const wanted = parseVersionedName(name).name;
    const all = [...this.#interfaces.values()].map((one) => (one.version ? `${one.name}@${one.version}` : one.name));
    const same = all.filter((one) => parseVersionedName(one).name === wanted);
    if (same.length > 0) return same;
    const prefix = `${wanted.split('/')[0]}/`;
    return all.filter((one) => one.startsWith(prefix));
  }
}

function key(name: string, version: string | undefined): string {
  return `${name}@${versionTrack(version)}`;
}
