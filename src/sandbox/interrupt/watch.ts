// What the watchdog thread runs: it sleeps until the deadline of the guest that runs, raises the flag then and takes away
// the pages that the guest polls.
// No timer ticks while nothing runs. The function is sent as text, so it refers to nothing outside itself.

export interface WatchData {
  readonly buffer: SharedArrayBuffer;
  /** Milliseconds of the thread's monotonic clock at which `performance.now()` of the other thread was 0. */
  readonly origin: number;
  readonly words: Readonly<
    Record<
      'FLAG' | 'STOPPED' | 'SLICE' | 'DEADLINE' | 'ASLEEP_UNTIL' | 'SIGNAL' | 'POLL_PAGES' | 'FIRST_POLL_PAGE',
      number
    >
  >;
  /** Bytes of a poll page; undefined where guests look at the flag only. */
  readonly pollPageBytes: number | undefined;
  readonly ticksPerMs: number;
  readonly maximumMs: number;
}

export function watch({ buffer, origin, words: at, ticksPerMs, maximumMs, pollPageBytes }: WatchData): void {
  const words = new Int32Array(buffer);
  const longs = new BigInt64Array(buffer);
  const takeAway = pollPageBytes === undefined ? () => {} : bindTakeAway(BigInt(pollPageBytes));
  const tick = (): number => {
    const [seconds, nanoseconds] = process.hrtime();
    return ((seconds * 1e3 + nanoseconds / 1e6 - origin) * ticksPerMs) | 0;
  };
  /** The slice that has been stopped already. */
  let stopped = 0;
  const isWatched = (slice: number): boolean => (slice & 1) === 1 && slice !== stopped;
  for (;;) {
    const signal = Atomics.load(words, at.SIGNAL);
    const slice = Atomics.load(words, at.SLICE);
    const now = tick();
    let left = (Atomics.load(words, at.DEADLINE) - now) | 0;
    if (left <= 0 && isWatched(slice)) {
      // The flag is set only if that guest still runs; another one may have started since its words were read.
      const running = BigInt(slice) << 32n;
      if (Atomics.compareExchange(longs, 0, running, running | 1n) !== running) continue;
      stopped = slice;
      // The guest's thread waits for STOPPED before it does anything else, so these are still this guest's pages.
      const count = Atomics.load(words, at.POLL_PAGES);
      for (let page = 0; page < count; page++) takeAway(longs[at.FIRST_POLL_PAGE + page] as bigint);
      Atomics.store(words, at.FLAG, at.STOPPED);
      Atomics.notify(words, at.FLAG);
      continue;
    }
    // While guests come and go the last one's deadline is a good time to look again: the next ones' are later.
    if (left <= 0 || slice === stopped) left = maximumMs * ticksPerMs;
    const until = (now + left) | 0;
    Atomics.store(words, at.ASLEEP_UNTIL, until);
    // Whoever starts a guest from here on sees how long this sleep is; a guest that was started before is seen here.
    const isLate = ((Atomics.load(words, at.DEADLINE) - until) | 0) < 0;
    if (isLate && isWatched(Atomics.load(words, at.SLICE))) continue;
    Atomics.wait(words, at.SIGNAL, signal, left / ticksPerMs);
  }

  function bindTakeAway(byteLength: bigint): (address: bigint) => void {
    process.emitWarning = () => {}; // Node warns of node:ffi, which the other thread has found to work
    const ffi = process.getBuiltinModule('node:ffi') as typeof import('node:ffi');
    const signature = { return: 'int32', arguments: ['uint64', 'uint64', 'int32'] } as const;
    const { mprotect } = ffi.dlopen(null, { mprotect: signature }).functions;
    return (address) => void mprotect(address, byteLength, 0);
  }
}
