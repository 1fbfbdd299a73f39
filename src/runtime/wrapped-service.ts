// Stands around the functions of a host service, for those who measure or record what guests call.
import type { HostService } from '../host/service.ts';

type Interface = HostService['interfaces'][number];
type CoreModule = NonNullable<HostService['coreModules']>[number];

export type AnyCall = (...given: unknown[]) => unknown;

/** Makes the function that is called in the place of `call`; the first of what it is given is the state of the service. */
export type WrapCall = (call: AnyCall, offered: Interface | CoreModule, name: string) => AnyCall;

/** The service with all its functions wrapped. */
export function wrapService(service: HostService, wrap: WrapCall): HostService {
  const { interfaces, coreModules } = service;
  return {
    ...service,
    interfaces: interfaces.map((one) => wrapped(one, wrap)),
    ...(coreModules && { coreModules: coreModules.map((one) => wrapped(one, wrap)) }),
  };
}

function wrapped<Offered extends Interface | CoreModule>(offered: Offered, wrap: WrapCall): Offered {
  const functions = Object.entries(offered.functions).map(([name, func]) => {
    const around = <Func extends { readonly call: unknown }>(one: Func): Func => ({
      ...one,
      call: wrap(one.call as AnyCall, offered, name),
    });
    const { typed } = func as Interface['functions'][string];
    const made = around(func);
    return [name, typed ? { ...made, typed: (...given: Parameters<typeof typed>) => around(typed(...given)) } : made];
  });
  return { ...offered, functions: Object.fromEntries(functions) };
}
