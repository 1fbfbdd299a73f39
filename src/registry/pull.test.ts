// Artifacts that others pushed: both shapes that Spin has had, a component alone; and what is broken or hostile is refused
// with the reason, and leaves nothing behind.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, beforeEach, test } from 'node:test';
import { parse } from 'smol-toml';
import { type MemoryRegistry, sha256, startMemoryRegistry } from '../../test/support/servers/memory-registry.ts';
import { type Pulled, pull } from './pull.ts';
import { parseReference } from './reference.ts';
import { gzip, type TarFile, tarOf } from './tar.ts';

const root = mkdtempSync(join(tmpdir(), 'mayfly-pull-'));
const server: MemoryRegistry = await startMemoryRegistry();
after(() => {
  server.close();
  rmSync(root, { recursive: true });
});
let cacheDirectory = '';
beforeEach(() => {
  cacheDirectory = mkdtempSync(join(root, 'cache-'));
  server.blobs.clear();
  server.manifests.clear();
  server.fault = () => false;
});

const wasm = Buffer.from('\0asm and so on');
const page = Buffer.from('<h1>'.repeat(100));
const tiny = Buffer.from('tiny');
const wasmType = 'application/vnd.wasm.content.layer.v1+wasm';
const dataType = 'application/vnd.wasm.content.layer.v1+data';
const archiveType = 'application/vnd.wasm.content.bundle.v1.tar+gzip';
const lockType = 'application/vnd.fermyon.spin.application.v1+config';
const configType = 'application/vnd.oci.image.config.v1+json';
const inline = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

const gzipped = async (entries: readonly TarFile[]): Promise<Buffer> =>
  Buffer.from(await buffer(tarOf(entries, { seconds: 0 }).pipe(gzip())));

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

function blob(content: Buffer | object, mediaType: string): Descriptor {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  server.blobs.set(sha256(bytes), bytes);
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

function manifest(config: Descriptor, layers: readonly Descriptor[], tag = 'latest'): void {
  // As Spin writes it, without a media type.
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers }));
  const entry = { type: 'application/vnd.oci.image.manifest.v1+json', bytes };
  server.manifests.set(`app:${tag}`, entry);
  server.manifests.set(`app@${sha256(bytes)}`, entry);
}

/** The lock of an app with one component that has two files. */
function lock(changes: object = {}, component: object = {}): object {
  return {
    spin_lock_version: 0,
    metadata: {
      name: 'pulled',
      version: '1.0.0',
      description: null,
      authors: ['A'],
      origin: 'file:///home/somebody/spin.toml',
      triggers: { http: { base: '/' }, redis: { address: 'redis://{{ host }}' } },
    },
    variables: { host: { default: 'localhost' }, key: { secret: true } },
    triggers: [
      { id: 'trigger--a', trigger_type: 'http', trigger_config: { component: 'a', executor: null, route: '/...' } },
      { id: 'r', trigger_type: 'redis', trigger_config: { channel: 'c', component: 'a' } },
    ],
    components: [
      {
        id: 'a',
        metadata: { allowed_outbound_hosts: ['https://example.com'], databases: ['default'], build: { command: 'x' } },
        source: { content_type: 'application/wasm', digest: sha256(wasm) },
        env: { KEY: 'value' },
        files: [
          { path: 'www/index.html', digest: sha256(page) },
          { path: 'tiny.txt', inline: inline(tiny), digest: sha256(tiny) },
        ],
        config: { host: '{{ host }}' },
        ...component,
      },
    ],
    ...changes,
  };
}

const plainConfig = { architecture: 'wasm', os: 'Wasip1', rootfs: { type: 'layers', diff_ids: [] } };

function pushLock(value: object, more: readonly Descriptor[] = [blob(wasm, wasmType), blob(page, dataType)]): void {
  manifest(blob(plainConfig, configType), [...more, blob(value, lockType)]);
}

const pulled = (text = 'app', options = {}): Promise<Pulled> =>
  pull(parseReference(`${server.host}/${text}`), {
    cacheDirectory,
    findCredentials: async () => undefined,
    ...options,
  });

