// The event loop of a program in QuickJS: timers, and what waits for the host. Everything that waits does so in one call of
// wasi:io/poll, made when nothing else can run; the host runs other guests meanwhile.
import clock from 'wasi:clocks/monotonic-clock@0.2.10';
import io from 'wasi:io/poll@0.2.10';

const NANOSECONDS = 1_000_000;
/** The longest time of a timer, in milliseconds; longer ones fire at once, as in browsers. */
const LONGEST = 2 ** 31 - 1;

/** What waits: a pollable, and what goes on when it is ready. */
let waiting = [];
const timers = new Map();
let lastTimer = 0;
let running;
let isOver = false;

/** Begins a request. */
export function beginLoop() {
  isOver = false;
}

/** Ends a request: what still waits is forgotten. */
export async function endLoop() {
  isOver = true;
  timers.clear();
  await running;
  for (const { pollable } of waiting) pollable[Symbol.dispose]();
  waiting = [];
}

/**
 * Resolves when the pollable is ready, which is then given back. `owner` is what it belongs to, which must not go before it.
 */
export function ready(pollable, owner) {
  if (pollable.ready()) {
    pollable[Symbol.dispose]();
    return undefined;
  }
  return new Promise((go) => {
    waiting.push({ pollable, owner, go });
    running ??= run();
  });
}

/** Resolves after everything that could run has run: a byte goes through the host, which comes back when nothing else can. */
async function turn() {
  const { readable, writable } = wit.Stream(wit.Stream.U8);
  const written = writable.write(Uint8Array.of(0));
  await readable.read(1);
  await written;
  writable.drop();
  readable.drop();
}

async function run() {
  try {
    while (!isOver && (waiting.length > 0 || timers.size > 0)) {
      await turn();
      if (!isOver && !fire()) block();
    }
  } finally {
    running = undefined;
  }
}

/** Runs the timers that are due; false when there are none. */
function fire() {
  const now = clock.now();
  const due = [...timers.values()].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at || a.id - b.id);
  const [first] = due;
  if (!first) return false;
  // One at a time: what it leads to comes before the next.
  if (first.every === undefined) timers.delete(first.id);
  else first.at = Math.max(now, first.at) + first.every;
  try {
    first.callback();
  } catch (error) {
    globalThis.reportError(error);
  }
  return true;
}

/** Waits for the first thing that is ready. */
function block() {
  let soonest = Number.POSITIVE_INFINITY;
  for (const { at } of timers.values()) soonest = Math.min(soonest, at);
  const alarm = soonest < Number.POSITIVE_INFINITY ? clock.subscribeInstant(soonest) : undefined;
  const all = waiting.map(({ pollable }) => pollable);
  if (alarm) all.push(alarm);
  if (all.length === 0) return;
  const found = new Set(io.poll(all));
  const done = waiting.filter((_, index) => found.has(index));
  waiting = waiting.filter((_, index) => !found.has(index));
  alarm?.[Symbol.dispose]();
  for (const { pollable, go } of done) {
    pollable[Symbol.dispose]();
    go();
  }
}

function timer(callback, delay, every, given) {
  if (typeof callback !== 'function') throw new TypeError('A timer wants a function; texts are not evaluated');
  const id = ++lastTimer;
  const milliseconds = Number(delay) > 0 && Number(delay) <= LONGEST ? Number(delay) : 0;
  const length = Math.round(Math.max(milliseconds, every ? 1 : 0) * NANOSECONDS);
  const at = clock.now() + length;
  timers.set(id, { id, at, every: every ? length : undefined, callback: () => callback(...given) });
  running ??= run();
  return id;
}

export const setTimeout = (callback, delay = 0, ...given) => timer(callback, delay, false, given);
export const setInterval = (callback, delay = 0, ...given) => timer(callback, delay, true, given);
export function clearTimeout(id) {
  timers.delete(Number(id));
}
