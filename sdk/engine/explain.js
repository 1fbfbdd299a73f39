// What errors say to people beyond their own words.
import { insteadOf } from './web/missing.js';

/** Adds to the message of an error what helps: what to use instead, or what the host answered. Gives the error. */
export function explain(error) {
  const [, name] = /^'?(\w+)'? is not defined$/.exec(error.message) ?? [];
  const instead = error instanceof ReferenceError && name !== undefined ? insteadOf(name) : undefined;
  if (instead !== undefined) error.message += `: ${instead}`;
  // An import of the host that answered with an error: the engine shows no more than that there is one.
  if (error.payload !== undefined && error.message.includes('[object Object]')) {
    error.message = `The host answered ${answered(error.payload)}`;
  }
  return error;
}

function answered(payload) {
  const { tag, val } = Object(payload);
  if (typeof tag !== 'string') return JSON.stringify(payload) ?? String(payload);
  const hint = tag === 'access-denied' ? ': the program was not granted it, and nothing is at its top level' : '';
  return `"${tag}"${typeof val === 'string' ? `: ${val}` : hint}`;
}
