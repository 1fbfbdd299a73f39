// Signatures with a key: made and found, with and without an API for referrers; those of another key, of something else, of
// somebody's certificate, or changed ones, are none.
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, randomBytes, scryptSync } from 'node:crypto';
import { after, test } from 'node:test';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { type MemoryRegistry, startMemoryRegistry } from '../../test/support/servers/memory-registry.ts';
import type { Descriptor } from './oci.ts';
import { Repository } from './repository.ts';
import { signManifest, verifyBundle, verifyManifest } from './signature.ts';
import { readPrivateKey, readPublicKey } from './signing-key.ts';
import { pushManifest } from './upload.ts';

const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const edwards = generateKeyPairSync('ed25519');
const created = new Date(0);

async function repositoryWith(
  options = {},
): Promise<{ server: MemoryRegistry; repository: Repository; subject: Descriptor }> {
  const server = await startMemoryRegistry(options);
  after(server.close);
  const repository = new Repository(server.host, 'app', { findCredentials: async () => undefined });
  const bytes = new Uint8Array(Buffer.from(JSON.stringify({ schemaVersion: 2, layers: [] })));
  const type = 'application/vnd.oci.image.manifest.v1+json';
  return { server, repository, subject: await pushManifest(repository, bytes, type, '1') };
}

const isMissing = (message: RegExp): object => ({ code: 'signature-missing', message });

for (const referrers of [true, false]) {
  test(`signed with one of two keys, ${referrers ? 'with' : 'without'} an API for referrers`, async () => {
    const { repository, subject } = await repositoryWith({ referrers });
    await assert.rejects(verifyManifest(repository, subject.digest, elliptic.publicKey), isMissing(/it has none/));
    await signManifest(repository, subject, edwards.privateKey, created);
    await verifyManifest(repository, subject.digest, edwards.publicKey);
    await assert.rejects(verifyManifest(repository, subject.digest, elliptic.publicKey), isMissing(/of 1 none holds/));
    await signManifest(repository, subject, elliptic.privateKey, created);
    for (const { publicKey } of [elliptic, edwards]) await verifyManifest(repository, subject.digest, publicKey);
    const other = `sha256:${'b'.repeat(64)}`;
    await assert.rejects(verifyManifest(repository, other, elliptic.publicKey), isMissing(/it has none/));
  });
}

/** The bundle of a signature, as JSON that may be changed. */
async function bundleOf(key: KeyObject): Promise<{ readonly text: string; readonly digest: string }> {
  const { server, repository, subject } = await repositoryWith();
  await signManifest(repository, subject, key, created);
  const text = [...server.blobs.values()].map(String).find((blob) => blob.includes('dsseEnvelope'));
  assert.ok(text);
  return { text, digest: subject.digest };
}

test('what was changed, is of something else, or says who made it by a certificate, is no signature', async () => {
  const { text, digest } = await bundleOf(elliptic.privateKey);
  verifyBundle(JSON.parse(text), digest, elliptic.publicKey);
  // biome-ignore lint/suspicious/noExplicitAny: it is changed in ways that its type does not allow
  const changed = (change: (bundle: Record<string, any>) => void): unknown => {
    const bundle = JSON.parse(text);
    change(bundle);
    return bundle;
  };
  const other = digest.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  assert.throws(() => verifyBundle(JSON.parse(text), other, elliptic.publicKey), /of something else/);
  const payload = {
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    subject: [{ digest: { sha256: other.slice(7) } }],
  };
  for (const wrong of [
    changed(({ dsseEnvelope }) => {
      dsseEnvelope.payload = Buffer.from(JSON.stringify(payload)).toString('base64');
    }),
    changed(({ dsseEnvelope }) => {
      dsseEnvelope.payloadType = 'application/json';
    }),
    changed(({ dsseEnvelope }) => {
      dsseEnvelope.signatures = [];
    }),
    changed(({ verificationMaterial }) => {
      delete verificationMaterial.publicKey;
      verificationMaterial.certificate = { rawBytes: Buffer.from('x').toString('base64') };
    }),
    {},
    null,
    [],
  ]) {
    assert.throws(() => verifyBundle(wrong, digest, elliptic.publicKey), JSON.stringify(wrong));
    assert.throws(() => verifyBundle(wrong, other, elliptic.publicKey), JSON.stringify(wrong));
  }
});

test('keys in PEM, locked or not, and those of cosign', () => {
  const { privateKey } = elliptic;
  const pem = (options = {}): string => privateKey.export({ type: 'pkcs8', format: 'pem', ...options }).toString();
  const same = (key: KeyObject): void => assert.ok(key.equals(privateKey));
  same(readPrivateKey(pem(), ''));
  const locked = pem({ cipher: 'aes-256-cbc', passphrase: 'sesame' });
  same(readPrivateKey(locked, 'sesame'));
  assert.throws(() => readPrivateKey(locked, 'other'), { code: 'signature-key' });
  const [salt, nonce] = [randomBytes(32), randomBytes(24)];
  const secret = scryptSync('sesame', salt, 32, { N: 32768, r: 8, p: 1, maxmem: 2 ** 27 });
  const box = {
    kdf: { name: 'scrypt', params: { N: 32768, r: 8, p: 1 }, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(
      xsalsa20poly1305(secret, nonce).encrypt(privateKey.export({ type: 'pkcs8', format: 'der' })),
    ).toString('base64'),
  };
  const boxed = (value: object): string =>
    `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n${Buffer.from(JSON.stringify(value)).toString('base64')}\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n`;
  same(readPrivateKey(boxed(box), 'sesame'));
  const refuses = (text: string, message: RegExp): void =>
    assert.throws(() => readPrivateKey(text, 'other'), { code: 'signature-key', message });
  refuses(boxed(box), /passphrase is wrong/);
  refuses(boxed({ ...box, kdf: { ...box.kdf, params: { N: 2 ** 24, r: 8, p: 1 } } }), /cannot be read/);
  refuses(boxed({}), /not known/);
  refuses('hello', /cannot be read/);
  assert.ok(
    readPublicKey(elliptic.publicKey.export({ type: 'spki', format: 'pem' }).toString()).equals(elliptic.publicKey),
  );
  assert.throws(() => readPublicKey('hello'), { code: 'signature-key' });
});
