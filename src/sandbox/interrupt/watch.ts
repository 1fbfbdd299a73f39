// What the watchdog thread runs: it sleeps until the deadline of the guest that runs and raises the flag then.
// No timer ticks while nothing runs. The function is sent as text, so it refers to nothing outside itself.

export interface WatchData {
  readonly buffer: SharedArrayBuffer;
  /** Milliseconds of the thread's monotonic clock at which `performance.now()` of the other thread was 0. */
  readonly origin: number;
  readonly words: Readonly<Record<'FLAG' | 'SLICE' | 'DEADLINE' | 'ASLEEP_UNTIL' | 'SIGNAL', number>>;
  readonly ticksPerMs: number;
  readonly maximumMs: number;
}

export function watch({ buffer, origin, words: at, ticksPerMs, maximumMs }: WatchData): void {
  const words = new Int32Array(buffer);
  const flagAndSlice = new BigInt64Array(buffer, 0, 1);
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
      // Only if that guest still runs; another one may have started since its words were read.
      const running = BigInt(slice) << 32n;
      if (Atomics.compareExchange(flagAndSlice, 0, running, running | 1n) === running) stopped = slice;
      continue;
    }
    // While guests come and go the last one's deadline is a good time to look again: the next ones' are later.
    if (left <= 0 || slice === stopped) left = maximumMs * ticksPerMs;
    const until = (now + left) | 0;
    Atomics.store(words, at.ASLEEP_UNTIL, until);
    // Whoever starts a guest from here on sees how long this sleep is; who did before is seen here.
    const isLate = ((Atomics.load(words, at.DEADLINE) - until) | 0) < 0;
    if (isLate && isWatched(Atomics.load(words, at.SLICE))) continue;
    Atomics.wait(words, at.SIGNAL, signal, left / ticksPerMs);
  }
}
