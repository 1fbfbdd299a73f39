// Waits that end by themselves and say what they waited for, for tests.

/**
 * Milliseconds of a wait: far longer than anything takes on a busy machine, far shorter than the patience of whoever
 * waits for the tests.
 */
export const PATIENCE_MS = 15_000;

/**
 * Waits for `promise`. `what` says what for; as a function it is called when the time is over, and may tell how far
 * things had come.
 */
export async function within<T>(promise: Promise<T>, what: string | (() => string), ms = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited ${ms} ms in vain: ${typeof what === 'string' ? what : what()}`));
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export async function eventually(condition: () => boolean, what: string, ms = PATIENCE_MS): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
