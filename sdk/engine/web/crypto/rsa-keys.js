// Keys of RSA: spki, pkcs8 and jwk (RFC 8017, appendix A.1; RFC 7518, 6.3), and the arithmetic with them.
import { bytesOf, fault, fromInteger, toBase64url, toInteger } from './bytes.js';
import { bits, DerReader, integer, nothing, objectId, octets, sequence } from './der.js';
import { checkJwk, member } from './jwk.js';
import { materialOf } from './key.js';

/** rsaEncryption */
const RSA = '2a864886f70d010101';
/** The parts of a private key, in their order in PKCS #1; a JWK has the same names. */
const PARTS = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];
const kind = () => sequence(objectId(RSA), nothing());
const MOST_BITS = 8192;

function readParts(reader, names) {
  return Object.fromEntries(names.map((name) => [name, reader.integer()]));
}

export function importRsaKey(format, data, context) {
  const material = read(format, data, context);
  const size = material.n.toString(2).length;
  if (size > MOST_BITS || size < 512 || material.e < 3n || material.e % 2n === 0n || material.n % 2n === 0n)
    throw fault(
      'DataError',
      `The key of RSA has ${size} bits, or a wrong exponent: 512 to ${MOST_BITS} bits are taken`,
    );
  if (material.d !== undefined && material.p * material.q !== material.n)
    throw fault('DataError', 'The primes are not those of the key');
  return { type: material.d === undefined ? 'public' : 'private', material };
}

function read(format, data, context) {
  switch (format) {
    case 'spki': {
      const reader = new DerReader(bytesOf(data, 'key')).sequence();
      reader.sequence().objectId(RSA, 'RSA');
      return readParts(new DerReader(reader.bits()).sequence(), ['n', 'e']);
    }
    case 'pkcs8': {
      const reader = new DerReader(bytesOf(data, 'key')).sequence();
      reader.integer();
      reader.sequence().objectId(RSA, 'RSA');
      const inner = new DerReader(reader.octets()).sequence();
      if (inner.integer() !== 0n)
        throw fault('NotSupportedError', 'A key of RSA with more than two primes is not taken');
      return readParts(inner, PARTS);
    }
    case 'jwk': {
      checkJwk(data, 'RSA', context);
      if (data.oth !== undefined)
        throw fault('NotSupportedError', 'A key of RSA with more than two primes is not taken');
      const names = data.d === undefined ? ['n', 'e'] : PARTS;
      return Object.fromEntries(names.map((name) => [name, toInteger(member(data, name))]));
    }
    default:
      throw fault('NotSupportedError', `A key of RSA has no form "${format}": spki, pkcs8 and jwk are`);
  }
}

export function exportRsaKey(format, key, alg) {
  const material = materialOf(key);
  const wants = format === 'pkcs8' ? 'private' : format === 'jwk' ? key.type : 'public';
  if (key.type !== wants) throw fault('InvalidAccessError', `A ${key.type} key has no form "${format}"`);
  const all = PARTS.filter((name) => material[name] !== undefined);
  switch (format) {
    case 'spki':
      return sequence(kind(), bits(sequence(integer(material.n), integer(material.e))));
    case 'pkcs8':
      return sequence(
        integer(0n),
        kind(),
        octets(sequence(integer(0n), ...all.map((name) => integer(material[name])))),
      );
    case 'jwk':
      return {
        kty: 'RSA',
        alg,
        ...Object.fromEntries(all.map((name) => [name, toBase64url(fromInteger(material[name]))])),
      };
    default:
      throw fault('NotSupportedError', `A key of RSA has no form "${format}": spki, pkcs8 and jwk are`);
  }
}

const WINDOW = 4n;

/** `base` to the power of `exponent`, modulo `modulus`, in windows of four bits. */
export function power(base, exponent, modulus) {
  const table = [1n];
  for (let index = 1; index < 1 << Number(WINDOW); index++) table.push((table[index - 1] * base) % modulus);
  let result = 1n;
  // A hexadecimal digit is a window.
  for (const digit of exponent.toString(16)) {
    for (let bit = 0n; bit < WINDOW; bit++) result = (result * result) % modulus;
    result = (result * table[Number.parseInt(digit, 16)]) % modulus;
  }
  return result;
}

/** RSAEP and RSAVP1: bytes of the modulus' length. Throws an OperationError for a number that is too large. */
export function withPublic({ n, e }, bytes) {
  const value = toInteger(bytes);
  if (value >= n) throw fault('OperationError', 'The number is larger than the modulus');
  let result = value;
  // The exponent is small, nearly always 65537: no table.
  for (const bit of e.toString(2).slice(1)) {
    result = (result * result) % n;
    if (bit === '1') result = (result * value) % n;
  }
  return fromInteger(result, sizeOf(n));
}

/** RSADP and RSASP1, by the Chinese remainders. The result is checked: a fault in it would give a prime away. */
export function withPrivate(material, bytes) {
  const { n, p, q, dp, dq, qi } = material;
  const value = toInteger(bytes);
  if (value >= n) throw fault('OperationError', 'The number is larger than the modulus');
  const first = power(value % p, dp, p);
  const second = power(value % q, dq, q);
  const difference = ((((first - second) * qi) % p) + p) % p;
  const result = fromInteger(second + difference * q, sizeOf(n));
  if (toInteger(withPublic(material, result)) !== value)
    throw fault('OperationError', 'The parts of the key do not fit');
  return result;
}

/** The bytes of the modulus. */
export const sizeOf = (n) => Math.ceil(n.toString(16).length / 2);
