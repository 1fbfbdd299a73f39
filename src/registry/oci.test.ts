// Documents of registries are read as they are, whatever else is in them, and what is none is refused with its reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestBytes } from './artifact.ts';
import { concurrently } from './concurrently.ts';
import { objectOf, parseJson, textsOf } from './json.ts';
import { blobOf, descriptorOf, digestOf, indexEntries, isDigest, isWasm, mediaTypes, readManifest } from './oci.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const config = { mediaType: 'a/b', digest, size: 5 };

test('a manifest has what it says, and nothing that is no text where texts stand', () => {
  const layer = {
    ...config,
    annotations: { a: '1', b: 2, __proto__: 'x' },
    artifactType: 'c/d',
    platform: { os: 'linux', n: 1 },
  };
  const given = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: 'e/f',
    config: { ...config, other: true },
    layers: [layer, { ...config, size: 0, artifactType: 7 }],
    subject: config,
    annotations: { k: 'v', n: null },
    more: 'of it',
  };
  assert.deepEqual(readManifest(given, 'x'), {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: 'e/f',
    config,
    layers: [
      { ...config, annotations: { a: '1' }, artifactType: 'c/d', platform: { os: 'linux' } },
      { ...config, size: 0 },
    ],
    subject: config,
    annotations: { k: 'v' },
  });
  assert.deepEqual(readManifest({ config, layers: [], mediaType: 1, artifactType: 2 }, 'x'), {
    schemaVersion: 2,
    config,
    layers: [],
  });
});

test('what is no manifest, and what is no descriptor, is refused with its reason', () => {
  const reason = (text: string) => ({
    code: 'registry-artifact',
    message: `x is nothing that Mayfly can use: ${text}`,
  });
  for (const value of [null, 7, 'text', [], {}, { config }, { config, layers: {} }]) {
    assert.throws(() => readManifest(value, 'x'), reason('its manifest has no layers'));
  }
  for (const [more, text] of [
    [{ mediaType: undefined }, 'a descriptor of it has no media type'],
    [{ mediaType: 5 }, 'a descriptor of it has no media type'],
    [{ digest: undefined }, 'a descriptor of it has no digest of SHA-256'],
    [{ digest: digest.slice(0, -1) }, 'a descriptor of it has no digest of SHA-256'],
    [{ digest: `${digest}0` }, 'a descriptor of it has no digest of SHA-256'],
    [{ digest: digest.toUpperCase() }, 'a descriptor of it has no digest of SHA-256'],
    [{ digest: digest.replace('sha256', 'sha512') }, 'a descriptor of it has no digest of SHA-256'],
    [{ size: -1 }, 'a descriptor of it has no size'],
    [{ size: 1.5 }, 'a descriptor of it has no size'],
    [{ size: '5' }, 'a descriptor of it has no size'],
    [{ size: 2 ** 53 }, 'a descriptor of it has no size'],
    [{ size: undefined }, 'a descriptor of it has no size'],
  ] as const) {
    const wrong = { ...config, ...more };
    assert.throws(() => readManifest({ config: wrong, layers: [] }, 'x'), reason(text));
    assert.throws(() => readManifest({ config, layers: [config, wrong] }, 'x'), reason(text));
    assert.throws(() => readManifest({ config, layers: [], subject: wrong }, 'x'), reason(text));
    assert.throws(() => indexEntries({ manifests: [wrong] }, 'x'), reason(text));
  }
  assert.deepEqual(indexEntries({ manifests: [config] }, 'x'), [config]);
  assert.deepEqual([indexEntries({}, 'x'), indexEntries({ manifests: {} }, 'x')], [undefined, undefined]);
});

test('what is pushed names its parts, and leaves out what it has not', () => {
  const [one, two] = ['1', '22'].map((words) => blobOf(new Uint8Array(Buffer.from(words)), 'a/b')) as [
    ReturnType<typeof blobOf>,
    ReturnType<typeof blobOf>,
  ];
  assert.deepEqual([one.size, one.digest], [1, digestOf(Buffer.from('1'))]);
  const parse = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());
  const annotated = { ...two, annotations: { a: '1' } };
  const whole = { config: one, layers: [annotated], annotations: { k: 'v' }, artifactType: 'c/d', subject: one };
  assert.deepEqual(parse(manifestBytes(whole)), {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: 'c/d',
    config: descriptorOf(one),
    layers: [{ ...descriptorOf(two), annotations: { a: '1' } }],
    subject: descriptorOf(one),
    annotations: { k: 'v' },
  });
  assert.deepEqual(parse(manifestBytes({ config: one, layers: [], annotations: {} })), {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptorOf(one),
    layers: [],
  });
});

test('kinds of things are told apart', () => {
  assert.deepEqual(
    [mediaTypes.wasm, mediaTypes.spinWasm, mediaTypes.spinData, undefined].map((mediaType) => isWasm({ mediaType })),
    [true, true, false, false],
  );
  assert.deepEqual([digest, 'sha256:', 7, undefined].map(isDigest), [true, false, false, false]);
  assert.deepEqual([objectOf(null), objectOf('x'), objectOf({ a: 1 })], [{}, {}, { a: 1 }]);
  assert.deepEqual([textsOf(7), textsOf({ a: 'x', b: 1 })], [{}, { a: 'x' }]);
  assert.deepEqual(parseJson('u', Buffer.from('[1]')), [1]);
  assert.throws(() => parseJson('https://r/x', Buffer.from('<html>')), {
    code: 'source-unavailable',
    message: /what it gives is no JSON/,
  });
});

test('so many at once and no more, results in their order', async () => {
  const open: (() => void)[] = [];
  let most = 0;
  let underWay = 0;
  const all = concurrently([0, 1, 2, 3, 4], 2, async (value) => {
    most = Math.max(most, ++underWay);
    await new Promise<void>((resolve) => open.push(resolve));
    underWay--;
    return value * 10;
  });
  for (let count = 0; count < 5; count++) {
    await new Promise(setImmediate);
    open.pop()?.();
  }
  assert.deepEqual([await all, most], [[0, 10, 20, 30, 40], 2]);
  assert.deepEqual(await concurrently([], 2, () => assert.fail()), []);
});

test('the first failure is told when nothing is under way any more, and nothing else is begun', async () => {
  const begun: number[] = [];
  const slow = Promise.withResolvers<void>();
  let isOver = false;
  const all = concurrently([0, 1, 2, 3], 2, async (value) => {
    begun.push(value);
    if (value === 1) throw new Error('first');
    await slow.promise;
    throw new Error('second');
  }).catch((error: Error) => {
    isOver = true;
    return error.message;
  });
  await new Promise(setImmediate);
  assert.deepEqual([begun, isOver], [[0, 1], false]);
  slow.resolve();
  assert.equal(await all, 'first');
  assert.deepEqual(begun, [0, 1]);
});
