// How the functions of preview1 are written: they get the guest's descriptors and memory, and throw what goes wrong.
import type { CoreParam, GuestMemory, HostCoreFunction } from '../../../component/types/core-host.ts';
import type { WasiState } from '../state.ts';
import { Errno, errnoOf } from './errno.ts';
import { FdTable } from './fd-table.ts';

/** What is left to do once the guest can go on: only then may its memory be written. */
export type Finish = (memory: GuestMemory) => void;

type Body<Outcome> = (fds: FdTable, memory: GuestMemory, ...args: never[]) => Outcome;

/** Defines a function with parameters such as `u32 s64 u32`. It returns an errno: 0 unless `body` throws. */
export function define(params: string, body: Body<void>): HostCoreFunction {
  const call = body as unknown as Body2<void>;
  return {
    params: parse(params),
    hasResult: true,
    suspends: false,
    call: (state, memory, ...args) => attempt(() => call(fdsOf(state as WasiState), memory, ...args)),
  };
}

/** Defines a function that may have to wait: `body` then gives a promise of what is left to do. */
export function defineSuspending(params: string, body: Body<Promise<Finish> | undefined>): HostCoreFunction {
  const call = body as unknown as Body2<Promise<Finish> | undefined>;
  return {
    params: parse(params),
    hasResult: true,
    suspends: true,
    call(state, memory, ...args) {
      let outcome: Promise<Finish> | undefined;
      const errno = attempt(() => {
        outcome = call(fdsOf(state as WasiState), memory, ...args);
      });
      return outcome instanceof Promise ? later(outcome, memory) : errno;
    },
  };
}

type Body2<Outcome> = (fds: FdTable, memory: GuestMemory, ...args: readonly (number | bigint)[]) => Outcome;

function later(outcome: Promise<Finish>, memory: GuestMemory): Promise<() => number> {
  return outcome.then(
    (finish) => () => attempt(() => finish(memory)),
    (error: unknown) => {
      const errno = errnoOf(error);
      return () => errno;
    },
  );
}

function attempt(run: () => void): number {
  try {
    run();
    return Errno.success;
  } catch (error) {
    return errnoOf(error);
  }
}

function parse(params: string): CoreParam[] {
  return params === '' ? [] : (params.split(' ') as CoreParam[]);
}

/** The descriptors of a request, in a table that is made when the guest calls the first function. */
function fdsOf(state: WasiState): FdTable {
  state.preview1 ??= new FdTable(state);
  return state.preview1;
}