const files = (): string[] =>
  readdirSync(cacheDirectory, { recursive: true, encoding: 'utf8' }).filter((name) => /apps\/[^/]+/.test(name));

test('an app as Spin pushes it: its manifest, the component and its files, one of them out of the lock', async () => {
  pushLock(lock());
  const { kind, path, digest } = await pulled();
  assert.equal(kind, 'application');
  const folder = dirname(path);
  assert.deepEqual(JSON.parse(JSON.stringify(parse(readFileSync(path, 'utf8')))), {
    spin_manifest_version: 2,
    application: {
      name: 'pulled',
      version: '1.0.0',
      authors: ['A'],
      trigger: { redis: { address: 'redis://{{ host }}' } },
    },
    variables: { host: { default: 'localhost' }, key: { required: true, secret: true } },
    trigger: {
      http: [{ id: 'trigger--a', component: 'a', route: '/...' }],
      redis: [{ id: 'r', channel: 'c', component: 'a' }],
    },
    component: {
      a: {
        source: `${sha256(wasm).slice(7)}.wasm`,
        environment: { KEY: 'value' },
        variables: { host: '{{ host }}' },
        files: [{ source: 'files/0', destination: '/' }],
        allowed_outbound_hosts: ['https://example.com'],
        sqlite_databases: ['default'],
      },
    },
  });
  assert.deepEqual(readFileSync(join(folder, `${sha256(wasm).slice(7)}.wasm`)), wasm);
  assert.deepEqual(readFileSync(join(folder, 'files/0/www/index.html')), page);
  assert.deepEqual(readFileSync(join(folder, 'files/0/tiny.txt')), tiny);
  server.asked.length = 0;
  assert.equal((await pulled()).path, path);
  assert.equal(server.asked.length, 1);
  server.fault = (_, response) => Boolean(response.destroy());
  assert.equal((await pulled(`app@${digest}`)).path, path);
});

test('an app of the time when its lock was the config, and one whose files are in an archive', async () => {
  manifest(blob(lock(), lockType), [blob(wasm, 'application/wasm'), blob(page, dataType)]);
  assert.equal((await pulled()).kind, 'application');
  const entries = [
    { path: './www/index.html', content: page, size: page.length },
    { path: './tiny.txt', content: tiny, size: tiny.length },
  ];
  const archive = blob(await gzipped(entries), archiveType);
  const component = {
    files: [
      { path: 'a/one.html', digest: sha256(page) },
      { path: 'b/one.html', digest: sha256(page) },
    ],
  };
  pushLock(lock({}, component), [blob(wasm, wasmType), archive]);
  const { path } = await pulled();
  for (const one of ['a', 'b']) assert.deepEqual(readFileSync(join(dirname(path), 'files/0', one, 'one.html')), page);
});

test('a component alone, as wkg pushes it, and the one of an index', async () => {
  manifest(blob({ architecture: 'wasm', os: 'wasip2', layerDigests: [] }, 'application/vnd.wasm.config.v0+json'), [
    blob(wasm, 'application/wasm'),
  ]);
  const { kind, path, digest } = await pulled();
  assert.equal(kind, 'component');
  assert.deepEqual(readFileSync(path), wasm);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  for (const platform of [{ architecture: 'wasm', os: 'wasip1' }, { architecture: 'wasm' }, { os: 'wasip2' }]) {
    const entry = { mediaType, digest, size: 1, platform };
    const other = { ...entry, digest: sha256(wasm), platform: { os: 'linux' } };
    const index = { schemaVersion: 2, manifests: [other, entry] };
    server.manifests.set('app:index', {
      type: 'application/vnd.oci.image.index.v1+json',
      bytes: Buffer.from(JSON.stringify(index)),
    });
    assert.deepEqual(await pulled('app:index'), { kind, path, digest }, JSON.stringify(platform));
  }
});

test('what was changed in the cache is fetched again', async () => {
  pushLock(lock());
  const { path } = await pulled();
  for (const name of [
    'spin.toml',
    'files/0/www/index.html',
    `${sha256(wasm).slice(7)}.wasm`,
    'contents.json',
  ] as const) {
    writeFileSync(join(dirname(path), name), 'other');
    await pulled();
    assert.notEqual(readFileSync(join(dirname(path), name), 'utf8'), 'other', name);
  }
});

