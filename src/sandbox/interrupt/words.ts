// The words that a thread that runs guests and its watchdog share: indices into the flag memory as 32-bit integers.
// Guests see word 0 only, and read it only: no instruction of theirs names this memory.

/**
 * Not 0 when the guest that runs is to trap: STOPPING while the watchdog still takes pages away, then STOPPED. It must
 * stand beside SLICE: the watchdog sets the flag only if the slice is still the one that it read.
 */
export const FLAG = 0;
export const STOPPING = 1;
export const STOPPED = 2;
/** The number of the slice: odd while a guest runs, one more whenever one starts or stops. */
export const SLICE = 1;
/** When the guest that runs is to be stopped, in ticks. */
export const DEADLINE = 2;
/** The time until which the watchdog sleeps, in ticks. */
export const ASLEEP_UNTIL = 3;
/** A word that changes when the watchdog is to look up before that time. */
export const SIGNAL = 4;
/** The number of pages that the guest which runs polls. */
export const POLL_PAGES = 5;
/** The place where their addresses begin: an index into the memory as 64-bit integers. */
export const FIRST_POLL_PAGE = 8;
export const MOST_POLL_PAGES = 8_000;

/** Ticks in a millisecond. Ticks wrap around after six days; they are compared by the sign of their difference. */
export const TICKS_PER_MS = 8;
/** Milliseconds of the longest sleep and the longest slice: far below half of the six days. */
export const MAXIMUM_MS = 86_400_000;
