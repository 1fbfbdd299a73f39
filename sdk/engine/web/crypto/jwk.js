// JSON Web Keys (RFC 7517): what all kinds of keys have in common.
import { fault, fromBase64url } from './bytes.js';

/** Throws a DataError for a key that is not of the type, or not for what it is to be used for. */
export function checkJwk(jwk, kty, { alg, use, extractable, usages }) {
  if (typeof jwk !== 'object' || jwk === null) throw new TypeError('A JWK is an object');
  if (jwk.kty !== kty) throw fault('DataError', `"kty" of the JWK is ${JSON.stringify(jwk.kty)}: "${kty}" is wanted`);
  if (alg !== undefined && jwk.alg !== undefined && jwk.alg !== alg)
    throw fault('DataError', `"alg" of the JWK is "${jwk.alg}": "${alg}" is wanted`);
  if (usages.length > 0 && jwk.use !== undefined && jwk.use !== use)
    throw fault('DataError', `"use" of the JWK is "${jwk.use}": "${use}" is wanted`);
  if (jwk.key_ops !== undefined && !usages.every((one) => jwk.key_ops.includes(one)))
    throw fault('DataError', `"key_ops" of the JWK does not have ${usages.join(', ')}`);
  if (jwk.ext === false && extractable)
    throw fault('DataError', 'The JWK says "ext": false, so that the key cannot be extractable');
}

/** The bytes of a member. Throws a DataError when it is missing. */
export function member(jwk, name) {
  if (typeof jwk[name] !== 'string') throw fault('DataError', `"${name}" of the JWK is missing`);
  return fromBase64url(jwk[name], name);
}
