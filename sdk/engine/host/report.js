// Tells of errors of the program that nobody else sees to, in the log.
import { explain } from '../explain.js';
import { errorText, writeLine } from './console.js';

/** The name of an error, message and stack, on standard error. Never throws, whatever the program has thrown. */
export function report(error) {
  let text;
  try {
    text = error instanceof Error ? errorText(explain(error)) : `The program threw ${typeof error}: ${String(error)}`;
  } catch {
    text = 'The program threw something that has no text';
  }
  writeLine(text, true);
}

/** What was thrown by a callback that nobody waits for. */
export function reportError(error) {
  report(error);
}

const nativeMicrotask = globalThis.queueMicrotask;

/** The engine ends with a job that throws. */
export function queueMicrotask(callback) {
  if (typeof callback !== 'function') throw new TypeError('queueMicrotask wants a function');
  nativeMicrotask(() => {
    try {
      callback();
    } catch (error) {
      globalThis.reportError(error);
    }
  });
}
