// Keys of passwords and of shared secrets: PBKDF2 (RFC 8018) and HKDF (RFC 5869).
import { hkdf } from '@noble/hashes/hkdf.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { bytesOf, fault } from './bytes.js';
import { hashes, hashName } from './digest.js';
import { materialOf } from './key.js';

function derivation(name, derive) {
  return {
    usages: ['deriveBits', 'deriveKey'],
    import(format, data, _, { extractable }) {
      if (format !== 'raw') throw fault('NotSupportedError', `A secret for ${name} has the form raw, not "${format}"`);
      if (extractable) throw fault('SyntaxError', `A secret for ${name} cannot be extractable`);
      return { type: 'secret', algorithm: { name }, material: bytesOf(data, 'key') };
    },
    /** As a key to derive: as long as it comes. */
    keyLength: () => null,
    deriveBits(algorithm, key, length) {
      if (length === null || length % 8 !== 0)
        throw fault('OperationError', `The length for ${name} is a number of bits in whole bytes`);
      return length === 0 ? new Uint8Array(0) : derive(algorithm, materialOf(key), length / 8);
    },
  };
}

export const PBKDF2 = derivation('PBKDF2', ({ hash, salt, iterations }, secret, length) => {
  if (!(iterations > 0)) throw fault('OperationError', 'PBKDF2 wants a number of iterations');
  return pbkdf2(hashes.get(hashName(hash)), secret, bytesOf(salt, 'salt'), { c: iterations, dkLen: length });
});

export const HKDF = derivation('HKDF', ({ hash, salt, info }, secret, length) => {
  const made = hashes.get(hashName(hash));
  if (length > 255 * made.outputLen)
    throw fault('OperationError', 'HKDF gives 255 times the length of its hash at most');
  return hkdf(made, secret, bytesOf(salt, 'salt'), bytesOf(info, 'info'), length);
});
