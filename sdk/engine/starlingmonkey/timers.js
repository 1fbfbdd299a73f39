// Timers of StarlingMonkey that end with what they were set for: what still runs when a program has been evaluated would
// stay in its image, and go off in each request.
const native = { setTimeout, setInterval, clearTimeout, clearInterval };
const running = new Set();

export function endTimers() {
  for (const id of running) native.clearTimeout(id);
  running.clear();
}

function caller(func) {
  return typeof func === 'function' ? func : () => undefined;
}

export const timers = {
  setTimeout(func, delay = 0, ...given) {
    const call = caller(func);
    const id = native.setTimeout(() => {
      running.delete(id);
      call(...given);
    }, Number(delay) || 0);
    running.add(id);
    return id;
  },
  setInterval(func, delay = 0, ...given) {
    const id = native.setInterval(caller(func), Number(delay) || 0, ...given);
    running.add(id);
    return id;
  },
  clearTimeout(id) {
    running.delete(id);
    if (id !== undefined && id !== null) native.clearTimeout(id);
  },
  clearInterval(id) {
    timers.clearTimeout(id);
  },
};
