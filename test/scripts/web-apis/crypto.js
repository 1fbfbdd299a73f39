// Rows of docs/web-apis.md: cryptography. Known answers are those of the standards named beside them, or of OpenSSL.
const { subtle } = crypto;
const text = (value) => new TextEncoder().encode(value);
const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
const unhex = (value) => Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const digest = (name) => subtle.digest(name, text('abc')).then(hex);
const data = text('a message');

async function signed(algorithm, generate, use = algorithm) {
  const { privateKey, publicKey } = await subtle.generateKey(generate, true, ['sign', 'verify']);
  const signature = await subtle.sign(use, privateKey, data);
  const spki = await subtle.exportKey('spki', publicKey);
  const pkcs8 = await subtle.exportKey('pkcs8', privateKey);
  const again = await subtle.importKey('pkcs8', pkcs8, generate, false, ['sign']);
  const known = await subtle.importKey('spki', spki, generate, true, ['verify']);
  const other = await subtle.sign(use, again, data);
  return [
    await subtle.verify(use, known, signature, data),
    await subtle.verify(use, publicKey, other, data),
    await subtle.verify(use, publicKey, signature, text('another')),
  ];
}

async function wayAndBack(generate, use, bytes = data) {
  const key = await subtle.generateKey(generate, true, ['encrypt', 'decrypt']);
  const sealed = await subtle.encrypt(use, key, bytes);
  return hex(await subtle.decrypt(use, key, sealed)) === hex(bytes);
}

async function agreed(algorithm) {
  const [one, two] = await Promise.all([1, 2].map(() => subtle.generateKey(algorithm, true, ['deriveBits'])));
  const shared = (mine, theirs) =>
    subtle.deriveBits({ name: algorithm.name, public: theirs.publicKey }, mine.privateKey, 128).then(hex);
  return (await shared(one, two)) === (await shared(two, one));
}

async function asJwk(generate, usages) {
  const { privateKey, publicKey } = await subtle.generateKey(generate, true, usages);
  const jwk = await subtle.exportKey('jwk', privateKey);
  const again = await subtle.importKey(
    'jwk',
    await subtle.exportKey('jwk', publicKey),
    generate,
    true,
    usages.filter((u) => u === 'verify'),
  );
  const own = await subtle.importKey(
    'jwk',
    jwk,
    generate,
    true,
    usages.filter((u) => u !== 'verify'),
  );
  return [jwk.kty, jwk.crv, again.type, own.type];
}

