// Apps and components to a real registry and back, as processes: what is pushed is judged by a reader written from the
// specification and by skopeo, and what is pulled answers as what was pushed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import {
  type RegistryServer,
  registryMissing,
  registryUser,
  startRegistry,
} from '../support/servers/docker-registry.ts';
import { sha256 } from '../support/servers/memory-registry.ts';
import { up } from '../support/up.ts';
import { mayfly, type Outcome } from './cli-process.ts';

const skip = registryMissing();
const root = mkdtempSync(join(tmpdir(), 'mayfly-registry-'));
let server: RegistryServer;
let app = '';
const page = '<p>'.repeat(200);

before(async () => {
  if (skip) return;
  server = await startRegistry();
  app = await makeApp('app');
});
after(async () => {
  if (!skip) await server.close();
  rmSync(root, { recursive: true });
});

/** An app of two components that call each other, with files, variables and settings. */
async function makeApp(name: string): Promise<string> {
  const folder = join(root, name);
  for (const each of ['www/sub', 'src']) mkdirSync(join(folder, each), { recursive: true });
  writeFileSync(join(folder, 'src/index.ts'), '');
  writeFileSync(join(folder, 'www/page.html'), page);
  writeFileSync(join(folder, 'www/sub/tiny.txt'), 'tiny');
  writeFileSync(join(folder, 'www/empty'), '');
  const [hello, files] = [await guestPath('hello-c'), await guestPath('files-c').catch(() => guestPath('hello-c'))];
  writeFileSync(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2
[application]
name = "${name}"
version = "1.2.3"
description = "An app"
authors = ["A <a@example.com>", "B"]
[application.trigger.redis]
address = "redis://{{ broker }}"
[application.tool.mayfly.limits]
memory = "64MiB"
[variables]
broker = { default = "127.0.0.1" }
token = { required = true, secret = true }
[[trigger.http]]
route = "/..."
component = "hello"
[[trigger.http]]
id = "second"
route = "/second"
component = { source = "${files}" }
[component.hello]
source = "${hello}"
description = "Says hello"
environment = { KEY = "value" }
variables = { token = "{{ token }}" }
files = [{ source = "www", destination = "/" }]
allowed_outbound_hosts = ["http://second-component.spin.internal"]
key_value_stores = ["default"]
[component.hello.tool.mayfly]
script = "src/index.ts"
reuse = 2
limits = { cpu = "2s" }
`,
  );
  return folder;
}

function run(args: readonly string[], env: Record<string, string> = {}): Outcome {
  return mayfly(args, root, { SOURCE_DATE_EPOCH: '1700000000', HOME: root, XDG_CONFIG_HOME: '', ...env });
}

function works(args: readonly string[], env: Record<string, string> = {}): string {
  const { code, stdout, stderr } = run(args, env);
  assert.equal(code, 0, stderr);
  return stdout;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

interface PushedManifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

interface Content {
  readonly path: string;
  readonly digest: string;
  readonly inline?: string;
}

const acceptOci = { accept: 'application/vnd.oci.image.manifest.v1+json' };

async function manifestOf(reference: string): Promise<{ readonly bytes: Buffer; readonly value: PushedManifest }> {
  const [name, tag] = reference.split(':');
  const response = await fetch(`http://${server.host}/v2/${name}/manifests/${tag}`, { headers: acceptOci });
  assert.equal(response.status, 200, reference);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { bytes, value: JSON.parse(bytes.toString()) };
}

async function blob(name: string, { digest, size }: { digest: string; size: number }): Promise<Buffer> {
  const response = await fetch(`http://${server.host}/v2/${name}/blobs/${digest}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(sha256(bytes), digest);
  assert.equal(bytes.length, size);
  return bytes;
}

test('what is pushed is an app of Spin, byte for byte', { skip }, async () => {
  const said = works(['registry', 'push', '-f', app, `${server.host}/acme/app:1`, '--annotation', 'a.b=c']);
  const { bytes, value } = await manifestOf('acme/app:1');
  assert.equal(said, `Pushed with digest ${sha256(bytes)}\n`);
  assert.deepEqual(value.annotations, {
    'org.opencontainers.image.title': 'app',
    'org.opencontainers.image.version': '1.2.3',
    'org.opencontainers.image.description': 'An app',
    'org.opencontainers.image.authors': 'A <a@example.com>, B',
    'org.opencontainers.image.created': '2023-11-14T22:13:20.000Z',
    'a.b': 'c',
  });
  const types = value.layers.map((layer: { mediaType: string }) => layer.mediaType.replace(/^application\/vnd\./, ''));
  const [last] = types.slice(-1);
  assert.equal(last, 'fermyon.spin.application.v1+config');
  assert.deepEqual(new Set(types.slice(0, -1)), new Set(['wasm.content.layer.v1+wasm', 'wasm.content.layer.v1+data']));
  const blobs = new Map<string, Buffer>();
  for (const layer of value.layers) blobs.set(layer.digest, await blob('acme/app', layer));
  const lockDigest: string = value.layers.at(-1)!.digest;
  assert.deepEqual(JSON.parse((await blob('acme/app', value.config)).toString()), {
    architecture: 'wasm',
    os: 'wasip1',
    config: { Labels: { 'com.fermyon.spin.lockedAppDigest': lockDigest } },
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const lock = JSON.parse(blobs.get(lockDigest)!.toString());
  const bytesOf = ({ digest, inline }: { digest: string; inline?: string }): Buffer => {
    const content = inline === undefined ? blobs.get(digest) : Buffer.from(inline, 'base64');
    assert.equal(sha256(content!), digest);
    return content!;
  };
  const [hello, inlined] = lock.components;
  const files = Object.fromEntries(hello.files.map((file: Content) => [file.path, bytesOf(file).toString()]));
  assert.deepEqual(files, { empty: '', 'page.html': page, 'sub/tiny.txt': 'tiny' });
  assert.deepEqual(
    hello.files.map((file: Content) => file.inline),
    ['', undefined, 'dGlueQ'],
  );
  assert.deepEqual(bytesOf(hello.source), readFileSync(await guestPath('hello-c')));
  assert.deepEqual(
    { ...lock, components: undefined },
    {
      spin_lock_version: 1,
      must_understand: ['component_host_requirements'],
      metadata: {
        name: 'app',
        version: '1.2.3',
        description: 'An app',
        authors: ['A <a@example.com>', 'B'],
        triggers: { redis: { address: 'redis://{{ broker }}' } },
        trigger: { type: 'http' },
        mayfly: { limits: { memory: '64MiB' } },
      },
      variables: { broker: { default: '127.0.0.1' }, token: { secret: true } },
      triggers: [
        { id: 'hello-http-trigger', trigger_type: 'http', trigger_config: { component: 'hello', route: '/...' } },
        { id: 'second', trigger_type: 'http', trigger_config: { component: 'second-component', route: '/second' } },
      ],
      components: undefined,
    },
  );
  assert.deepEqual(
    { ...hello, source: 0, files: 0 },
    {
      id: 'hello',
      metadata: {
        description: 'Says hello',
        allowed_outbound_hosts: ['http://second-component.spin.internal'],
        key_value_stores: ['default'],
        mayfly: { reuse: 2, limits: { cpu: '2s' } },
      },
      source: 0,
      env: { KEY: 'value' },
      files: 0,
      config: { token: '{{ token }}' },
      host_requirements: { local_service_chaining: 'required' },
    },
  );
  assert.equal(inlined.id, 'second-component');
});

test('pushed twice it is the same, and nothing is sent again', { skip }, () => {
  const push = (): { digest: string; blobs: Record<'sent' | 'mounted' | 'there', number> } =>
    JSON.parse(works(['registry', 'push', '-f', app, `${server.host}/acme/twice:1`, '--json']));
  const [first, second] = [push(), push()];
  assert.equal(second.digest, first.digest);
  assert.ok(first.blobs.sent > 3);
  assert.deepEqual(second.blobs, { sent: 0, mounted: 0, there: first.blobs.sent + first.blobs.there });
});

test('an app is served by its reference, and says which it is; its data are in memory', { skip }, async () => {
  works(['registry', 'push', '-f', app, `${server.host}/acme/served:1`]);
  const cache = mkdtempSync(join(root, 'cache-'));
  const args = [`${server.host}/acme/served:1`, '--variable', 'token=x', '--cache-dir', cache];
  const served = await up(args);
  try {
    assert.equal((await fetch(`${served.url}/`)).status, 200);
    assert.equal((await fetch(`${served.url}/second`)).status, 200);
    const info = (await (await fetch(`${served.url}/.well-known/spin/info`)).json()) as Record<string, string>;
    assert.equal(info.oci_image_digest, sha256((await manifestOf('acme/served:1')).bytes));
    assert.equal(info.name, 'app');
  } finally {
    assert.equal(await served.stop(), 0);
  }
  assert.ok(!readdirSync(cache, { recursive: true }).some((name) => String(name).includes('.spin')));
  const workers = await up([...args, '--workers', '2']);
  assert.equal((await fetch(`${workers.url}/`)).status, 200);
  assert.equal(await workers.stop(), 0);
});

test('many files go as archives, and come out of them', { skip }, async () => {
  works(['registry', 'push', '-f', app, `${server.host}/acme/archives:1`], { SPIN_OCI_ARCHIVE_LAYERS: '1' });
  const { value } = await manifestOf('acme/archives:1');
  const types = value.layers.map((layer: { mediaType: string }) => layer.mediaType);
  assert.equal(types.filter((type: string) => type.endsWith('bundle.v1.tar+gzip')).length, 1);
  assert.ok(!types.some((type: string) => type.endsWith('+data')));
  const cache = mkdtempSync(join(root, 'cache-'));
  const pulled = JSON.parse(
    works(['registry', 'pull', `${server.host}/acme/archives:1`, '--json', '--cache-dir', cache]),
  );
  assert.equal(readFileSync(join(pulled.path, '../files/0/page.html'), 'utf8'), page);
});

test('a component is published, served alone, and taken by a manifest as a package', { skip }, async () => {
  const file = await guestPath('hello-c');
  works(['registry', 'publish', file, `${server.host}/acme/hello:1.0.0`]);
  const { value } = await manifestOf('acme/hello:1.0.0');
  assert.equal(value.config.mediaType, 'application/vnd.wasm.config.v0+json');
  assert.deepEqual(
    value.layers.map(({ mediaType, digest }: Descriptor) => [mediaType, digest]),
    [['application/wasm', sha256(readFileSync(file))]],
  );
  const config = JSON.parse((await blob('acme/hello', value.config)).toString());
  assert.equal(config.os, 'wasip2');
  assert.deepEqual(config.layerDigests, [value.layers[0]!.digest]);
  assert.ok(config.component.exports.some((name: string) => name.startsWith('wasi:http/incoming-handler@')));
  const alone = await up([`${server.host}/acme/hello:1.0.0`]);
  assert.equal((await fetch(alone.url)).status, 200);
  assert.equal(await alone.stop(), 0);
  const manifest = join(root, 'package.toml');
  writeFileSync(
    manifest,
    `spin_manifest_version = 2
application.name = "packaged"
[[trigger.http]]
route = "/..."
component = { source = { registry = "${server.host}", package = "acme:hello", version = "1.0.0" } }
`,
  );
  const packaged = await up([manifest]);
  assert.equal((await fetch(packaged.url)).status, 200);
  assert.equal(await packaged.stop(), 0);
});

const skopeo = spawnSync('skopeo', ['--version']).error ? 'skopeo is not installed (apt-get install skopeo)' : false;

test('skopeo copies what was pushed, and finds it sound', { skip: skip || skopeo }, () => {
  works(['registry', 'push', '-f', app, `${server.host}/acme/copied:1`]);
  const layout = join(root, 'layout');
  const { status, stderr } = spawnSync(
    'skopeo',
    ['copy', '--src-tls-verify=false', `docker://${server.host}/acme/copied:1`, `oci:${layout}:1`],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  assert.equal(JSON.parse(readFileSync(join(layout, 'oci-layout'), 'utf8')).imageLayoutVersion, '1.0.0');
});

test('a registry that wants a login gets the one that was kept, and no other', { skip }, async (t) => {
  const guarded = await startRegistry({ login: true });
  t.after(() => guarded.close());
  const home = mkdtempSync(join(root, 'home-'));
  const env = { HOME: home };
  const push = ['registry', 'push', '-f', app, `${guarded.host}/acme/app:1`];
  const denied = run(push, env);
  assert.equal(denied.code, 1);
  assert.match(denied.stderr, /registry-denied.*wants a login/s);
  assert.match(denied.stderr, new RegExp(`mayfly registry login ${guarded.host}`));
  const { user, password } = registryUser;
  const wrong = run(['registry', 'login', guarded.host, '-u', user, '-p', 'wrong'], env);
  assert.match(wrong.stderr, /registry-denied.*refuses the login/s);
  assert.match(run(['registry', 'login', guarded.host], env).stderr, /There is no user/);
  assert.match(run(['registry', 'login', guarded.host, '-u', user], env).stderr, /There is no password/);
  works(['registry', 'login', guarded.host, '-u', user, '-p', password], env);
  const kept = JSON.parse(readFileSync(join(home, '.config/fermyon/registry-auth.json'), 'utf8'));
  assert.deepEqual(kept, { auths: { [guarded.host]: Buffer.from(`${user}:${password}`).toString('base64') } });
  assert.match(works(push, env), /^Pushed with digest sha256:/);
});

test('what must be signed is served when it is, and not when it is not', { skip }, async () => {
  const reference = `${server.host}/acme/signed:1`;
  works(['registry', 'push', '-f', app, reference]);
  const pems = ['mine', 'other'].map((name) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(join(root, `${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(root, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
    return join(root, name);
  });
  const [mine = '', other = ''] = pems;
  const args = [reference, '--variable', 'token=x', '--require-signature'];
  assert.match(run(['up', ...args, `${mine}.pub`]).stderr, /signature-missing.*it has none/s);
  assert.match(works(['registry', 'sign', reference, '--key', `${mine}.key`]), /^Signed sha256:/);
  assert.match(works(['registry', 'verify', reference, '--key', `${mine}.pub`]), /^Verified sha256:/);
  assert.match(run(['registry', 'verify', reference, '--key', `${other}.pub`]).stderr, /of 1 none holds/);
  assert.match(run(['up', ...args, `${other}.pub`]).stderr, /signature-missing/);
  const served = await up([...args, `${mine}.pub`]);
  assert.equal((await fetch(served.url)).status, 200);
  assert.equal(await served.stop(), 0);
  assert.match(run(['up', app, '--require-signature', `${mine}.pub`]).stderr, /is for an app in a registry/);
});

test('what cannot be pushed or pulled says why', { skip }, () => {
  const program = join(root, 'program.ts');
  writeFileSync(program, "export default () => new Response('x');");
  const says = (args: readonly string[], message: RegExp): void => {
    const { code, stderr } = run(args);
    assert.notEqual(code, 0);
    assert.match(stderr, message);
  };
  const target = `${server.host}/acme/x:1`;
  says(['registry', 'push', '-f', program, target], /is a program, and Spin runs components only/);
  const unbuilt = join(root, 'unbuilt.toml');
  writeFileSync(
    unbuilt,
    `spin_manifest_version = 2
application.name = "unbuilt"
[[trigger.http]]
route = "/..."
component = "a"
[component.a]
source = "build/app.wasm"
[component.a.tool.mayfly]
script = "program.ts"
`,
  );
  says(['registry', 'push', '-f', unbuilt, target], /build\/app\.wasm" cannot be read.*mayfly build/s);
  says(['registry', 'push', '-f', app, 'acme/x'], /does not begin with the host of a registry/);
  says(
    ['registry', 'push', '-f', app, `${server.host}/x@sha256:${'a'.repeat(64)}`],
    /names something that is there already/,
  );
  says(['registry', 'pull', `${server.host}/acme/none:1`], /status 404/);
  says(['up', `${server.host}/acme/none:1`], /status 404/);
  says(['registry', 'pull', '127.0.0.1:1/acme/none:1'], /Cannot fetch http:\/\/127\.0\.0\.1:1/);
  says(['registry', 'publish', program, target], /neither a component nor a core module/);
});
