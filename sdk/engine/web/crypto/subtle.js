// SubtleCrypto of https://w3c.github.io/webcrypto/#subtlecrypto-interface: finds the algorithm, and sees to what keys may do.
import { bufferOf, bytesOf, fault, isEqual } from './bytes.js';
import { Ed25519, X25519 } from './curve25519.js';
import { HKDF, PBKDF2 } from './derive.js';
import { digest } from './digest.js';
import { CryptoKey, makeKey } from './key.js';
import { ECDH, ECDSA } from './nist.js';
import { RSA_OAEP, RSA_PSS, RSASSA } from './rsa.js';
import { AES_CBC, AES_CTR, AES_GCM, AES_KW, HMAC } from './symmetric.js';

const algorithms = {
  HMAC,
  'AES-GCM': AES_GCM,
  'AES-CBC': AES_CBC,
  'AES-CTR': AES_CTR,
  'AES-KW': AES_KW,
  PBKDF2,
  HKDF,
  ECDSA,
  ECDH,
  Ed25519,
  X25519,
  'RSASSA-PKCS1-v1_5': RSASSA,
  'RSA-PSS': RSA_PSS,
  'RSA-OAEP': RSA_OAEP,
};
const names = new Map(Object.keys(algorithms).map((name) => [name.toLowerCase(), name]));

/** `{ name, made, given }` of an algorithm as programs name it. Throws a NotSupportedError for one that has no `operation`. */
function find(given, operation) {
  const asked = typeof given === 'string' ? { name: given } : given;
  if (typeof asked?.name !== 'string') throw new TypeError('An algorithm is a name, or an object that has one');
  const name = names.get(asked.name.toLowerCase());
  const made = algorithms[name];
  if (made?.[operation]) return { name, made, given: asked };
  const able = Object.keys(algorithms).filter((one) => algorithms[one][operation]);
  throw fault('NotSupportedError', `"${asked.name}" has no ${operation} here: ${able.join(', ')} have`);
}

/** The algorithm, for a key that may be used so. Throws an InvalidAccessError for others. */
function use(given, key, usage, operation = usage) {
  if (!(key instanceof CryptoKey)) throw new TypeError('The key must be a CryptoKey');
  const found = find(given, operation);
  if (key.algorithm.name !== found.name)
    throw fault('InvalidAccessError', `The key is one of ${key.algorithm.name}, not of ${found.name}`);
  if (!key.usages.includes(usage))
    throw fault('InvalidAccessError', `The key is not for ${usage}: its usages are [${key.usages.join(', ')}]`);
  return found;
}

function checkUsages(usages, allowed) {
  const list = [...usages];
  const wrong = list.find((one) => !allowed.includes(one));
  if (wrong !== undefined)
    throw fault('SyntaxError', `Such a key is not for "${wrong}": its usages may be [${allowed.join(', ')}]`);
  return [...new Set(list)];
}

function needUsages(usages) {
  if (usages.length === 0) throw fault('SyntaxError', 'A secret or private key needs at least one usage');
}