// Made by OpenSSL, as was the signature that is expected of it below.
const rsaJwk = {
  kty: 'RSA',
  n: '3se7ckLr2X4XFzWNjNwibx5-0y7KPxNNYDmj9S1SrNyxe04y_xFbrJc3Sqmw1L6ZSwfz7RncTbi9XfL0z8BGzUz9F1IqFNNGySqTYjYu2RX4HUzIWQVRMjBsWFejedFsrILpk5KfAixzu2uN0MttsE9rncANBM0lbbtaMRENKeYbhRtA_aDKSkvIeFcH0GmcCDMJr7YnOW4xqes7UKQ9HqwNhplfoIwK6YHEiMJtoF3tALbUs1278M8DSce8dhsxQE-b8MXtpws4CBzgWOVUm-7WMvzTAOvQQkOWzN3gAckQQsiznj_aBYdOPUMf2h-LQWKH-igWsuZevaxEw-hbEQ',
  e: 'AQAB',
  d: 'tuZD9AQY4u_WDC2U29yS8wGIjK9rRxhyofjMU484tW2B2h5IJ7IwxWJ1SyaXA4hVGsuE6f3mBp0QbJFhbAw0_-KZk_cpoyavb9mxgLVjBhxS2QdksxkVr3xCVKXx4EU1uJV81Kfo8aUXeqiJ67SpTtwBDCTNP1DaZkbxilcRIR-RQEC1wwv5xlL9sOowhiqKEarlH_d8ReBkRhHwipDBMaQriE_jX3n6UYU0MlRq5E79GfTEa_PTEuAvn4fm7tpXqXIIEdbHpdL7nd9pIVxpf3Q9ere-3WD5mwLXmI8Ul0tUkk18VATI_tyKCIjJEflcZgr04aezO_lyxD3U0nOr',
  p: '8xgPtGvEMcxUMGLmYidlwRAgjPsOaY_zitTQZQrVbGhHJ8mH06BueeYD_Q5pkqS5V1dHXXdJhcl7IMRmaZ4yshJ6pwYauzzqwuva46aW41ljNhx4M3fgqiEQPKQJkZWqqT2JSFIMW4dPUAupEDP1eG8tO7xmhzAGQiXQCxXXap8',
  q: '6puVCU0Tcl_gHIi1N1JuUpvoju7DJNH5TqN99jNqgrj5L25-m5OYklVU-yDH74B6cd9kZm4L-l9cKRXyOMg1KRN1TaqM_svSKdiA_reneLDO757n_0OYmj12bIetHVZpp2TVJozRNLxOx8pXiYWrVZKgN2FOGBkfTyCwr1sxDE8',
  dp: 'Ij9kjwWTuXRQ9BQq4u8r_bwY6ePAzwxxwkBjL6kMEl7Kj4dr9Fuo1NGcBD3Qj9FXLz_jlP5mREvzZdVlnEGmYMILt5Y7k99sL5Ps3Z-tqFACkzAFmzKrWyyXTgPKOVF9nqRFwAOXLBnvCZbq9ZZsYdA_7ieHxkn0x8LuAXHNTH8',
  dq: 'fC3H0DmE3phS5qeRy-uMy5sMmINWtWmS3YX6SVPjv7eq5elFiJGyQ1p5dcdfLK1DonyNBw6etnK9NF4SbO3D_a73-xkYMlGuN0oK1Uhek6p6jij9QYcFAjcgNMgH4Kx5lgnwLMyCe7hktqmqdfdTviKzPTz6-hRqFxcFjnvlVU8',
  qi: '1TARk3wMURLtOpB3DmUpxkfVczBOIc4gPSCHBu3cNKN0sSAl-Zlkk7vfTJjNGnZMwppDTrSjzsVotzLpNsEL0WHAw1xKeqcu2ywdWJnW61Ha3AyoUCb0RR1neDYHwur2QeMeh3pYMG7Lsa34A34-ZC_5WErBG9TbrJxD_TZMwbc',
};

async function rsaSigned(name, use, expected) {
  const algorithm = { name, hash: 'SHA-256' };
  const { kty, n, e } = rsaJwk;
  const own = await subtle.importKey('jwk', rsaJwk, algorithm, true, ['sign']);
  const known = await subtle.importKey('jwk', { kty, n, e }, algorithm, true, ['verify']);
  const signature = await subtle.sign(use, own, data);
  const spki = await subtle.importKey('spki', await subtle.exportKey('spki', known), algorithm, true, ['verify']);
  const pkcs8 = await subtle.importKey('pkcs8', await subtle.exportKey('pkcs8', own), algorithm, true, ['sign']);
  return [
    await subtle.verify(use, spki, signature, data),
    await subtle.verify(use, known, await subtle.sign(use, pkcs8, data), text('another')),
    expected ? hex(signature).slice(0, 16) : signature.byteLength,
  ];
}

const P = (namedCurve, name = 'ECDSA') => ({ name, namedCurve });

