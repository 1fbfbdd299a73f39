// The host service 'unsupported': interfaces of Spin that Mayfly knows by name only. A component may import them, since
// SDKs of languages like Python import everything; it is ended when it calls one of their functions.
import type { HostFunction, HostInterface, HostResource } from '../../component/types/val-type.ts';
import { Trap } from '../../errors.ts';
import type { HostService } from '../service.ts';

const SERVICE = 'unsupported';

/** The packages of host interfaces that Spin and other hosts of its apps offer. */
const packages = /^(fermyon:spin|spin:[a-z0-9-]+|wasi:keyvalue|wasi:otel)\//;

export function createUnsupportedService(): HostService<undefined, undefined, undefined> {
  return {
    name: SERVICE,
    interfaces: [],
    standIn: (name) => (packages.test(name) ? unsupportedInterface(name) : undefined),
    configureComponent: () => undefined,
    prepare: () => undefined,
  };
}

/** Makes the interface for a `name` with its version, as in `spin:key-value/key-value@3.0.0`. */
function unsupportedInterface(name: string): HostInterface {
  return {
    name,
    version: undefined,
    functions: onDemand((key) => unsupportedFunction(`${name} ${key}`)),
    resources: onDemand((key): HostResource => ({ name: key })),
    service: SERVICE,
  };
}

function unsupportedFunction(name: string): HostFunction {
  const call = (): never => {
    throw new Trap(`it called "${name}", which Mayfly does not have`);
  };
  return { call, suspends: false };
}

/** An object that has every name: what stands under one is made when it is first asked for. */
function onDemand<T>(make: (key: string) => T): Readonly<Record<string, T>> {
  const made = new Map<string, T>();
  const find = (key: string | symbol): T | undefined => {
    if (typeof key === 'symbol') return undefined;
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
  return new Proxy<Record<string, T>>(Object.create(null), {
    get: (_target, key) => find(key),
    // This answers those who ask for own properties only.
    getOwnPropertyDescriptor: (_target, key) => ({ value: find(key), configurable: true, enumerable: true }),
  });
}
