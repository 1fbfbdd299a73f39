// The host that Wasmtime's tests import: `host`, `host-return-two`, `host-echo-u32`, `wasmtime`.

import { setImmediate } from 'node:timers/promises';
import { HostRegistry } from '../../../src/component/link/host-registry.ts';
import type { HostCall, HostFunction, HostInterface, HostResource } from '../../../src/component/types/val-type.ts';
import { Trap } from '../../../src/errors.ts';
import { mayflyEngine } from '../mayfly-engine.ts';
import type { Engine } from '../wast/engine.ts';

interface HostState {
  drops: number;
  lastDrop: number;
}
interface Resource1 {
  readonly rep: number;
}

const SERVICE = 'wasmtime-host';

function func(call: HostCall): HostFunction {
  return { call, suspends: false };
}

/** Gives its result after a turn of the event loop. */
function slow<Args extends never[]>(call: (state: HostState, ...args: Args) => unknown): HostFunction {
  const later = async (state: HostState, ...args: Args): Promise<unknown> => {
    await setImmediate();
    return call(state, ...args);
  };
  return { call: later as unknown as HostCall, suspends: true };
}

function assertRep({ rep }: Resource1, expected: number): void {
  if (rep !== expected) throw new Trap(`Expected a resource of rep ${expected}, found ${rep}`);
}

const resource1: HostResource = {
  name: 'resource1',
  drop(state: HostState, { rep }: Resource1): void {
    state.drops++;
    state.lastDrop = rep;
  },
};

const hostInterface: HostInterface = {
  name: 'host',
  version: undefined,
  service: SERVICE,
  resources: { resource1, resource2: { name: 'resource2' }, 'resource1-again': resource1 },
  functions: {
    'return-three': func(() => 3),
    'return-hi': func(() => 'hi'),
    'return-two-slowly': slow(() => 2),
    'echo-slowly': slow((_state: HostState, value: number) => value),
    '[constructor]resource1': func((_state: HostState, rep: number): Resource1 => ({ rep })),
    '[static]resource1.assert': func((_state: HostState, one: Resource1, rep: number) => assertRep(one, rep)),
    '[static]resource1.last-drop': func(({ lastDrop }: HostState) => lastDrop),
    '[static]resource1.drops': func(({ drops }: HostState) => drops),
    '[method]resource1.simple': func((_state: HostState, one: Resource1, rep: number) => assertRep(one, rep)),
    '[method]resource1.take-borrow': func(() => undefined),
    '[method]resource1.take-own': func(() => undefined),
    '[method]resource1.never-return': { call: () => new Promise(() => {}), suspends: true },
  },
};

/** Settings of the engine that tests change; ours has a limit of its own. */
const engineInterface: HostInterface = {
  name: 'wasmtime',
  version: undefined,
  service: SERVICE,
  resources: {},
  functions: { 'set-max-table-capacity': func(() => undefined) },
};

/** A host with state of its own, for one file. */
export function wasmtimeEngine(): Engine {
  const registry = new HostRegistry([hostInterface, engineInterface]);
  registry.addFunction(
    'host-return-two',
    SERVICE,
    func(() => 2),
  );
  registry.addFunction(
    'host-echo-u32',
    SERVICE,
    func((_state: HostState, value: number) => value),
  );
  const state: HostState = { drops: 0, lastDrop: 0 };
  // Some of its guests grow a memory to 4 GiB.
  return mayflyEngine({ host: registry, context: { state: () => state }, maximumPages: 65_536 });
}
