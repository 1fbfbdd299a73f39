// Timers of StarlingMonkey. The engine calls those that are due in the order in which they were set, and would keep in the
// image what still runs when a program has been evaluated: so there is one timer of its own, for the one that is due next.
const native = { setTimeout, clearTimeout };

/** By their ids. */
const running = new Map();
let last = 0;
let armed;

/** The one that is due next; of several, the one that was set first. */
function next() {
  let found;
  for (const timer of running.values()) if (found === undefined || timer.due < found.due) found = timer;
  return found;
}

function arm() {
  if (armed !== undefined) native.clearTimeout(armed);
  const timer = next();
  armed = timer && native.setTimeout(fire, Math.max(0, timer.due - performance.now()));
}

/** Calls one timer: what it leaves to microtasks comes before the next one. */
function fire() {
  armed = undefined;
  const timer = next();
  if (timer === undefined) return;
  if (timer.interval === undefined) running.delete(timer.id);
  else {
    // It goes to the end of those that are due at the same time.
    running.delete(timer.id);
    running.set(timer.id, { ...timer, due: performance.now() + timer.interval });
  }
  arm();
  timer.func(...timer.given);
}

function set(func, delay, given, isInterval) {
  if (typeof func !== 'function') throw new TypeError('A timer wants a function');
  const milliseconds = Math.max(0, Number(delay) || 0);
  const id = ++last;
  const interval = isInterval ? Math.max(1, milliseconds) : undefined;
  running.set(id, { id, func, given, due: performance.now() + milliseconds, interval });
  arm();
  return id;
}

function clear(id) {
  if (running.delete(Number(id))) arm();
}

export function endTimers() {
  running.clear();
  arm();
}

export const timers = {
  setTimeout: (func, delay, ...given) => set(func, delay, given, false),
  setInterval: (func, delay, ...given) => set(func, delay, given, true),
  clearTimeout: clear,
  clearInterval: clear,
};
