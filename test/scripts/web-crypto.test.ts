// crypto.subtle as programs have it, beside Node's: keys and results of one are taken by the other, both ways.
import assert from 'node:assert/strict';
import { randomBytes, webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { load } from '../../src/index.ts';

type Subtle = webcrypto.SubtleCrypto & { timingSafeEqual(one: Uint8Array, other: Uint8Array): boolean };
const url = new URL('../../sdk/engine/web/crypto/crypto.js', import.meta.url);
const { cryptoWith } = (await import(url.href)) as {
  cryptoWith(random: (length: number) => Uint8Array): { crypto: { subtle: Subtle } };
};
const ours = cryptoWith((length) => new Uint8Array(randomBytes(length))).crypto.subtle;
const theirs = webcrypto.subtle as Subtle;
const both: readonly (readonly [Subtle, Subtle])[] = [
  [ours, theirs],
  [theirs, ours],
];
const data = new TextEncoder().encode('a message of more than one block, so that there is something to be chained');
const bytes = (buffer: ArrayBuffer): Uint8Array<ArrayBuffer> => new Uint8Array(buffer);

type KeyPair = webcrypto.CryptoKeyPair;
const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const;

test('hashes, HMAC, PBKDF2, HKDF give the same', async () => {
  for (const hash of HASHES) {
    for (const length of [0, 1, 55, 56, 64, 111, 112, 128, 1000]) {
      const text = new Uint8Array(randomBytes(length));
      assert.deepEqual(await ours.digest(hash, text), await theirs.digest(hash, text), `${hash} of ${length}`);
    }
    const secret = randomBytes(20);
    const salt = randomBytes(16);
    const outcomes = await Promise.all(
      [ours, theirs].map(async (subtle) => {
        const raw = (name: string, usages: webcrypto.KeyUsage[]): Promise<webcrypto.CryptoKey> =>
          subtle.importKey('raw', secret, name, false, usages);
        const mac = await subtle.importKey('raw', secret, { name: 'HMAC', hash }, true, ['sign']);
        const pbkdf2 = { name: 'PBKDF2', hash, salt, iterations: 3 };
        const hkdf = { name: 'HKDF', hash, salt, info: data };
        return [
          bytes(await subtle.sign('HMAC', mac, data)),
          await subtle.exportKey('jwk', mac),
          bytes(await subtle.deriveBits(pbkdf2, await raw('PBKDF2', ['deriveBits']), 504)),
          bytes(await subtle.deriveBits(hkdf, await raw('HKDF', ['deriveBits']), 1000)),
        ];
      }),
    );
    assert.deepEqual(outcomes[0], outcomes[1], hash);
  }
});

test('AES of one is read by the other', async () => {
  const ways = [
    { name: 'AES-GCM', iv: randomBytes(12) },
    { name: 'AES-GCM', iv: randomBytes(16), additionalData: randomBytes(5), tagLength: 96 },
    { name: 'AES-CBC', iv: randomBytes(16) },
    { name: 'AES-CTR', counter: new Uint8Array(16).fill(255), length: 8 },
    { name: 'AES-CTR', counter: randomBytes(16), length: 128 },
  ];
  for (const way of ways) {
    for (const length of [128, 192, 256]) {
      for (const [one, other] of both) {
        const key = await one.generateKey({ name: way.name, length }, true, ['encrypt', 'decrypt']);
        const jwk = await one.exportKey('jwk', key);
        const same = await other.importKey('jwk', jwk, way.name, true, ['encrypt', 'decrypt']);
        for (const text of [data, data.subarray(0, 16), data.subarray(0, 0)]) {
          const sealed = await one.encrypt(way, key, text);
          assert.deepEqual(
            bytes(await other.decrypt(way, same, sealed)),
            new Uint8Array(text),
            `${way.name} ${length}`,
          );
        }
      }
    }
  }
});

test('AES that was changed is refused', async () => {
  for (const tagLength of [128, 96]) {
    const way = { name: 'AES-GCM', iv: randomBytes(12), tagLength };
    const key = await ours.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt', 'decrypt']);
    const sealed = bytes(await ours.encrypt(way, key, data));
    for (const at of [0, sealed.length - 1]) {
      const changed = sealed.slice();
      changed[at] = (changed[at] as number) ^ 1;
      await assert.rejects(ours.decrypt(way, key, changed), { name: 'OperationError' });
    }
    await assert.rejects(ours.decrypt(way, key, sealed.subarray(0, 5)), { name: 'OperationError' });
  }
});

const signatures = [
  [
    { name: 'ECDSA', namedCurve: 'P-256' },
    { name: 'ECDSA', hash: 'SHA-256' },
  ],
  [
    { name: 'ECDSA', namedCurve: 'P-256' },
    { name: 'ECDSA', hash: 'SHA-512' },
  ],
  [
    { name: 'ECDSA', namedCurve: 'P-384' },
    { name: 'ECDSA', hash: 'SHA-384' },
  ],
  [
    { name: 'ECDSA', namedCurve: 'P-521' },
    { name: 'ECDSA', hash: 'SHA-1' },
  ],
  [{ name: 'Ed25519' }, { name: 'Ed25519' }],
  [{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, { name: 'RSASSA-PKCS1-v1_5' }],
  [{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' }, { name: 'RSASSA-PKCS1-v1_5' }],
  [
    { name: 'RSA-PSS', hash: 'SHA-256' },
    { name: 'RSA-PSS', saltLength: 32 },
  ],
  [
    { name: 'RSA-PSS', hash: 'SHA-512' },
    { name: 'RSA-PSS', saltLength: 0 },
  ],
] as const;

const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };

async function makePair(
  subtle: Subtle,
  algorithm: { readonly name: string },
  usages: webcrypto.KeyUsage[],
): Promise<KeyPair> {
  const made: unknown = await subtle.generateKey(
    { ...algorithm, ...(algorithm.name.startsWith('RSA') && rsa) },
    true,
    usages,
  );
  return made as KeyPair;
}

test('signatures of one are verified by the other, with keys in each form', async () => {
  for (const [algorithm, use] of signatures) {
    for (const [one, other] of both) {
      const made = await makePair(one, algorithm, ['sign', 'verify']);
      for (const [privateForm, publicForm] of [
        ['pkcs8', 'spki'],
        ['jwk', 'jwk'],
      ] as const) {
        const name = `${JSON.stringify(use)} ${privateForm}`;
        const take = async (subtle: Subtle, key: webcrypto.CryptoKey, form: string, usage: 'sign' | 'verify') =>
          subtle.importKey(form as 'jwk', (await one.exportKey(form as 'jwk', key)) as object, algorithm, true, [
            usage,
          ]);
        const own = await take(one, made.privateKey, privateForm, 'sign');
        const known = await take(other, made.publicKey, publicForm, 'verify');
        const signature = bytes(await one.sign(use, own, data));
        assert.equal(await other.verify(use, known, signature, data), true, name);
        assert.equal(await other.verify(use, known, signature, data.subarray(1)), false, name);
        signature[3] = (signature[3] as number) ^ 4;
        assert.equal(await other.verify(use, known, signature, data), false, name);
        assert.equal(await other.verify(use, known, signature.subarray(1), data), false, name);
        // What was taken is given back as it was.
        assert.deepEqual(
          await one.exportKey(privateForm as 'jwk', own),
          await one.exportKey(privateForm as 'jwk', made.privateKey),
          name,
        );
      }
    }
  }
});

test('RSA-OAEP of one is read by the other', async () => {
  for (const hash of ['SHA-1', 'SHA-256', 'SHA-512'] as const) {
    const algorithm = { name: 'RSA-OAEP', hash };
    const made = await makePair(theirs, algorithm, ['encrypt', 'decrypt']);
    const [spki, pkcs8] = [
      await theirs.exportKey('spki', made.publicKey),
      await theirs.exportKey('pkcs8', made.privateKey),
    ];
    const text = data.subarray(0, 40);
    for (const label of [undefined, new Uint8Array([1])]) {
      for (const [one, other] of both) {
        const use = { name: 'RSA-OAEP', ...(label && { label }) };
        const known = await one.importKey('spki', spki, algorithm, true, ['encrypt']);
        const own = await other.importKey('pkcs8', pkcs8, algorithm, true, ['decrypt']);
        const sealed = await one.encrypt(use, known, text);
        assert.deepEqual(bytes(await other.decrypt(use, own, sealed)), new Uint8Array(text));
        await assert.rejects(other.decrypt({ ...use, label: new Uint8Array([2]) }, own, sealed), {
          name: 'OperationError',
        });
      }
    }
  }
});

test('both sides agree on secrets', async () => {
  for (const algorithm of [
    { name: 'ECDH', namedCurve: 'P-256' },
    { name: 'ECDH', namedCurve: 'P-384' },
    { name: 'ECDH', namedCurve: 'P-521' },
    { name: 'X25519' },
  ]) {
    const [mine, yours] = [
      (await ours.generateKey(algorithm, true, ['deriveBits'])) as KeyPair,
      (await theirs.generateKey(algorithm, true, ['deriveBits'])) as KeyPair,
    ];
    const handed = async (from: Subtle, to: Subtle, key: webcrypto.CryptoKey): Promise<webcrypto.CryptoKey> =>
      to.importKey('raw', await from.exportKey('raw', key), algorithm, true, []);
    const derived = await Promise.all([
      ours.deriveBits({ ...algorithm, public: await handed(theirs, ours, yours.publicKey) }, mine.privateKey, 256),
      theirs.deriveBits({ ...algorithm, public: await handed(ours, theirs, mine.publicKey) }, yours.privateKey, 256),
    ]);
    assert.deepEqual(derived[0], derived[1], JSON.stringify(algorithm));
  }
});

test('keys that are none are refused', async () => {
  const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
  const { publicKey } = (await theirs.generateKey(P256, true, ['sign', 'verify'])) as KeyPair;
  const spki = bytes(await theirs.exportKey('spki', publicKey));
  const jwk = await theirs.exportKey('jwk', publicKey);
  const off = spki.slice();
  off[off.length - 1] = (off.at(-1) as number) ^ 1;
  for (const wrong of [
    off,
    spki.subarray(0, 40),
    new Uint8Array(0),
    new Uint8Array([0x30, 0x84, 255, 255, 255, 255]),
  ]) {
    await assert.rejects(ours.importKey('spki', wrong, P256, true, ['verify']), { name: 'DataError' });
  }
  for (const wrong of [
    { ...jwk, kty: 'RSA' },
    { ...jwk, crv: 'P-384' },
    { ...jwk, x: 'AA' },
    { ...jwk, y: jwk.x },
    { ...jwk, key_ops: [] },
  ]) {
    await assert.rejects(ours.importKey('jwk', wrong as webcrypto.JsonWebKey, P256, true, ['verify']), {
      name: 'DataError',
    });
  }
  await assert.rejects(ours.importKey('spki', spki, P256, true, ['sign']), { name: 'SyntaxError' });
  await assert.rejects(ours.importKey('spki', spki, { ...P256, namedCurve: 'K-256' }, true, []), {
    name: 'NotSupportedError',
  });
  await assert.rejects(ours.importKey('raw', new Uint8Array(5), 'AES-GCM', true, ['encrypt']), { name: 'DataError' });
  await assert.rejects(ours.generateKey({ name: 'AES-GCM', length: 100 }, true, ['encrypt']), {
    name: 'OperationError',
  });
  await assert.rejects(ours.generateKey({ name: 'AES-GCM', length: 128 }, true, []), { name: 'SyntaxError' });
  const large = { name: 'RSA-PSS', hash: 'SHA-256', ...rsa, modulusLength: 4096 };
  await assert.rejects(ours.generateKey(large, true, ['sign']), /import others, as "openssl genpkey" makes them/);
});

for (const [what, expression] of [
  ['a UUID', 'crypto.randomUUID()'],
  ['random values', 'crypto.getRandomValues(new Uint8Array(4))'],
  ['a key', "await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])"],
] as const) {
  test(`${what} at the top level of a program: an error says where to make it`, async () => {
    const script = `export const made = ${expression}; export default { fetch: () => new Response('') };`;
    await assert.rejects(load({ script }), /the same in all requests: ask for them in the handler/);
  });
}

test('hashes and imported keys at the top level of a program cost requests nothing', async (t) => {
  const script = `const key = await crypto.subtle.importKey('raw', new TextEncoder().encode('Jefe'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
export const mac = async () => new Uint8Array(await crypto.subtle.sign('HMAC', key, new Uint8Array(0)))[0];`;
  const app = await load({ script });
  t.after(() => app.close());
  const key = await theirs.importKey(
    'raw',
    new TextEncoder().encode('Jefe'),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  assert.equal(await app.call('mac'), bytes(await theirs.sign('HMAC', key, new Uint8Array(0)))[0]);
});
