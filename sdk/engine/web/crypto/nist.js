// ECDSA and ECDH with P-256, P-384 and P-521. https://w3c.github.io/webcrypto/#ecdsa and #ecdh
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { fault } from './bytes.js';
import { exportCurveKey, importCurveKey, sec1 } from './curve-keys.js';
import { digest, hashName } from './digest.js';
import { materialOf } from './key.js';

/** id-ecPublicKey */
const EC = '2a8648ce3d0201';

function curve(name, made, bytes, object) {
  const readPoint = (given) => {
    try {
      return made.Point.fromBytes(given).toBytes(false);
    } catch (cause) {
      throw fault('DataError', `The public key is no point of ${name}`, cause);
    }
  };
  return {
    made,
    bytes,
    what: name,
    objects: [EC, object],
    kty: 'EC',
    crv: name,
    coordinates: ['x', 'y'],
    readPoint,
    publicOf: (secret) => made.getPublicKey(secret, false),
    writeSecret: sec1.write,
    readSecret: sec1.read,
  };
}

const curves = new Map([
  ['P-256', curve('P-256', p256, 32, '2a8648ce3d030107')],
  ['P-384', curve('P-384', p384, 48, '2b81040022')],
  ['P-521', curve('P-521', p521, 66, '2b81040023')],
]);

function curveOf(name) {
  const found = curves.get(name);
  if (!found) throw fault('NotSupportedError', `There is no curve "${name}" here: P-256, P-384 and P-521 are`);
  return found;
}

/** What the two algorithms have in common; `usages` are those of private and of public keys. */
function onCurves(name, use, privateUsages, publicUsages, operations) {
  const algorithmOf = (namedCurve) => ({ name, namedCurve });
  return {
    usages: [...privateUsages, ...publicUsages],
    publicUsages,
    generate({ namedCurve }, randomBytes) {
      const { made, publicOf } = curveOf(namedCurve);
      const secret = made.utils.randomSecretKey(randomBytes(made.lengths.seed));
      return {
        algorithm: algorithmOf(namedCurve),
        publicMaterial: { point: publicOf(secret) },
        privateMaterial: { secret },
      };
    },
    import(format, data, { namedCurve }, context) {
      const form = { ...curveOf(namedCurve), use };
      return { ...importCurveKey(format, data, form, context), algorithm: algorithmOf(namedCurve) };
    },
    export: (format, key) => exportCurveKey(format, key, curveOf(key.algorithm.namedCurve)),
    ...operations,
  };
}

/** What is signed is a hash that was made before, with s as it comes, as the standard has it. */
const AS_STANDARD = { prehash: false, lowS: false };

export const ECDSA = onCurves('ECDSA', 'sig', ['sign'], ['verify'], {
  sign({ hash }, key, data) {
    const { made } = curveOf(key.algorithm.namedCurve);
    return made.sign(digest(hashName(hash), data), materialOf(key).secret, AS_STANDARD);
  },
  verify({ hash }, key, signature, data) {
    const { made, bytes } = curveOf(key.algorithm.namedCurve);
    if (signature.length !== 2 * bytes) return false;
    return made.verify(signature, digest(hashName(hash), data), materialOf(key).point, AS_STANDARD);
  },
});

export const ECDH = onCurves('ECDH', 'enc', ['deriveBits', 'deriveKey'], [], {
  deriveBits({ public: other }, key) {
    const { made } = curveOf(key.algorithm.namedCurve);
    if (other.algorithm.namedCurve !== key.algorithm.namedCurve)
      throw fault('InvalidAccessError', 'The two keys are of different curves');
    return made.getSharedSecret(materialOf(key).secret, materialOf(other).point).subarray(1);
  },
});

// Without tables of multiples, which would be made anew in each request, for longer than most signatures take.
for (const { Point } of [p256, p384, p521]) Point.BASE.precompute(1);
