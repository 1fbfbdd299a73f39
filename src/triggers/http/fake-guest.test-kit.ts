// The options of a handler whose sandbox is a function, and a record of what became of the sandbox, for tests.
import type { LiftedFunction } from '../../component/canon/plan.ts';
import type { HttpRequest, HttpResponse } from '../../host/http-message.ts';
import type { Callee } from '../../invocation/exchange.ts';
import { GuestClock } from '../../sandbox/clock.ts';
import { defaultLimits } from '../../sandbox/limits.ts';
import { RequestContext } from '../../sandbox/request-context.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { silentLog } from '../../telemetry/log.ts';

export interface FakeGuestState {
  acquired: number;
  /** Whether each released sandbox was healthy. */
  readonly released: boolean[];
  /** An error that is thrown instead of giving a sandbox. */
  failure: Error | undefined;
}

type FakeCallee = Callee<HttpRequest, HttpResponse>;

/** Makes the guest. `call` gets the parameters of its function; `wasi` is its state of that service. */
export function fakeGuest(
  call: (params: readonly unknown[]) => unknown,
  wasi?: object,
): { callee: FakeCallee; state: FakeGuestState } {
  const state: FakeGuestState = { acquired: 0, released: [], failure: undefined };
  const sandbox = {
    instance: { store: undefined, hostCalls: 0 },
    memoryBytes: 0,
    begin: () => {},
    call: async (_: unknown, params: readonly unknown[]) => call(params),
    cancel: () => {},
  } as unknown as Sandbox;
  const services = [{ name: 'wasi', prepare: () => wasi, finish: () => {} }];
  const callee: FakeCallee = {
    component: 'c',
    func: {} as LiftedFunction,
    clock: new GuestClock(undefined),
    limits: defaultLimits,
    pool: {
      acquire: () => {
        if (state.failure) throw state.failure;
        state.acquired++;
        return sandbox;
      },
      release(_, healthy) {
        state.released.push(healthy);
        return healthy;
      },
    },
    makeContext: () => new RequestContext('component', services, silentLog),
  };
  return { callee, state };
}
