// Ways to go on later that are made of timers: setImmediate of Node, and scheduler of workerd.
const immediates = new Map();
let last = 0;

export function setImmediate(callback, ...given) {
  if (typeof callback !== 'function') throw new TypeError('setImmediate wants a function');
  const id = ++last;
  const timer = setTimeout(() => {
    immediates.delete(id);
    callback(...given);
  }, 0);
  immediates.set(id, timer);
  return id;
}

export function clearImmediate(id) {
  clearTimeout(immediates.get(id));
  immediates.delete(id);
}

export const scheduler = {
  /** Resolves after so many milliseconds; rejects when `signal` is aborted before. */
  wait(milliseconds, { signal } = {}) {
    return new Promise((go, fail) => {
      signal?.throwIfAborted();
      const timer = setTimeout(go, milliseconds);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        fail(signal.reason);
      });
    });
  },
};
