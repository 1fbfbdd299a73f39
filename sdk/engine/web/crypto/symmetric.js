// Secret keys of AES and HMAC, and AES in its modes. https://w3c.github.io/webcrypto/#aes-gcm and what is around it.
import { aeskw, cbc, ctr, gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { bytesOf, concat, fault, fromInteger, isEqual, toBase64url, toInteger } from './bytes.js';
import { hashes, hashName } from './digest.js';
import { checkJwk, member } from './jwk.js';
import { materialOf } from './key.js';

/** What `raw` and `jwk` have of a secret key, whose `alg` is made of the number of its bytes. */
function importSecret(format, data, algOf, use, context) {
  if (format === 'raw') return bytesOf(data, 'key');
  if (format !== 'jwk') throw fault('NotSupportedError', `A secret key has no form "${format}": raw and jwk are`);
  const bytes = data && typeof data === 'object' && typeof data.k === 'string' ? member(data, 'k') : undefined;
  checkJwk(data, 'oct', { ...context, use, alg: bytes && algOf(bytes) });
  return bytes ?? member(data, 'k');
}

function exportSecret(format, key, algOf) {
  const bytes = materialOf(key);
  if (format === 'raw') return bytes.slice();
  if (format !== 'jwk') throw fault('NotSupportedError', `A secret key has no form "${format}": raw and jwk are`);
  return { kty: 'oct', k: toBase64url(bytes), alg: algOf(bytes) };
}

const macAlg = (hash) => `HS${hash === 'SHA-1' ? '1' : hash.slice(4)}`;

function macLength({ hash, length }) {
  const bits = length ?? hashes.get(hashName(hash)).blockLen * 8;
  if (!(bits > 0) || bits % 8 !== 0)
    throw fault('OperationError', 'The length of a key for HMAC is bits, in whole bytes');
  return bits;
}

export const HMAC = {
  usages: ['sign', 'verify'],
  generate(algorithm, randomBytes) {
    const length = macLength(algorithm);
    const hash = { name: hashName(algorithm.hash) };
    return { type: 'secret', algorithm: { name: 'HMAC', hash, length }, material: randomBytes(length / 8) };
  },
  import(format, data, { hash: given }, context) {
    const hash = hashName(given);
    const material = importSecret(format, data, () => macAlg(hash), 'sig', context);
    if (material.length === 0) throw fault('DataError', 'A key for HMAC has at least one byte');
    return { type: 'secret', algorithm: { name: 'HMAC', hash: { name: hash }, length: material.length * 8 }, material };
  },
  export: (format, key) => exportSecret(format, key, () => macAlg(key.algorithm.hash.name)),
  /** The bits that deriveKey wants for a key of this algorithm. */
  keyLength: macLength,
  sign: (_, key, data) => hmac(hashes.get(key.algorithm.hash.name), materialOf(key), data),
  verify: (_, key, signature, data) => isEqual(HMAC.sign(_, key, data), signature),
};

function checkedAesLength(length) {
  if (length === 128 || length === 192 || length === 256) return length;
  throw fault('OperationError', `A key for AES has 128, 192 or 256 bits, not ${length}`);
}

/** What the modes have in common. */
function aes(name, usages, operations) {
  const algOf = (bytes) => `A${bytes.length * 8}${name.slice(4)}`;
  return {
    usages,
    generate({ length }, randomBytes) {
      return { type: 'secret', algorithm: { name, length }, material: randomBytes(checkedAesLength(length) / 8) };
    },
    import(format, data, _, context) {
      const material = importSecret(format, data, algOf, 'enc', context);
      if (![16, 24, 32].includes(material.length))
        throw fault('DataError', `A key for AES has 16, 24 or 32 bytes, not ${material.length}`);
      return { type: 'secret', algorithm: { name, length: material.length * 8 }, material };
    },
    export: (format, key) => exportSecret(format, key, algOf),
    keyLength: ({ length }) => checkedAesLength(length),
    ...operations,
  };
}

function vector(given, length, what) {
  const bytes = bytesOf(given, what);
  if (length !== undefined && bytes.length !== length)
    throw fault('OperationError', `The ${what} has ${length} bytes, not ${bytes.length}`);
  return bytes;
}

/** Runs a cipher; its mistakes are OperationErrors, which do not tell what was wrong with the data. */
function attempt(work) {
  try {
    return work();
  } catch (cause) {
    throw fault(
      'OperationError',
      'The operation failed: is it the key, the vector and the data that belong together?',
      cause,
    );
  }
}

const ALL = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
const TAG_BYTES = 16;

function tagBytes({ tagLength = 128 }) {
  if ([32, 64, 96, 104, 112, 120, 128].includes(tagLength)) return tagLength / 8;
  throw fault('OperationError', `The tag of AES-GCM has 32, 64 or 96 to 128 bits, not ${tagLength}`);
}

function gcmOf({ iv, additionalData }, key) {
  const more = additionalData === undefined ? undefined : bytesOf(additionalData, 'additionalData');
  return gcm(materialOf(key), vector(iv, undefined, 'iv'), more);
}

export const AES_GCM = aes('AES-GCM', ALL, {
  encrypt(algorithm, key, data) {
    const whole = attempt(() => gcmOf(algorithm, key).encrypt(data));
    return whole.subarray(0, whole.length - TAG_BYTES + tagBytes(algorithm));
  },
  decrypt(algorithm, key, data) {
    const size = tagBytes(algorithm);
    if (data.length < size) throw fault('OperationError', 'The data is shorter than its tag');
    if (size === TAG_BYTES) return attempt(() => gcmOf(algorithm, key).decrypt(data));
    // The cipher knows whole tags only. What it makes of the sealed text is the plain one, since both come of the same
    // stream; that gives the tag.
    const sealed = data.subarray(0, data.length - size);
    const plain = attempt(() => gcmOf(algorithm, key).encrypt(sealed)).subarray(0, sealed.length);
    const again = attempt(() => gcmOf(algorithm, key).encrypt(plain));
    if (isEqual(again.subarray(sealed.length, data.length), data.subarray(sealed.length))) return plain;
    throw fault('OperationError', 'The tag is not that of the data');
  },
});

export const AES_CBC = aes('AES-CBC', ALL, {
  encrypt: ({ iv }, key, data) => attempt(() => cbc(materialOf(key), vector(iv, 16, 'iv')).encrypt(data)),
  decrypt: ({ iv }, key, data) => attempt(() => cbc(materialOf(key), vector(iv, 16, 'iv')).decrypt(data)),
});

/** The lowest `length` bits of the counter count, and begin again at 0; the cipher's counter has all 128. */
function counted({ counter, length }, key, data) {
  const start = vector(counter, 16, 'counter');
  if (!(length >= 1 && length <= 128)) throw fault('OperationError', 'The length of the counter is 1 to 128 bits');
  const all = 1n << BigInt(length);
  const value = toInteger(start);
  const blocks = BigInt(Math.ceil(data.length / 16));
  if (blocks > all) throw fault('OperationError', 'The data is longer than the counter counts');
  const before = Number(all - (value % all) < blocks ? all - (value % all) : blocks) * 16;
  const run = (from, part) => (part.length === 0 ? part : ctr(materialOf(key), from).encrypt(part));
  const first = run(start, data.subarray(0, before));
  if (before >= data.length) return first;
  return concat(first, run(fromInteger(value - (value % all), 16), data.subarray(before)));
}

export const AES_CTR = aes('AES-CTR', ALL, { encrypt: counted, decrypt: counted });

export const AES_KW = aes('AES-KW', ['wrapKey', 'unwrapKey'], {
  wrap: (_, key, data) => attempt(() => aeskw(materialOf(key)).encrypt(data)),
  unwrap: (_, key, data) => attempt(() => aeskw(materialOf(key)).decrypt(data)),
});
