// Reads the files of `[[client_tls]]`: certificates and private keys in PEM.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The error of a file that cannot be used; its message says why, without its path or what is in it. */
export class PemFault extends Error {
  override readonly name = 'PemFault';
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\r?\n?/g;

/** Gives the certificates of a file, of which there is at least one. Throws PemFault. */
export function certificatesIn(path: string): string[] {
  const found = textOf(path).match(certificate) ?? [];
  if (found.length === 0) throw new PemFault('The file holds no certificate in PEM');
  for (const one of found) {
    try {
      new X509Certificate(one);
    } catch (cause) {
      throw new PemFault('The file holds a certificate that cannot be read', { cause });
    }
  }
  return found;
}

/** Gives the text of a private key. Throws PemFault. */
export function privateKeyIn(path: string): string {
  const text = textOf(path);
  try {
    createPrivateKey(text);
  } catch (cause) {
    throw new PemFault('The file holds no private key in PEM that can be read without a password', { cause });
  }
  return text;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PemFault(`The file cannot be read: ${(cause as NodeJS.ErrnoException).code}`, { cause });
  }
}
