// Keys on elliptic curves: spki, pkcs8, jwk and raw, of the curves of NIST (RFC 5480, RFC 5915) and of Curve25519 (RFC 8410).
import { bytesOf, concat, fault, isEqual, toBase64url } from './bytes.js';
import { bits, DerReader, integer, objectId, octets, sequence, tagged } from './der.js';
import { checkJwk, member } from './jwk.js';
import { materialOf } from './key.js';

/** How spki and pkcs8 say what kind of key it is: `objects` are the identifiers in their order. */
const kind = ({ objects }) => sequence(...objects.map((one) => objectId(one)));

function readKind(reader, { objects, what }) {
  const inner = reader.sequence();
  for (const one of objects) inner.objectId(one, what);
}

/**
 * The key of bytes in a format, as { type, material }: material has `point`, its public part, and `secret`, of a private key.
 * `form` has what the curve needs: { what, objects, kty, crv, readPoint, publicOf, wrapSecret, readSecret, … }.
 */
export function importCurveKey(format, data, form, context) {
  const { what } = form;
  switch (format) {
    case 'raw':
      return publicKey(form, bytesOf(data, 'key'));
    case 'spki': {
      const reader = new DerReader(bytesOf(data, 'key')).sequence();
      readKind(reader, form);
      return publicKey(form, reader.bits());
    }
    case 'pkcs8': {
      const reader = new DerReader(bytesOf(data, 'key')).sequence();
      reader.integer();
      readKind(reader, form);
      return privateKey(form, form.readSecret(reader.octets()));
    }
    case 'jwk':
      return importJwk(data, form, context);
    default:
      throw fault('NotSupportedError', `A key of ${what} has no form "${format}": raw, spki, pkcs8 and jwk are`);
  }
}

function publicKey(form, bytes) {
  return { type: 'public', material: { point: form.readPoint(bytes) } };
}

function privateKey(form, secret) {
  try {
    return { type: 'private', material: { secret, point: form.publicOf(secret) } };
  } catch (cause) {
    throw fault('DataError', `The private key is none of ${form.what}`, cause);
  }
}

function importJwk(jwk, form, context) {
  checkJwk(jwk, form.kty, { ...context, use: form.use });
  if (jwk.crv !== form.crv) throw fault('DataError', `"crv" of the JWK is "${jwk.crv}": "${form.crv}" is wanted`);
  const coordinates = form.coordinates.map((name) => member(jwk, name));
  if (!coordinates.every(({ length }) => length === form.bytes))
    throw fault('DataError', `A coordinate of the JWK has not ${form.bytes} bytes`);
  const given = publicKey(form, concat(...(form.kty === 'EC' ? [Uint8Array.of(4)] : []), ...coordinates));
  if (jwk.d === undefined) return given;
  const own = privateKey(form, member(jwk, 'd'));
  if (!isEqual(own.material.point, given.material.point))
    throw fault('DataError', 'The public and the private part of the JWK do not belong together');
  return own;
}

export function exportCurveKey(format, key, form) {
  const { point, secret } = materialOf(key);
  const wants = format === 'pkcs8' ? 'private' : format === 'jwk' ? key.type : 'public';
  if (key.type !== wants) throw fault('InvalidAccessError', `A ${key.type} key has no form "${format}"`);
  switch (format) {
    case 'raw':
      return point.slice();
    case 'spki':
      return sequence(kind(form), bits(point));
    case 'pkcs8':
      return sequence(integer(0n), kind(form), octets(form.writeSecret(secret, point)));
    case 'jwk': {
      const from = form.kty === 'EC' ? 1 : 0;
      const coordinates = form.coordinates.map((name, index) => {
        const start = from + index * form.bytes;
        return [name, toBase64url(point.subarray(start, start + form.bytes))];
      });
      return {
        kty: form.kty,
        crv: form.crv,
        ...Object.fromEntries(coordinates),
        ...(secret && { d: toBase64url(secret) }),
      };
    }
    default:
      throw fault('NotSupportedError', `A key of ${form.what} has no form "${format}": raw, spki, pkcs8 and jwk are`);
  }
}

/** ECPrivateKey of RFC 5915. */
export const sec1 = {
  write: (secret, point) => sequence(integer(1n), octets(secret), tagged(1, bits(point))),
  read(bytes) {
    const reader = new DerReader(bytes).sequence();
    reader.integer();
    return reader.octets();
  },
};

/** CurvePrivateKey of RFC 8410. */
export const plain = {
  write: (secret) => octets(secret),
  read: (bytes) => new DerReader(bytes).octets(),
};
