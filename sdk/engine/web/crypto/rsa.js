// RSASSA-PKCS1-v1_5, RSA-PSS and RSA-OAEP (RFC 8017). https://w3c.github.io/webcrypto/#rsassa-pkcs1
import { bytesOf, concat, fault, fromInteger, isEqual } from './bytes.js';
import { digest, hashes, hashName } from './digest.js';
import { materialOf } from './key.js';
import { generateRsa } from './rsa-generate.js';
import { exportRsaKey, importRsaKey, sizeOf, withPrivate, withPublic } from './rsa-keys.js';

/** DigestInfo before the hash (RFC 8017, 9.2, note 1). */
const INFO = {
  'SHA-1': '3021300906052b0e03021a05000414',
  'SHA-256': '3031300d060960864801650304020105000420',
  'SHA-384': '3041300d060960864801650304020205000430',
  'SHA-512': '3051300d060960864801650304020305000440',
};

function scheme(name, algOf, use, privateUsages, publicUsages, operations) {
  const algorithmOf = ({ n, e }, hash) => ({
    name,
    modulusLength: n.toString(2).length,
    publicExponent: fromInteger(e),
    hash: { name: hash },
  });
  return {
    usages: [...privateUsages, ...publicUsages],
    publicUsages,
    async generate(algorithm, randomBytes) {
      const hash = hashName(algorithm.hash);
      const { n, e, ...own } = await generateRsa(algorithm, randomBytes);
      return { algorithm: algorithmOf({ n, e }, hash), publicMaterial: { n, e }, privateMaterial: own };
    },
    import(format, data, { hash: given }, context) {
      const hash = hashName(given);
      const { type, material } = importRsaKey(format, data, { ...context, use, alg: algOf(hash) });
      return { type, material, algorithm: algorithmOf(material, hash) };
    },
    export: (format, key) => exportRsaKey(format, key, algOf(key.algorithm.hash.name)),
    ...operations,
  };
}

const filled = (length, value) => new Uint8Array(length).fill(value);
const hashOf = (key) => key.algorithm.hash.name;

/** EMSA-PKCS1-v1_5 */
function encodeV15(key, data) {
  const info = concat(Uint8Array.fromHex(INFO[hashOf(key)]), digest(hashOf(key), data));
  const space = sizeOf(materialOf(key).n) - info.length - 3;
  if (space < 8) throw fault('OperationError', 'The key of RSA is too short for the hash');
  return concat(Uint8Array.of(0, 1), filled(space, 0xff), Uint8Array.of(0), info);
}

const SIGN = [['sign'], ['verify']];
const shortHash = (hash) => (hash === 'SHA-1' ? '1' : hash.slice(4));

export const RSASSA = scheme('RSASSA-PKCS1-v1_5', (hash) => `RS${shortHash(hash)}`, 'sig', ...SIGN, {
  sign: (_, key, data) => withPrivate(materialOf(key), encodeV15(key, data)),
  verify(_, key, signature, data) {
    const found = opened(key, signature);
    return found !== undefined && isEqual(found, encodeV15(key, data));
  },
});

/** What was signed; undefined for what cannot be a signature of the key. */
function opened(key, signature) {
  const material = materialOf(key);
  if (signature.length !== sizeOf(material.n)) return undefined;
  try {
    return withPublic(material, signature);
  } catch {
    return undefined;
  }
}

/** MGF1: `bytes` with a mask over them that comes of `seed`. */
function masked(hash, seed, bytes) {
  const result = bytes.slice();
  for (let at = 0, count = 0; at < result.length; count++) {
    const counter = Uint8Array.of(count >>> 24, count >>> 16, count >>> 8, count);
    for (const byte of digest(hash, concat(seed, counter))) if (at < result.length) result[at++] ^= byte;
  }
  return result;
}

/** The size of the encoded message in bits and bytes: one bit less than the modulus. */
function pssSize(key) {
  const bits = key.algorithm.modulusLength - 1;
  return { bytes: Math.ceil(bits / 8), unused: (8 - (bits % 8)) % 8 };
}

