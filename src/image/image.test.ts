// Images say of themselves what they are, the same each time they are made; what is written is read again as a base, and
// what is none is refused with its reason.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { jsonBytes, mediaTypes } from '../registry/oci.ts';
import { fileOf, readTar, type TarEntry } from '../registry/tar.ts';
import { type Image, makeImage, makeIndex } from './image.ts';
import { writeLayer } from './layer.ts';
import { rootOf, writeArchive, writeFiles, writeLayout } from './layout.ts';
import { ownPlatform, type Platform, parsePlatforms } from './platform.ts';
import { baseFromLayout } from './read-base.ts';
import { sbomOf } from './sbom.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-image-unit-'));
after(() => rmSync(folder, { recursive: true }));

const amd64: Platform = { os: 'linux', architecture: 'amd64', cpu: 'x64' };
const arm64: Platform = { os: 'linux', architecture: 'arm64', cpu: 'arm64' };
const created = new Date('2023-11-14T22:13:20Z');
const seconds = 1_700_000_000;
const text = (words: string) => new Uint8Array(Buffer.from(words));
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const layer = (words: string, createdBy = 'files & more') =>
  writeLayer([fileOf('a/b', text(words))], { folder, seconds, createdBy });

async function image(platform: Platform, words = 'words'): Promise<Image> {
  const process = {
    entrypoint: ['/bin/node', 'x.mjs'],
    command: ['up'],
    environment: { A: '1', B: 'two words' },
    user: '65532:65532',
    workingDirectory: '/w',
    ports: [80, 8080],
  };
  const parts = { labels: { l: '1' }, annotations: { a: '2' }, created };
  return makeImage({ platform, layers: [await layer(words), await layer(`${words}!`)], process, ...parts });
}

const bytesOf = (content: Uint8Array | { readonly file: string }): Buffer =>
  'file' in content ? readFileSync(content.file) : Buffer.from(content);

test('a layer has the digests of its archive, packed and not, and is the same each time', async () => {
  const one = await layer('words');
  assert.deepEqual(await layer('words'), one);
  const packed = bytesOf(one.blob.content);
  const { digest, size, mediaType } = one.blob;
  assert.deepEqual([digest, size, mediaType], [digestOf(packed), packed.length, mediaTypes.imageLayer]);
  assert.equal(one.diffId, digestOf(gunzipSync(packed)));
  assert.equal(one.createdBy, 'files & more');
  assert.ok(!readdirSync(folder).some((name) => name.endsWith('.tmp')));
  assert.notEqual((await layer('other')).diffId, one.diffId);
});

test('the configuration says what a container starts with, and the manifest names it and the layers', async () => {
  const { artifact, manifest } = await image(arm64);
  const [first, second] = [await layer('words'), await layer('words!')];
  const history = { created: '2023-11-14T22:13:20.000Z', created_by: 'files & more' };
  assert.deepEqual(JSON.parse(String(bytesOf(artifact.config.content))), {
    created: history.created,
    architecture: 'arm64',
    os: 'linux',
    config: {
      User: '65532:65532',
      ExposedPorts: { '80/tcp': {}, '8080/tcp': {} },
      Env: ['A=1', 'B=two words'],
      Entrypoint: ['/bin/node', 'x.mjs'],
      Cmd: ['up'],
      WorkingDir: '/w',
      Labels: { l: '1' },
      StopSignal: 'SIGTERM',
    },
    rootfs: { type: 'layers', diff_ids: [first.diffId, second.diffId] },
    history: [history, history],
  });
  const document = JSON.parse(String(bytesOf(manifest.content)));
  assert.equal(manifest.digest, digestOf(bytesOf(manifest.content)));
  assert.deepEqual(document.annotations, { a: '2' });
  assert.equal(document.config.digest, artifact.config.digest);
  assert.deepEqual(
    document.layers.map(({ digest }: { digest: string }) => digest),
    [first.blob.digest, second.blob.digest],
  );
});

test('one image is its own root, several have an index of their platforms', async () => {
  const [one, two] = [await image(amd64), await image(arm64)];
  assert.equal(rootOf([one]), one.manifest);
  const index = rootOf([one, two]);
  assert.equal(index.digest, makeIndex([one, two], {}).digest);
  const { mediaType, schemaVersion, manifests, annotations } = JSON.parse(
    String(bytesOf(makeIndex([one, two], { a: '1' }).content)),
  );
  assert.deepEqual([mediaType, schemaVersion, annotations], [mediaTypes.index, 2, { a: '1' }]);
  assert.deepEqual(manifests, [
    { ...described(one), platform: { architecture: 'amd64', os: 'linux' } },
    { ...described(two), platform: { architecture: 'arm64', os: 'linux' } },
  ]);
});

const described = ({ manifest: { mediaType, digest, size } }: Image) => ({ mediaType, digest, size });

