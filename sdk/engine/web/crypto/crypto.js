// `crypto` of https://w3c.github.io/webcrypto/#Crypto-interface, of a source of random bytes.
import { fault } from './bytes.js';
import { CryptoKey } from './key.js';
import { subtleWith } from './subtle.js';

const MOST_BYTES = 65_536;
const INTEGERS = new Set([
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
]);
const construct = Symbol('construct');

/** `{ crypto, Crypto, SubtleCrypto, CryptoKey }`. `randomBytes(length)` gives a Uint8Array of its own, or throws. */
export function cryptoWith(randomBytes) {
  class SubtleCrypto {
    constructor(key) {
      if (key !== construct) throw new TypeError('Illegal constructor');
    }

    get [Symbol.toStringTag]() {
      return 'SubtleCrypto';
    }
  }
  for (const [name, value] of Object.entries(subtleWith(randomBytes))) {
    Object.defineProperty(SubtleCrypto.prototype, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  const subtle = new SubtleCrypto(construct);

  class Crypto {
    constructor(key) {
      if (key !== construct) throw new TypeError('Illegal constructor');
    }

    get subtle() {
      return subtle;
    }

    getRandomValues(array) {
      if (!ArrayBuffer.isView(array) || !INTEGERS.has(array[Symbol.toStringTag]))
        throw fault('TypeMismatchError', 'getRandomValues wants an array of integers');
      if (array.byteLength > MOST_BYTES)
        throw fault('QuotaExceededError', `getRandomValues gives at most ${MOST_BYTES} bytes at once`);
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(randomBytes(array.byteLength));
      return array;
    }

    randomUUID() {
      const bytes = randomBytes(16);
      bytes[6] = (bytes[6] & 0x0f) | 0x40;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      const hex = bytes.toHex();
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    }

    get [Symbol.toStringTag]() {
      return 'Crypto';
    }
  }
  return { crypto: new Crypto(construct), Crypto, SubtleCrypto, CryptoKey };
}