function pssDigest(key, data, salt) {
  return digest(hashOf(key), concat(new Uint8Array(8), digest(hashOf(key), data), salt));
}

export const RSA_PSS = scheme('RSA-PSS', (hash) => `PS${shortHash(hash)}`, 'sig', ...SIGN, {
  sign({ saltLength }, key, data, randomBytes) {
    const { bytes, unused } = pssSize(key);
    const salt = saltLength === 0 ? new Uint8Array(0) : randomBytes(saltLength);
    const made = pssDigest(key, data, salt);
    const space = bytes - salt.length - made.length - 2;
    if (!(space >= 0)) throw fault('OperationError', 'The salt is too long for the key');
    const body = masked(hashOf(key), made, concat(filled(space, 0), Uint8Array.of(1), salt));
    body[0] &= 0xff >> unused;
    const encoded = concat(body, made, Uint8Array.of(0xbc));
    return withPrivate(materialOf(key), encoded);
  },
  verify({ saltLength }, key, signature, data) {
    const whole = opened(key, signature);
    const { bytes, unused } = pssSize(key);
    if (!whole || whole.subarray(0, whole.length - bytes).some((byte) => byte !== 0)) return false;
    const encoded = whole.subarray(whole.length - bytes);
    const size = hashes.get(hashOf(key)).outputLen;
    const space = bytes - size - saltLength - 2;
    if (!(space >= 0) || encoded[bytes - 1] !== 0xbc) return false;
    const made = encoded.subarray(bytes - size - 1, bytes - 1);
    const body = encoded.subarray(0, bytes - size - 1);
    if (body[0] >> (8 - unused) !== 0) return false;
    const plain = masked(hashOf(key), made, body);
    plain[0] &= 0xff >> unused;
    if (plain.subarray(0, space).some((byte) => byte !== 0) || plain[space] !== 1) return false;
    return isEqual(made, pssDigest(key, data, plain.subarray(space + 1)));
  },
});

const CRYPT = [
  ['decrypt', 'unwrapKey'],
  ['encrypt', 'wrapKey'],
];

export const RSA_OAEP = scheme(
  'RSA-OAEP',
  (hash) => (hash === 'SHA-1' ? 'RSA-OAEP' : `RSA-OAEP-${shortHash(hash)}`),
  'enc',
  ...CRYPT,
  {
    encrypt({ label }, key, data, randomBytes) {
      const hash = hashOf(key);
      const mark = digest(hash, label === undefined ? new Uint8Array(0) : bytesOf(label, 'label'));
      const space = sizeOf(materialOf(key).n) - data.length - 2 * mark.length - 2;
      if (space < 0) throw fault('OperationError', 'The data is too long for the key');
      const seed = randomBytes(mark.length);
      const body = masked(hash, seed, concat(mark, filled(space, 0), Uint8Array.of(1), data));
      return withPublic(materialOf(key), concat(Uint8Array.of(0), masked(hash, body, seed), body));
    },
    decrypt({ label }, key, data) {
      const hash = hashOf(key);
      const mark = digest(hash, label === undefined ? new Uint8Array(0) : bytesOf(label, 'label'));
      // All that can be wrong is one error, so that nobody learns by asking what it was.
      const wrong = () => fault('OperationError', 'The data was not encrypted for this key, or with another label');
      if (data.length !== sizeOf(materialOf(key).n) || data.length < 2 * mark.length + 2) throw wrong();
      const whole = withPrivate(materialOf(key), data);
      const body = whole.subarray(1 + mark.length);
      const seed = masked(hash, body, whole.subarray(1, 1 + mark.length));
      const plain = masked(hash, seed, body);
      let end = mark.length;
      while (end < plain.length && plain[end] === 0) end++;
      if (whole[0] !== 0 || !isEqual(plain.subarray(0, mark.length), mark) || plain[end] !== 1) throw wrong();
      return plain.slice(end + 1);
    },
  },
);
