// clock_*: realtime and monotonic as in every WASI version; the CPU clocks tell the time since the guest began.
import type { HostCoreFunction } from '../../../component/types/core-host.ts';
import { monotonicNow, wallNow, wallResolution } from '../clocks/clocks.ts';
import { define } from './define.ts';
import { Errno, failWith } from './errno.ts';
import type { FdTable } from './fd-table.ts';
import { writeU64 } from './guest-values.ts';

export const Clock = { realtime: 0, monotonic: 1, processCputime: 2, threadCputime: 3 } as const;

/** The time in nanoseconds. Throws `inval` for a clock that does not exist. */
export function clockNow({ startedAt }: FdTable, clock: number): bigint {
  switch (clock) {
    case Clock.realtime: {
      const { seconds, nanoseconds } = wallNow();
      return seconds * 1_000_000_000n + BigInt(nanoseconds);
    }
    case Clock.monotonic:
      return monotonicNow();
    case Clock.processCputime:
    case Clock.threadCputime:
      return monotonicNow() - startedAt;
    default:
      return failWith(Errno.inval);
  }
}

export const clockFunctions: Readonly<Record<string, HostCoreFunction>> = {
  clock_res_get: define('u32 u32', (fds, memory, clock: number, result: number) => {
    clockNow(fds, clock);
    writeU64(memory, result, clock === Clock.realtime ? BigInt(wallResolution.nanoseconds) : 1n);
  }),
  clock_time_get: define('u32 u64 u32', (fds, memory, clock: number, _precision: bigint, result: number) =>
    writeU64(memory, result, clockNow(fds, clock)),
  ),
};
