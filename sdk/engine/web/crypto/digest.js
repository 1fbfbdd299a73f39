// Hash functions by their names in Web Cryptography.
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { fault } from './bytes.js';

/** Of those that keys may use. */
export const hashes = new Map([
  ['SHA-1', sha1],
  ['SHA-256', sha256],
  ['SHA-384', sha384],
  ['SHA-512', sha512],
]);

/** MD5 is for programs that have to compare with what others have made by it, as in workerd. */
const digests = new Map([...hashes, ['MD5', md5]]);

function find(all, given) {
  const name = String(typeof given === 'object' && given !== null ? given.name : given).toUpperCase();
  if (all.has(name)) return name;
  throw fault('NotSupportedError', `There is no hash function "${name}" here: ${[...all.keys()].join(', ')} are`);
}

/** The name of a hash function that was given as an algorithm. Throws a NotSupportedError. */
export const hashName = (given) => find(hashes, given);

export function digest(algorithm, bytes) {
  return digests.get(find(digests, algorithm))(bytes);
}
