// Ed25519 and X25519. https://w3c.github.io/webcrypto/#ed25519 and #x25519
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { fault } from './bytes.js';
import { exportCurveKey, importCurveKey, plain } from './curve-keys.js';
import { materialOf } from './key.js';

const BYTES = 32;

function sized(bytes) {
  if (bytes.length === BYTES) return bytes.slice();
  throw fault('DataError', `The key has ${BYTES} bytes, not ${bytes.length}`);
}

function onCurve(name, made, object, use, privateUsages, publicUsages, operations) {
  const form = {
    what: name,
    objects: [object],
    kty: 'OKP',
    crv: name,
    use,
    bytes: BYTES,
    coordinates: ['x'],
    readPoint: sized,
    publicOf: (secret) => made.getPublicKey(sized(secret)),
    writeSecret: plain.write,
    readSecret: plain.read,
  };
  return {
    usages: [...privateUsages, ...publicUsages],
    publicUsages,
    generate(_, randomBytes) {
      const secret = randomBytes(BYTES);
      return { algorithm: { name }, publicMaterial: { point: form.publicOf(secret) }, privateMaterial: { secret } };
    },
    import: (format, data, _, context) => ({
      ...importCurveKey(format, data, form, context),
      algorithm: { name },
    }),
    export: (format, key) => exportCurveKey(format, key, form),
    ...operations,
  };
}

export const Ed25519 = onCurve('Ed25519', ed25519, '2b6570', 'sig', ['sign'], ['verify'], {
  sign: (_, key, data) => ed25519.sign(data, materialOf(key).secret),
  verify: (_, key, signature, data) =>
    signature.length === 64 && ed25519.verify(signature, data, materialOf(key).point, { zip215: false }),
});

export const X25519 = onCurve('X25519', x25519, '2b656e', 'enc', ['deriveBits', 'deriveKey'], [], {
  deriveBits({ public: other }, key) {
    try {
      return x25519.getSharedSecret(materialOf(key).secret, materialOf(other).point);
    } catch (cause) {
      throw fault('OperationError', 'The keys give no shared secret', cause);
    }
  },
});

// Without tables of multiples, which would be made anew in each request.
ed25519.Point.BASE.precompute(1);
