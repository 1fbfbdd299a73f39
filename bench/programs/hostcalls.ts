// Measures calls from a guest into the host: the guest is a loop around one import, the host does next to nothing.
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import type { HostCall } from '../../src/component/types/val-type.ts';
import { callExport, instantiatePlan, linkText } from '../../test/support/wat.ts';
import { shapes } from '../support/hostcall-shapes.ts';
import { cpuMicroseconds, serveMeasurements } from '../support/measuring.ts';

export interface HostcallsInput {
  readonly calls: number;
}

/** Nanoseconds of CPU time a call, by shape. */
export type HostcallsRound = Readonly<Record<string, number>>;

await serveMeasurements<unknown, HostcallsInput>(async () => {
  const guests = new Map<string, (calls: number) => void>();
  for (const shape of shapes) {
    const functions = Object.entries(shape.functions).map(([name, call]) => {
      return [name, { call: call as HostCall, suspends: false }] as const;
    });
    const host = {
      name: 'bench:host/calls',
      version: undefined,
      service: 'bench',
      functions: Object.fromEntries(functions),
    };
    const registry = new HostRegistry([{ ...host, resources: { thing: { name: 'thing' } } }]);
    const plan = await linkText(shape.text, registry);
    const instance = instantiatePlan(plan, { context: { state: () => undefined } });
    guests.set(shape.name, (calls) => callExport(instance, 'run', calls));
  }
  return ({ calls }) => {
    const round: Record<string, number> = {};
    for (const [name, run] of guests) {
      const cpu = cpuMicroseconds();
      run(calls);
      round[name] = ((cpuMicroseconds() - cpu) * 1000) / calls;
    }
    return round satisfies HostcallsRound;
  };
});
