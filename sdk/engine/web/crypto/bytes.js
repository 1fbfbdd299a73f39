// Bytes as the parts of cryptography take and give them.

/** A copy of the bytes of an ArrayBuffer or a view. Throws a TypeError for anything else. */
export function bytesOf(source, what = 'data') {
  if (source instanceof ArrayBuffer) return new Uint8Array(source.slice(0));
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice();
  throw new TypeError(`The ${what} must be an ArrayBuffer or a view of one`);
}

/** An ArrayBuffer that holds these bytes alone. */
export function bufferOf(bytes) {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const toBase64url = (bytes) => bytes.toBase64({ alphabet: 'base64url', omitPadding: true });

/** Throws a DataError for a text that is no base64url. */
export function fromBase64url(text, what) {
  try {
    return Uint8Array.fromBase64(text, { alphabet: 'base64url' });
  } catch (cause) {
    throw fault('DataError', `"${what}" of the JWK is no base64url`, cause);
  }
}

/** A number of bytes, the first being the highest. */
export function toInteger(bytes) {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toHex()}`);
}

/** `length` bytes of an integer; without a length as few as hold it. */
export function fromInteger(integer, length) {
  const text = integer.toString(16);
  const digits = length === undefined ? text.length + (text.length % 2) : 2 * length;
  if (text.length > digits) throw new RangeError('The integer is too large');
  return Uint8Array.fromHex(text.padStart(digits, '0'));
}

/** True when both hold the same bytes. What it takes depends on the length alone. */
export function isEqual(one, other) {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= one[at] ^ other[at];
  return difference === 0;
}

/** The error that Web Cryptography has for it: OperationError, DataError, … */
export function fault(name, message, cause) {
  const error = new DOMException(message, name);
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, configurable: true });
  return error;
}
