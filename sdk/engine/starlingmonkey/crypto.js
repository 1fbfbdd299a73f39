// Random values for programs in StarlingMonkey, which would take its own while a program is evaluated.
import { randomBytes } from '../host/random.js';

const MOST_BYTES = 65_536;

function getRandomValues(array) {
  if (!ArrayBuffer.isView(array) || array instanceof DataView || /Float/.test(array[Symbol.toStringTag]))
    throw new DOMException('getRandomValues wants an array of integers', 'TypeMismatchError');
  if (array.byteLength > MOST_BYTES)
    throw new DOMException(`getRandomValues gives at most ${MOST_BYTES} bytes at once`, 'QuotaExceededError');
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(randomBytes(array.byteLength));
  return array;
}

function randomUUID() {
  const bytes = randomBytes(16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

Object.defineProperties(crypto, {
  getRandomValues: { value: getRandomValues, writable: true, configurable: true },
  randomUUID: { value: randomUUID, writable: true, configurable: true },
});
