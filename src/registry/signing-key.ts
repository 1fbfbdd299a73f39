// Keys for signatures: PEM as OpenSSL writes it, with or without a passphrase, and the private keys of cosign, which are
// boxed with one (scrypt and XSalsa20-Poly1305, https://github.com/sigstore/cosign/blob/main/specs/COSIGN_PREDICATE_SPEC.md).
import { createPrivateKey, createPublicKey, type KeyObject, scryptSync } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { MayflyError, messageOf } from '../errors.ts';
import { objectOf } from './json.ts';

/** The most memory that opening a key may take, in bytes: what it takes stands in the file. */
const MOST_SCRYPT_BYTES = 256 * 2 ** 20;

/** Reads a private key; `passphrase` opens one that is locked. Throws `signature-key`. */
export function readPrivateKey(pem: string, passphrase: string): KeyObject {
  try {
    const [, label, body = ''] =
      /-----BEGIN ENCRYPTED (SIGSTORE|COSIGN) PRIVATE KEY-----([^-]*)-----END/.exec(pem) ?? [];
    const key =
      label === undefined
        ? { key: pem, passphrase }
        : ({ key: unbox(body, passphrase), format: 'der', type: 'pkcs8' } as const);
    return createPrivateKey(key);
  } catch (cause) {
    throw new MayflyError('signature-key', `The private key cannot be read: ${messageOf(cause)}`, {
      hint: "It is PEM, of 'cosign generate-key-pair' or OpenSSL; its passphrase is taken from MAYFLY_KEY_PASSWORD or COSIGN_PASSWORD",
    });
  }
}

/** Reads a public key, or the public half of a private one. Throws `signature-key`. */
export function readPublicKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new MayflyError('signature-key', `The public key cannot be read: ${messageOf(cause)}`, {
      hint: "It is PEM, such as the file cosign.pub of 'cosign generate-key-pair'",
    });
  }
}

/** Opens the box of a key of cosign. Throws for a wrong passphrase. */
function unbox(body: string, passphrase: string): Buffer {
  const box = objectOf(JSON.parse(Buffer.from(body, 'base64').toString()));
  const [kdf, cipher] = [objectOf(box.kdf), objectOf(box.cipher)];
  if (kdf.name !== 'scrypt' || cipher.name !== 'nacl/secretbox')
    throw new Error('it is boxed in a way that is not known');
  const bytes = (value: unknown): Buffer => Buffer.from(String(value), 'base64');
  const { N, r, p } = objectOf(kdf.params);
  const options = { N: Number(N), r: Number(r), p: Number(p), maxmem: MOST_SCRYPT_BYTES };
  const secret = scryptSync(passphrase, bytes(kdf.salt), 32, options);
  try {
    return Buffer.from(xsalsa20poly1305(secret, bytes(cipher.nonce)).decrypt(bytes(box.ciphertext)));
  } catch {
    throw new Error('the passphrase is wrong');
  }
}