export const cryptography = {
  'crypto.getRandomValues': [
    ['bytes', () => crypto.getRandomValues(new Uint32Array(4)).some((one) => one > 0), true],
    [
      'too many',
      () => {
        try {
          crypto.getRandomValues(new Uint8Array(70_000));
        } catch (e) {
          return e.name;
        }
      },
      'QuotaExceededError',
    ],
  ],
  'crypto.randomUUID': [
    [
      'version 4',
      () => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()),
      true,
    ],
  ],
  'subtle.digest: SHA-1': [['abc', () => digest('SHA-1'), 'a9993e364706816aba3e25717850c26c9cd0d89d']],
  'subtle.digest: SHA-256': [
    ['abc', () => digest('SHA-256'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ],
  'subtle.digest: SHA-384, SHA-512': [
    ['384', () => digest('SHA-384').then((h) => h.slice(0, 16)), 'cb00753f45a35e8b'],
    ['512', () => digest('SHA-512').then((h) => h.slice(0, 16)), 'ddaf35a193617aba'],
  ],
  'subtle.digest: MD5': [['abc', () => digest('MD5'), '900150983cd24fb0d6963f7d28e17f72']],
  'subtle: HMAC': [
    [
      'RFC 4231, case 2',
      async () => {
        const key = await subtle.importKey('raw', text('Jefe'), { name: 'HMAC', hash: 'SHA-256' }, false, [
          'sign',
          'verify',
        ]);
        const mac = await subtle.sign('HMAC', key, text('what do ya want for nothing?'));
        return [
          hex(mac).slice(0, 16),
          await subtle.verify('HMAC', key, mac, text('what do ya want for nothing?')),
          await subtle.verify('HMAC', key, mac, text('a')),
        ];
      },
      ['5bdcc146bf60754e', true, false],
    ],
    [
      'generateKey',
      async () => {
        const key = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-512' }, true, ['sign']);
        return [key.algorithm.length, (await subtle.exportKey('jwk', key)).alg];
      },
      [1024, 'HS512'],
    ],
  ],
  'subtle: AES-GCM': [
    [
      'NIST, case 4',
      async () => {
        const key = await subtle.importKey('raw', unhex('feffe9928665731c6d6a8f9467308308'), 'AES-GCM', false, [
          'encrypt',
        ]);
        const use = {
          name: 'AES-GCM',
          iv: unhex('cafebabefacedbaddecaf888'),
          additionalData: unhex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
        };
        const plain = unhex(
          'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
        );
        return hex(await subtle.encrypt(use, key, plain)).slice(-32);
      },
      '5bc94fbc3221a5db94fae95ae7121a47',
    ],
    ['256 bits', () => wayAndBack({ name: 'AES-GCM', length: 256 }, { name: 'AES-GCM', iv: new Uint8Array(12) }), true],
    [
      'a changed text',
      async () => {
        const key = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt', 'decrypt']);
        const use = { name: 'AES-GCM', iv: new Uint8Array(12) };
        const sealed = new Uint8Array(await subtle.encrypt(use, key, data));
        sealed[0] ^= 1;
        return subtle.decrypt(use, key, sealed).catch((e) => e.name);
      },
      'OperationError',
    ],
    [
      'a short tag',
      () => wayAndBack({ name: 'AES-GCM', length: 128 }, { name: 'AES-GCM', iv: new Uint8Array(12), tagLength: 96 }),
      true,
    ],
  ],
  'subtle: AES-CBC': [
    [
      'SP 800-38A, F.2.1',
      async () => {
        const key = await subtle.importKey('raw', unhex('2b7e151628aed2a6abf7158809cf4f3c'), 'AES-CBC', false, [
          'encrypt',
        ]);
        const use = { name: 'AES-CBC', iv: unhex('000102030405060708090a0b0c0d0e0f') };
        return hex(await subtle.encrypt(use, key, unhex('6bc1bee22e409f96e93d7e117393172a'))).slice(0, 32);
      },
      '7649abac8119b246cee98e9b12e9197d',
    ],
    [
      'both ways',
      () => wayAndBack({ name: 'AES-CBC', length: 192 }, { name: 'AES-CBC', iv: new Uint8Array(16) }),
      true,
    ],
  ],
  'subtle: AES-CTR': [
    [
      'SP 800-38A, F.5.1',
      async () => {
        const key = await subtle.importKey('raw', unhex('2b7e151628aed2a6abf7158809cf4f3c'), 'AES-CTR', false, [
          'encrypt',
        ]);
        const use = { name: 'AES-CTR', counter: unhex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'), length: 64 };
        return hex(await subtle.encrypt(use, key, unhex('6bc1bee22e409f96e93d7e117393172a')));
      },
      '874d6191b620e3261bef6864990db6ce',
    ],
    [
      'a counter that wraps',
      () =>
        wayAndBack(
          { name: 'AES-CTR', length: 256 },
          { name: 'AES-CTR', counter: new Uint8Array(16).fill(255), length: 8 },
          new Uint8Array(100),
        ),
      true,
    ],
  ],
  'subtle: AES-KW, wrapKey, unwrapKey': [
    [
      'RFC 3394, 4.1',
      async () => {
        const wrapping = await subtle.importKey('raw', unhex('000102030405060708090a0b0c0d0e0f'), 'AES-KW', false, [
          'wrapKey',
          'unwrapKey',
        ]);
        const key = await subtle.importKey('raw', unhex('00112233445566778899aabbccddeeff'), 'AES-CBC', true, [
          'encrypt',
        ]);
        const wrapped = await subtle.wrapKey('raw', key, wrapping, 'AES-KW');
        const again = await subtle.unwrapKey('raw', wrapped, wrapping, 'AES-KW', 'AES-CBC', true, ['encrypt']);
        return [hex(wrapped), hex(await subtle.exportKey('raw', again))];
      },
      ['1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5', '00112233445566778899aabbccddeeff'],
    ],
    [
      'by AES-GCM, as JWK',
      async () => {
        const wrapping = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['wrapKey', 'unwrapKey']);
        const key = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
        const use = { name: 'AES-GCM', iv: new Uint8Array(12) };
        const wrapped = await subtle.wrapKey('jwk', key, wrapping, use);
        return (
          await subtle.unwrapKey('jwk', wrapped, wrapping, use, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])
        ).type;
      },
      'secret',
    ],
  ],
  'subtle: PBKDF2': [
    [
      'RFC 7914, 11',
      async () => {
        const key = await subtle.importKey('raw', text('passwd'), 'PBKDF2', false, ['deriveBits']);
        return hex(
          await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: text('salt'), iterations: 1 }, key, 128),
        );
      },
      '55ac046e56e3089fec1691c22544b605',
    ],
  ],
  'subtle: HKDF': [
    [
      'RFC 5869, A.1',
      async () => {
        const key = await subtle.importKey('raw', new Uint8Array(22).fill(11), 'HKDF', false, [
          'deriveBits',
          'deriveKey',
        ]);
        const use = {
          name: 'HKDF',
          hash: 'SHA-256',
          salt: unhex('000102030405060708090a0b0c'),
          info: unhex('f0f1f2f3f4f5f6f7f8f9'),
        };
        const made = await subtle.deriveKey(use, key, { name: 'AES-GCM', length: 128 }, true, ['encrypt']);
        return [hex(await subtle.deriveBits(use, key, 128)), hex(await subtle.exportKey('raw', made))];
      },
      ['3cb25f25faacd57a90434f64d0362f2a', '3cb25f25faacd57a90434f64d0362f2a'],
    ],
  ],
  'subtle: ECDSA P-256': [
    ['keys, signatures', () => signed('ECDSA', P('P-256'), { name: 'ECDSA', hash: 'SHA-256' }), [true, true, false]],
    [
      'a signature of RFC 7515, A.3',
      async () => {
        const jwk = {
          kty: 'EC',
          crv: 'P-256',
          x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
          y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
        };
        const key = await subtle.importKey('jwk', jwk, P('P-256'), true, ['verify']);
        const signature = Uint8Array.fromBase64(
          'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
          { alphabet: 'base64url' },
        );
        const message = text(
          'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
        );
        return subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, message);
      },
      true,
    ],
    ['JWK', () => asJwk(P('P-256'), ['sign', 'verify']), ['EC', 'P-256', 'public', 'private']],
    [
      'raw',
      async () => {
        const { publicKey } = await subtle.generateKey(P('P-256'), true, ['sign', 'verify']);
        return (await subtle.importKey('raw', await subtle.exportKey('raw', publicKey), P('P-256'), true, ['verify']))
          .type;
      },
      'public',
    ],
  ],
  'subtle: ECDSA P-384': [
    ['keys, signatures', () => signed('ECDSA', P('P-384'), { name: 'ECDSA', hash: 'SHA-384' }), [true, true, false]],
  ],
  'subtle: ECDSA P-521': [
    ['keys, signatures', () => signed('ECDSA', P('P-521'), { name: 'ECDSA', hash: 'SHA-512' }), [true, true, false]],
  ],
  'subtle: ECDH': [
    ['P-256', () => agreed(P('P-256', 'ECDH')), true],
    ['P-384', () => agreed(P('P-384', 'ECDH')), true],
    ['P-521', () => agreed(P('P-521', 'ECDH')), true],
  ],
  'subtle: Ed25519': [
    ['keys, signatures', () => signed('Ed25519', { name: 'Ed25519' }), [true, true, false]],
    ['JWK', () => asJwk({ name: 'Ed25519' }, ['sign', 'verify']), ['OKP', 'Ed25519', 'public', 'private']],
    [
      'RFC 8032, 7.1',
      async () => {
        const key = await subtle.importKey(
          'raw',
          unhex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
          'Ed25519',
          true,
          ['verify'],
        );
        return subtle.verify(
          'Ed25519',
          key,
          unhex(
            '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
          ),
          unhex('72'),
        );
      },
      true,
    ],
  ],
  'subtle: X25519': [['agreement', () => agreed({ name: 'X25519' }), true]],
  'subtle: RSASSA-PKCS1-v1_5': [
    [
      'keys, signatures',
      () => rsaSigned('RSASSA-PKCS1-v1_5', 'RSASSA-PKCS1-v1_5', true),
      [true, false, '62a7ae07c8bb2627'],
    ],
  ],
  'subtle: RSA-PSS': [
    ['keys, signatures', () => rsaSigned('RSA-PSS', { name: 'RSA-PSS', saltLength: 32 }), [true, false, 256]],
  ],
  'subtle: RSA-OAEP': [
    [
      'both ways',
      async () => {
        const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' };
        const { kty, n, e } = rsaJwk;
        const known = await subtle.importKey('jwk', { kty, n, e }, algorithm, true, ['encrypt']);
        const own = await subtle.importKey('jwk', rsaJwk, algorithm, true, ['decrypt']);
        const sealed = await subtle.encrypt({ name: 'RSA-OAEP', label: text('l') }, known, data);
        return hex(await subtle.decrypt({ name: 'RSA-OAEP', label: text('l') }, own, sealed)) === hex(data);
      },
      true,
    ],
  ],
  'subtle.generateKey: RSA': [
    [
      '2048 bits',
      async () => {
        const { publicKey } = await subtle.generateKey(
          { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
          true,
          ['sign', 'verify'],
        );
        return publicKey.algorithm.modulusLength;
      },
      2048,
    ],
  ],
  'subtle.timingSafeEqual': [
    [
      'both',
      () => [
        subtle.timingSafeEqual(data, data.slice()),
        subtle.timingSafeEqual(new Uint8Array(2), new Uint8Array([0, 1])),
      ],
      [true, false],
    ],
  ],
  'CryptoKey: extractable, usages': [
    [
      'not extractable',
      async () => {
        const key = await subtle.importKey('raw', data, 'HKDF', false, ['deriveBits']);
        return [key.extractable, key.usages, await subtle.exportKey('raw', key).catch((e) => e.name)];
      },
      [false, ['deriveBits'], 'InvalidAccessError'],
    ],
    [
      'a usage that was not given',
      async () => {
        const key = await subtle.importKey('raw', data, { name: 'HMAC', hash: 'SHA-256' }, true, ['verify']);
        return subtle.sign('HMAC', key, data).catch((e) => e.name);
      },
      'InvalidAccessError',
    ],
    ['an algorithm that is none', () => subtle.digest('SHA-7', data).catch((e) => e.name), 'NotSupportedError'],
  ],
};