test('what is no app is refused, with the reason, and nothing of it is kept', async () => {
  const refuses = async (message: RegExp, code = 'registry-artifact'): Promise<void> => {
    await assert.rejects(pulled(), (error: Error & { code?: string }) => {
      assert.match(error.message, message);
      assert.equal(error.code, code);
      return true;
    });
    assert.deepEqual(files(), []);
  };
  for (const path of ['../x', '/etc/passwd', 'a/../../x', '', 'a//b', 'a\\b', 'a\0b', 7, null]) {
    pushLock(lock({}, { files: [{ path, inline: inline(tiny), digest: sha256(tiny) }] }));
    await refuses(/leads out of its folder/);
  }
  pushLock(lock({ spin_lock_version: 2 }));
  await refuses(/its lock has the version 2/);
  pushLock(lock({ must_understand: ['host_requirements', 'time_travel'] }));
  await refuses(/understands \["time_travel"\]/);
  pushLock(lock({ must_understand: ['host_requirements'], host_requirements: { gpu: 'required', tea: 'optional' } }));
  await refuses(/needs a host with "gpu"/);
  pushLock(lock({}, { host_requirements: { gpu: 'required' } }));
  await refuses(/needs a host with "gpu"/);
  pushLock(lock({}, { id: 7 }));
  await refuses(/has no id/);
  pushLock(lock({}, { source: { digest: 'sha256:../../x' } }));
  await refuses(/no digest of SHA-256/);
  pushLock(lock(), [blob(wasm, wasmType)]);
  await refuses(/it lacks the file "files\/0\/www\/index.html"/);
  pushLock(lock(), [blob(wasm, wasmType), blob(Buffer.from('no archive'), archiveType)]);
  await refuses(/an archive of its files is broken/);
  pushLock(lock({}, { files: [{ path: 'a', inline: inline(tiny), digest: sha256(page) }] }), [blob(wasm, wasmType)]);
  await refuses(/it lacks the file "files\/0\/a"/);
  manifest(blob(plainConfig, configType), [blob(page, 'application/vnd.oci.image.layer.v1.tar+gzip')]);
  await refuses(/has 1 layers, and neither/);
  manifest(blob(plainConfig, configType), [blob(Buffer.from('[]'), lockType)]);
  await refuses(/its lock is none/);
  manifest(blob(plainConfig, configType), [{ digest: 'x', size: 1 } as Descriptor]);
  await refuses(/no media type/);
  manifest(blob(plainConfig, configType), [{ ...blob(wasm, wasmType), size: 2 ** 40 }]);
  await refuses(/are the most/);
  server.manifests.set('app:latest', { type: 'text/html', bytes: Buffer.from('<html>') });
  await refuses(/no JSON/, 'source-unavailable');
  server.manifests.clear();
  await refuses(/status 404: manifest unknown/, 'source-unavailable');
});

test("files that are in each other's way, and a full disk, are errors", async () => {
  const two = ['a', 'a/b'].map((path) => ({ path, inline: inline(tiny), digest: sha256(tiny) }));
  pushLock(lock({}, { files: two }));
  await assert.rejects(pulled(), { code: 'source-unavailable', message: /cannot be kept in/ });
  assert.deepEqual(files(), []);
  pushLock(lock());
  await assert.rejects(pulled('app', { cacheDirectory: '/dev/null/cache' }), { code: 'source-unavailable' });
});

test("names that are names of the host's objects are names", async () => {
  const text = JSON.stringify(lock())
    .replace('"KEY"', '"__proto__"')
    .replace('"config":{"host"', '"config":{"__proto__"');
  const bytes = Buffer.from(text);
  manifest(blob(plainConfig, configType), [blob(wasm, wasmType), blob(page, dataType), blob(bytes, lockType)]);
  const { path } = await pulled();
  assert.match(readFileSync(path, 'utf8'), /__proto__/);
  assert.equal(Object.hasOwn(Object.prototype, 'value'), false);
});
