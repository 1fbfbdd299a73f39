// structuredClone of https://html.spec.whatwg.org/#structured-cloning.
import { Blob, File } from './blob.js';
import { CryptoKey } from './crypto/key.js';

const ERRORS = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
/** What belongs to the platform, or cannot be copied: by name, since not all of it is there in each engine. */
const REFUSED = [
  'AbortSignal',
  'Event',
  'EventTarget',
  'FinalizationRegistry',
  'FormData',
  'Headers',
  'Promise',
  'ReadableStream',
  'Request',
  'Response',
  'TransformStream',
  'URL',
  'URLSearchParams',
  'WeakMap',
  'WeakRef',
  'WeakSet',
  'WritableStream',
];

function refuse(what) {
  return new DOMException(`${what} cannot be cloned`, 'DataCloneError');
}

/** `seen` has the copies by what they are copies of, so that cycles stay cycles. */
function clone(value, seen) {
  if (typeof value === 'function' || typeof value === 'symbol') throw refuse(`A ${typeof value}`);
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const keep = (copy) => {
    seen.set(value, copy);
    return copy;
  };
  if (Array.isArray(value)) return withProperties(value, keep(new Array(value.length)), seen);
  if (value instanceof Date) return keep(new Date(Date.prototype.getTime.call(value)));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof Map) return mapOf(value, keep(new Map()), seen);
  if (value instanceof Set) return setOf(value, keep(new Set()), seen);
  if (value instanceof ArrayBuffer) return keep(bufferOf(value));
  if (ArrayBuffer.isView(value)) return keep(viewOf(value, seen));
  if (value instanceof DOMException) return keep(new DOMException(value.message, value.name));
  if (value instanceof Error) return errorOf(value, keep, seen);
  if (value instanceof File)
    return keep(new File([value], value.name, { type: value.type, lastModified: value.lastModified }));
  if (value instanceof Blob) return keep(new Blob([value], { type: value.type }));
  // Nobody can change a key.
  if (value instanceof CryptoKey) return value;
  const inner =
    value instanceof Boolean || value instanceof Number || value instanceof String || value instanceof BigInt;
  if (inner) return keep(Object(value.valueOf()));
  for (const name of REFUSED) {
    const platform = globalThis[name];
    if (typeof platform === 'function' && value instanceof platform) throw refuse(`A ${name}`);
  }
  return withProperties(value, keep({}), seen);
}

function withProperties(value, copy, seen) {
  for (const key of Object.keys(value)) {
    const own = { value: clone(value[key], seen), writable: true, enumerable: true, configurable: true };
    // A key of this name would otherwise set the prototype.
    if (key === '__proto__') Object.defineProperty(copy, key, own);
    else copy[key] = own.value;
  }
  return copy;
}

function mapOf(value, copy, seen) {
  for (const [key, part] of [...Map.prototype.entries.call(value)]) copy.set(clone(key, seen), clone(part, seen));
  return copy;
}

function setOf(value, copy, seen) {
  for (const part of [...Set.prototype.values.call(value)]) copy.add(clone(part, seen));
  return copy;
}

function bufferOf(value) {
  if (value.detached) throw refuse('A buffer that was handed over');
  if (!value.resizable) return value.slice(0);
  const copy = new ArrayBuffer(value.byteLength, { maxByteLength: value.maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(value));
  return copy;
}

function viewOf(value, seen) {
  const buffer = clone(value.buffer, seen);
  const length = value instanceof DataView ? value.byteLength : value.length;
  const name = value instanceof DataView ? 'DataView' : value[Symbol.toStringTag];
  return new globalThis[name](buffer, value.byteOffset, length);
}

function errorOf(value, keep, seen) {
  const make = Object.hasOwn(ERRORS, value.name) ? ERRORS[value.name] : Error;
  const copy = keep(new make());
  delete copy.message;
  const define = (name, given) =>
    Object.defineProperty(copy, name, { value: given, writable: true, enumerable: false, configurable: true });
  if (Object.hasOwn(value, 'message')) define('message', String(value.message));
  if (Object.hasOwn(value, 'cause')) define('cause', clone(value.cause, seen));
  if (typeof value.stack === 'string') define('stack', value.stack);
  return copy;
}

export function structuredClone(value, options) {
  const list = [...(options?.transfer ?? [])];
  const seen = new Map();
  if (list.length === 0) return clone(value, seen);
  for (const one of list) {
    if (!(one instanceof ArrayBuffer) || one.detached) throw refuse('What is to be handed over, which is no buffer,');
  }
  if (new Set(list).size < list.length) throw refuse('A buffer that is to be handed over twice');
  for (const one of list) seen.set(one, bufferOf(one));
  const copy = clone(value, seen);
  // Nothing is handed over when something else could not be cloned.
  for (const one of list) one.transfer();
  return copy;
}