test('a layout on disk is read again as a base, for the platform that is wanted', async () => {
  const at = join(folder, 'layout');
  writeFileSync(join(folder, 'before'), '');
  await writeFiles(at, [fileOf('left/over', text('x'))]);
  const [one, two] = [await image(amd64, 'one'), await image(arm64, 'two')];
  await writeLayout(at, [one, two], { name: 'acme', seconds });
  assert.equal(existsSync(join(at, 'left')), false, 'it is emptied before');
  assert.deepEqual(JSON.parse(readFileSync(join(at, 'oci-layout'), 'utf8')), { imageLayoutVersion: '1.0.0' });
  const { schemaVersion, mediaType, manifests } = JSON.parse(readFileSync(join(at, 'index.json'), 'utf8'));
  assert.deepEqual([schemaVersion, mediaType], [2, mediaTypes.index]);
  const root = rootOf([one, two]);
  assert.deepEqual(manifests, [
    {
      mediaType: root.mediaType,
      digest: root.digest,
      size: root.size,
      annotations: { 'org.opencontainers.image.ref.name': 'acme' },
    },
  ]);
  for (const [platform, words] of [
    [amd64, 'one'],
    [arm64, 'two'],
  ] as const) {
    const layers = await baseFromLayout(at, platform);
    const [first, second] = [await layer(words), await layer(`${words}!`)];
    assert.deepEqual(
      layers.map(({ diffId, createdBy, blob: { digest, mediaType } }) => [diffId, createdBy, digest, mediaType]),
      [first, second].map(({ diffId, blob }) => [diffId, `base ${at}`, blob.digest, blob.mediaType]),
    );
    for (const { blob } of layers) assert.equal(digestOf(bytesOf(blob.content)), blob.digest);
  }
});

test('an archive of a layout has the same files', async () => {
  const [one, file] = [await image(amd64), join(folder, 'layout.tar')];
  await writeArchive(file, [one], { name: 'acme', seconds });
  const names: string[] = [];
  const archive = createReadStream(file);
  await readTar(archive, false, async ({ name, type, body }) => {
    if (type === 'file') names.push(name);
    body.resume();
  });
  const blobs = [one.manifest, one.artifact.config, ...one.artifact.layers];
  const expected = [...blobs.map(({ digest }) => `blobs/${digest.replace(':', '/')}`), 'index.json', 'oci-layout'];
  assert.deepEqual(names, expected.sort());
});

/** A layout whose documents are these, the last of which its index names. */
async function layoutOf(
  name: string,
  ...documents: readonly ((last: object | undefined) => object)[]
): Promise<string> {
  const at = join(folder, name);
  let last: { mediaType: string; digest: string; size: number } | undefined;
  for (const document of documents) {
    const bytes = jsonBytes(document(last));
    const digest = digestOf(bytes);
    await writeFiles(at, [fileOf(`blobs/${digest.replace(':', '/')}`, bytes)]);
    last = { mediaType: mediaTypes.manifest, digest, size: bytes.length };
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: last ? [last] : [] };
  await writeFiles(at, [fileOf('index.json', jsonBytes(index))]);
  return at;
}

test('what is no image for the platform is refused with its reason', async () => {
  const config = (more: object) => () => ({ architecture: 'amd64', os: 'linux', rootfs: { diff_ids: [] }, ...more });
  const manifest =
    (more: object = {}) =>
    (last: object | undefined) => ({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: last,
      layers: [],
      ...more,
    });
  const index = (last: object | undefined) => ({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [last] });
  assert.deepEqual(await baseFromLayout(await layoutOf('empty', config({}), manifest()), amd64), []);
  const deep = (count: number) => layoutOf(`deep-${count}`, config({}), manifest(), ...Array(count).fill(index));
  assert.deepEqual(await baseFromLayout(await deep(3), amd64), []);
  const absent = { mediaType: mediaTypes.imageLayer, digest: `sha256:${'0'.repeat(64)}`, size: 5 };
  for (const [at, message] of [
    [join(folder, 'nowhere'), /is no OCI image layout/],
    [await layoutOf('nothing'), /it has no image for linux\/amd64/],
    [await deep(4), /it has no image for linux\/amd64/],
    [await layoutOf('arm', config({ architecture: 'arm64' }), manifest()), /it is for linux\/arm64, not linux\/amd64/],
    [await layoutOf('windows', config({ os: 'windows' }), manifest()), /it is for windows\/amd64, not linux\/amd64/],
    [await layoutOf('more', config({ rootfs: { diff_ids: ['x'] } }), manifest()), /does not fit its layers/],
    [await layoutOf('none', config({ rootfs: {} }), manifest()), /does not fit its layers/],
    [
      await layoutOf('absent', config({ rootfs: { diff_ids: ['x'] } }), manifest({ layers: [absent] })),
      /its blob sha256:0+ is not there, or of another size/,
    ],
  ] as const) {
    await assert.rejects(baseFromLayout(at, amd64), { code: 'registry-artifact', message }, String(message));
  }
  const two = join(folder, 'two');
  await writeLayout(two, [await image(arm64, 'x'), await image(arm64, 'y')], { name: 'x', seconds });
  await assert.rejects(baseFromLayout(two, amd64), { message: /it has no image for linux\/amd64/ });
  const damaged = join(folder, 'damaged');
  const one = await image(amd64, 'z');
  await writeLayout(damaged, [one], { name: 'x', seconds });
  writeFileSync(join(damaged, 'blobs', ...one.artifact.config.digest.split(':')), '{}');
  await assert.rejects(baseFromLayout(damaged, amd64), { code: 'registry-artifact', message: /is damaged/ });
});

