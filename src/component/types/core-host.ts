// What a host offers to core modules that have no component around them: functions over the guest's raw memory. What
// they mean is not known here: wasi_snapshot_preview1 is one such set of functions, in host/wasi/preview1/.

/** The guest's linear memory, valid until guest code runs again. */
export interface GuestMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly data: DataView<ArrayBuffer>;
  /** Traps unless `[pointer, pointer + size)` lies inside and `pointer` is a multiple of `align`. */
  check(pointer: number, size: number, align: number): void;
}

/** How a core parameter is handed over: i32 as an unsigned number, i64 as an unsigned or a signed bigint. */
export type CoreParam = 'u32' | 'u64' | 's64';

/** Writes the outcome into the guest's memory and gives the core result; runs right before the guest goes on. */
export type FinishCoreCall = () => number | undefined;

export interface HostCoreFunction {
  readonly params: readonly CoreParam[];
  /** Whether the function returns one i32, or nothing. */
  readonly hasResult: boolean;
  /**
   * Whether the function may return a promise. While that is pending the guest's memory must not be touched: it may
   * serve somebody else.
   */
  readonly suspends: boolean;
  /** Calls the function with the state of the service for this sandbox. Throwing anything ends the guest. */
  call(
    state: unknown,
    memory: GuestMemory,
    ...args: readonly (number | bigint)[]
  ): number | undefined | Promise<FinishCoreCall>;
}

/** The functions under one module name that core modules may import from. */
export interface HostCoreModule {
  /** The module name, such as `wasi_snapshot_preview1`. */
  readonly name: string;
  /** The name of the host service whose state the functions get. */
  readonly service: string;
  readonly functions: Readonly<Record<string, HostCoreFunction>>;
}