/** `randomBytes` gives bytes for cryptography, as many as it is asked for. */
export function subtleWith(randomBytes) {
  async function importKey(format, data, algorithm, extractable, usages) {
    const { made, given } = find(algorithm, 'import');
    const context = { extractable: Boolean(extractable), usages: [...usages] };
    const key = made.import(format, data, given, context);
    const isPublic = key.type === 'public';
    const own = isPublic ? (made.publicUsages ?? []) : made.usages.filter((one) => !made.publicUsages?.includes(one));
    const checked = checkUsages(usages, own);
    if (!isPublic) needUsages(checked);
    return makeKey(key, context.extractable, checked);
  }

  function exported(format, key) {
    if (!(key instanceof CryptoKey)) throw new TypeError('The key must be a CryptoKey');
    if (!key.extractable) throw fault('InvalidAccessError', 'The key is not extractable');
    const form = find(key.algorithm, 'export').made.export(format, key);
    return format === 'jwk' ? { ...form, key_ops: [...key.usages], ext: true } : form;
  }

  function bitsOf(algorithm, key, length, usage) {
    const { made, given } = use(algorithm, key, usage, 'deriveBits');
    if (!made.publicUsages) return made.deriveBits(given, key, length);
    const other = given.public;
    if (!(other instanceof CryptoKey) || other.type !== 'public' || other.algorithm.name !== key.algorithm.name)
      throw fault('InvalidAccessError', `"public" must be a public key of ${key.algorithm.name}`);
    const bits = made.deriveBits(given, key);
    if (length === null || length === undefined) return bits;
    if (length % 8 !== 0 || length > bits.length * 8)
      throw fault('OperationError', `The keys give ${bits.length * 8} bits at most, in whole bytes`);
    return bits.subarray(0, length / 8);
  }

  async function crypt(operation, algorithm, key, data) {
    const { made, given } = use(algorithm, key, operation);
    return bufferOf(made[operation](given, key, bytesOf(data), randomBytes));
  }

  return {
    digest: async (algorithm, data) => bufferOf(digest(algorithm, bytesOf(data))),

    async generateKey(algorithm, extractable, usages) {
      const { made, given } = find(algorithm, 'generate');
      const checked = checkUsages(usages, made.usages);
      const key = await made.generate(given, randomBytes);
      if (!made.publicUsages) {
        needUsages(checked);
        return makeKey(key, Boolean(extractable), checked);
      }
      const { publicMaterial, privateMaterial } = key;
      const ofPublic = checked.filter((one) => made.publicUsages.includes(one));
      const ofPrivate = checked.filter((one) => !made.publicUsages.includes(one));
      needUsages(ofPrivate);
      const part = (type, material) => ({ type, algorithm: key.algorithm, material });
      return {
        publicKey: makeKey(part('public', publicMaterial), true, ofPublic),
        privateKey: makeKey(
          part('private', { ...publicMaterial, ...privateMaterial }),
          Boolean(extractable),
          ofPrivate,
        ),
      };
    },

    importKey,

    async exportKey(format, key) {
      const form = exported(format, key);
      return format === 'jwk' ? form : bufferOf(form);
    },

    async sign(algorithm, key, data) {
      const { made, given } = use(algorithm, key, 'sign');
      return bufferOf(made.sign(given, key, bytesOf(data), randomBytes));
    },

    async verify(algorithm, key, signature, data) {
      const { made, given } = use(algorithm, key, 'verify');
      return made.verify(given, key, bytesOf(signature, 'signature'), bytesOf(data));
    },

    encrypt: (algorithm, key, data) => crypt('encrypt', algorithm, key, data),
    decrypt: (algorithm, key, data) => crypt('decrypt', algorithm, key, data),

    deriveBits: async (algorithm, key, length = null) => bufferOf(bitsOf(algorithm, key, length, 'deriveBits')),

    async deriveKey(algorithm, key, wanted, extractable, usages) {
      const { made, given } = find(wanted, 'keyLength');
      const bits = bitsOf(algorithm, key, made.keyLength(given), 'deriveKey');
      return importKey('raw', bits, wanted, extractable, usages);
    },

    async wrapKey(format, key, wrapping, algorithm) {
      const { made, given } = wrapper(algorithm, wrapping, 'wrapKey', 'wrap', 'encrypt');
      const form = exported(format, key);
      const bytes = format === 'jwk' ? new TextEncoder().encode(JSON.stringify(form)) : form;
      return bufferOf((made.wrap ?? made.encrypt)(given, wrapping, bytes, randomBytes));
    },

    async unwrapKey(format, wrapped, wrapping, algorithm, wanted, extractable, usages) {
      const { made, given } = wrapper(algorithm, wrapping, 'unwrapKey', 'unwrap', 'decrypt');
      const bytes = (made.unwrap ?? made.decrypt)(given, wrapping, bytesOf(wrapped));
      const data = format === 'jwk' ? JSON.parse(new TextDecoder().decode(bytes)) : bytes;
      return importKey(format, data, wanted, extractable, usages);
    },

    /** Of workerd: in a time that depends on the length alone. */
    timingSafeEqual(one, other) {
      const [first, second] = [bytesOf(one), bytesOf(other)];
      if (first.length !== second.length) throw new TypeError('Both must have the same length');
      return isEqual(first, second);
    },
  };
}

/** Keys are wrapped by an operation of its own, or by encrypting them. */
function wrapper(algorithm, key, usage, own, other) {
  const name = key?.algorithm?.name;
  return use(algorithm, key, usage, algorithms[name]?.[own] ? own : other);
}