test('platforms have the names of OCI', () => {
  assert.deepEqual(parsePlatforms('linux/amd64, linux/arm64'), [amd64, arm64]);
  for (const wrong of ['', 'linux', 'amd64', 'linux/x64', 'windows/amd64', 'linux/amd64,']) {
    assert.throws(() => parsePlatforms(wrong), { code: 'usage', hint: 'There are: linux/amd64, linux/arm64' });
  }
  assert.equal(ownPlatform().cpu, process.arch === 'arm64' ? 'arm64' : 'x64');
});

test('a bill of materials is CycloneDX, and has the same number for the same software', () => {
  const software = [
    { name: 'libc6', version: '2.36', purl: 'pkg:deb/debian/libc6@2.36' },
    { type: 'application', name: 'app', version: undefined, sha256: 'ab' },
  ] as const;
  const of = (more: object = {}, list: Parameters<typeof sbomOf>[0] = software) =>
    sbomOf(list, { name: 'image', version: '1', created, ...more }) as { serialNumber: string };
  const { serialNumber, ...rest } = of();
  assert.deepEqual(rest, {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: '2023-11-14T22:13:20.000Z',
      component: { type: 'container', name: 'image', version: '1' },
    },
    components: [
      {
        type: 'library',
        name: 'libc6',
        version: '2.36',
        'bom-ref': 'pkg:deb/debian/libc6@2.36',
        purl: 'pkg:deb/debian/libc6@2.36',
      },
      { type: 'application', name: 'app', hashes: [{ alg: 'SHA-256', content: 'ab' }] },
    ],
  });
  const uuid = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const numbers = new Set([serialNumber, of({ version: undefined }).serialNumber, of({}, []).serialNumber]);
  for (let count = 0; count < 20; count++) numbers.add(of({ name: `image-${count}` }).serialNumber);
  for (const number of numbers) assert.match(number, uuid);
  assert.equal(numbers.size, 23);
  assert.equal(of().serialNumber, serialNumber);
  const digest = createHash('sha256');
  digest.update(JSON.stringify([{ type: 'container', name: 'image' }, []]));
  const hex = digest.digest('hex');
  const plain = of({ version: undefined }, []).serialNumber.replace(/^urn:uuid:|-/g, '');
  for (const [index, digit] of [...plain].entries()) if (index !== 12 && index !== 16) assert.equal(digit, hex[index]);
});

test('entries of an archive: sorted, with the folders above them, and with one time', async () => {
  const entries: readonly TarEntry[] = [
    { path: 'z/link', target: '../b/run' },
    fileOf('b/plain', text('1')),
    { ...fileOf('b/run', text('22')), mode: 0o755, owner: 7 },
    { path: 'own', isFolder: true, mode: 0o700, owner: 7 },
    { path: 'z', isFolder: true, mode: 0o711 },
  ];
  const { blob } = await writeLayer(entries, { folder, seconds, createdBy: 'x' });
  const packed = bytesOf(blob.content);
  const found: unknown[] = [];
  await readTar(Readable.from([packed]), true, async ({ name, type, linkname, mode, size, body }) => {
    const words: Buffer[] = [];
    for await (const piece of body) words.push(piece as Buffer);
    found.push([name, type, mode?.toString(8), linkname || undefined, size, Buffer.concat(words).toString()]);
  });
  assert.deepEqual(found, [
    ['b/', 'directory', '755', undefined, 0, ''],
    ['b/plain', 'file', '644', undefined, 1, '1'],
    ['b/run', 'file', '755', undefined, 2, '22'],
    ['own/', 'directory', '700', undefined, 0, ''],
    ['z/', 'directory', '711', undefined, 0, ''],
    ['z/link', 'symlink', '777', '../b/run', 0, ''],
  ]);
  const archive = gunzipSync(packed);
  const headers = [0, 512, 1536, 2560, 3072, 3584].map((at) => archive.subarray(at, at + 512));
  assert.deepEqual(
    headers.map((header) => Number.parseInt(header.toString('latin1', 136, 147), 8)),
    Array(6).fill(seconds),
  );
  assert.deepEqual(
    headers.map((header) => Number.parseInt(header.toString('latin1', 108, 115), 8)),
    [0, 0, 7, 7, 0, 0],
  );
  await assert.rejects(
    readTar(Readable.from([archive.subarray(0, 700)]), false, async ({ body }) => void body.resume()),
  );
  const refusing = readTar(Readable.from([archive]), false, async () => {
    throw new Error('not this');
  });
  await assert.rejects(refusing, { message: 'not this' });
});
