// Images without Docker: built twice they are the same to the byte; umoci unpacks them, and crun runs them as a user who is
// not root, with a root that nobody can write; what was prepared is used there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { guestPath } from '../guests/build.ts';
import { containersMissing, startContainer } from '../support/container.ts';
import { registryMissing, startRegistry } from '../support/servers/docker-registry.ts';
import { freePort } from '../support/servers/free-port.ts';
import { sha256 } from '../support/servers/memory-registry.ts';
import { until } from '../support/servers/until.ts';
import { up } from '../support/up.ts';
import { mayfly, type Outcome } from './cli-process.ts';

const noApt = spawnSync('apt-get', ['--version']).error ? 'apt-get, of which the base comes, is not there' : false;
const root = mkdtempSync(join(tmpdir(), 'mayfly-image-test-'));
after(() => rmSync(root, { recursive: true }));

const app = join(root, 'app');
const layout = join(root, 'layout');

before(async () => {
  for (const each of ['www', 'src']) mkdirSync(join(app, each), { recursive: true });
  writeFileSync(
    join(app, 'src/index.ts'),
    `export default (request: Request): Response => {
  if (request.url.endsWith('/fail')) throw new Error('in line 2');
  return new Response('a program');
};
`,
  );
  writeFileSync(join(app, 'www/page.txt'), 'a page');
  writeFileSync(
    join(app, 'spin.toml'),
    `spin_manifest_version = 2
[application]
name = "imaged"
version = "1.2.3"
[variables]
token = { required = true }
[[trigger.http]]
route = "/..."
component = "hello"
[[trigger.http]]
route = "/program/..."
component = "program"
[component.program]
source = "src/index.ts"
[component.hello]
source = "${await guestPath('hello-c')}"
files = ["www/*"]
variables = { token = "{{ token }}" }
allowed_outbound_hosts = ["{{ token }}"]
`,
  );
});

function build(args: readonly string[], env: Record<string, string> = {}): Outcome {
  return mayfly(['image', 'build', '-f', app, ...args], root, { SOURCE_DATE_EPOCH: '1700000000', ...env }, 110_000);
}

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string; readonly size: number; readonly mediaType: string }[];
}

function blob(folder: string, digest: string): Buffer {
  const bytes = readFileSync(join(folder, 'blobs', ...digest.split(':')));
  assert.equal(sha256(bytes), digest);
  return bytes;
}

function manifestIn(folder: string): { readonly digest: string; readonly manifest: Manifest } {
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
  const [{ digest }] = index.manifests;
  return { digest, manifest: JSON.parse(blob(folder, digest).toString()) };
}

test('a layout with all that an image says of itself, the same when it is built again', { skip: noApt }, () => {
  const first = build(['-o', layout, '--json']);
  assert.equal(first.code, 0, first.stderr);
  const { digest, manifest } = manifestIn(layout);
  assert.equal(JSON.parse(first.stdout).digest, digest);
  const config = JSON.parse(blob(layout, manifest.config.digest).toString());
  const { User, Entrypoint, Cmd, StopSignal, Labels, ExposedPorts } = config.config;
  assert.deepEqual(
    [User, StopSignal, Object.keys(ExposedPorts), Labels['org.opencontainers.image.version']],
    ['65532:65532', 'SIGTERM', ['8080/tcp'], '1.2.3'],
  );
  assert.deepEqual(Entrypoint, ['/usr/local/bin/node', '/opt/mayfly/bin/mayfly.mjs']);
  assert.deepEqual(Cmd.slice(0, 3), ['up', '-f', '/spin.toml']);
  assert.equal(config.rootfs.diff_ids.length, manifest.layers.length);
  assert.equal(config.created, '2023-11-14T22:13:20.000Z');
  for (const layer of manifest.layers) assert.equal(blob(layout, layer.digest).length, layer.size);
  const again = build(['-o', join(root, 'again.tar')]);
  assert.equal(again.stdout.trim(), digest);
  const names = spawnSync('tar', ['-tf', join(root, 'again.tar')], { encoding: 'utf8' }).stdout.split('\n');
  assert.ok(names.includes('oci-layout') && names.includes(`blobs/${digest.replace(':', '/')}`), String(names));
});

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

test('it runs as a container that may write nothing, and uses what was prepared', {
  skip: noApt || containersMissing(),
}, async () => {
  const [port, admin] = [await freePort(), await freePort()];
  const environment = { SPIN_HTTP_LISTEN_ADDR: `127.0.0.1:${port}`, SPIN_VARIABLE_TOKEN: 'https://example.com' };
  const args = ['up', '-f', '/spin.toml', '--state-dir', '/state', '--log-dir', '', '--verbose'];
  args.push('--admin', `127.0.0.1:${admin}`);
  const container = startContainer(layout, 'imaged', root, { args, environment });
  await until(() => answers(`http://127.0.0.1:${port}/`), 'the container');
  const info = (await (await fetch(`http://127.0.0.1:${port}/.well-known/spin/info`)).json()) as object;
  assert.deepEqual(info, { name: 'imaged', version: '1.2.3' });
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/program/`)).text(), 'a program');
  assert.equal((await fetch(`http://127.0.0.1:${port}/program/fail`)).status, 500);
  for (const page of ['', 'dashboard.js', 'metrics']) {
    assert.equal((await fetch(`http://127.0.0.1:${admin}/${page}`)).status, 200, page);
  }
  assert.equal(await container.stop(), 0);
  const output = await container.output;
  assert.match(output, /program \| +at .*src\/index\.ts:2:/);
  assert.match(output, /Prepared component [0-9a-f]+ is used, with its image/);
  assert.doesNotMatch(output.replace(/^program \|.*$/gm, ''), /warn|error/i);
});

test("it takes the command line of SpinKube's operator for an app in a registry", {
  skip: noApt || containersMissing() || registryMissing(),
}, async (t) => {
  const server = await startRegistry();
  t.after(() => server.close());
  const image = `${server.host}/acme/app:1`;
  const components = join(root, 'components.toml');
  const manifest = readFileSync(join(app, 'spin.toml'), 'utf8');
  // What is pushed holds components only.
  const program = manifest.indexOf('[[trigger.http]]\nroute = "/program');
  writeFileSync(components, manifest.slice(0, program) + manifest.slice(manifest.indexOf('[component.hello]')));
  assert.equal(mayfly(['registry', 'push', '-f', components, image], root).code, 0);
  const port = await freePort();
  const args = ['up', '--listen', `0.0.0.0:${port}`, '-f', image, '--runtime-config-file', '/runtime-config.toml'];
  args.push('--component-id', 'hello');
  const environment = { SPIN_VARIABLE_TOKEN: 'https://example.com', SPIN_HTTP_LISTEN_ADDR: '0.0.0.0:80' };
  const files = { '/runtime-config.toml': "[[config_provider]]\ntype = 'env'\nprefix = 'SPIN_VARIABLE_'\n" };
  const container = startContainer(layout, 'imaged', root, { args, environment, files });
  await until(() => answers(`http://127.0.0.1:${port}/`), 'the container');
  assert.equal(await container.stop(), 0);
});

test('a rolling update of three containers under load loses no request', {
  skip: noApt || containersMissing(),
}, async (t) => {
  interface Pod {
    readonly port: number;
    readonly container: ReturnType<typeof startContainer>;
  }
  const startPod = async (): Promise<Pod> => {
    const port = await freePort();
    const environment = { SPIN_HTTP_LISTEN_ADDR: `127.0.0.1:${port}`, SPIN_VARIABLE_TOKEN: 'https://example.com' };
    const container = startContainer(layout, 'imaged', root, { environment });
    await until(() => answers(`http://127.0.0.1:${port}/.well-known/spin/health?ready`), 'a container');
    return { port, container };
  };
  const endpoints: Pod[] = [await startPod(), await startPod(), await startPod()];
  const agent = new Agent({ keepAlive: true });
  let next = 0;
  const proxy = createServer((incoming, outgoing) => {
    const { port } = endpoints[next++ % endpoints.length]!;
    const passed = request({ port, path: incoming.url, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy()).end();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    agent.destroy();
    proxy.close().closeAllConnections();
  });
  const { port } = proxy.address() as AddressInfo;
  const counts = { answered: 0, lost: 0 };
  let isOver = false;
  const load = async (): Promise<void> => {
    while (!isOver) {
      const status = await fetch(`http://127.0.0.1:${port}/`).then(
        async (response) => {
          await response.text();
          return response.status;
        },
        () => 0,
      );
      counts[status === 200 ? 'answered' : 'lost']++;
    }
  };
  const clients = Array.from({ length: 8 }, load);
  for (let pod = 0; pod < 3; pod++) {
    endpoints.push(await startPod());
    // As Kubernetes does: it leaves the endpoints, and is told to end a moment later.
    const [old] = endpoints.splice(0, 1);
    await delay(100);
    assert.equal(await old!.container.stop(), 0);
  }
  isOver = true;
  await Promise.all(clients);
  for (const { container } of endpoints) assert.equal(await container.stop(), 0);
  assert.equal(counts.lost, 0);
  assert.ok(counts.answered > 500, `${counts.answered} requests were answered`);
  t.diagnostic(`${counts.answered} requests were answered`);
});

test('on a base of others, for two machines, pushed, and served out of the image', {
  skip: noApt || registryMissing(),
}, async (t) => {
  const server = await startRegistry();
  t.after(() => server.close());
  const target = `${server.host}/acme/imaged:1`;
  const wrong = build(['--push', target, '--base', `oci:${layout}`, '--platform', 'linux/arm64']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /it is for linux\/amd64, not linux\/arm64|it is for linux\/arm64, not linux\/amd64/);
  const pushed = build(['--push', target, '--base', `oci:${layout}`]);
  assert.equal(pushed.code, 0, pushed.stderr);
  const response = await fetch(`http://${server.host}/v2/acme/imaged/manifests/1`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(sha256(bytes), pushed.stdout.trim());
  const { manifest } = manifestIn(layout);
  const above: Manifest = JSON.parse(bytes.toString());
  assert.deepEqual(above.layers.slice(0, manifest.layers.length), manifest.layers);
  const again = build(['--push', `${server.host}/acme/above:1`, '--base', target, '--json']);
  assert.equal(again.code, 0, again.stderr);
  // What the repository of the base has is mounted, and not sent again.
  const { blobs } = JSON.parse(again.stdout) as { blobs: Record<string, number> };
  const ofBase = new Set(above.layers.map(({ digest }) => digest));
  assert.equal(blobs.mounted, ofBase.size, JSON.stringify(blobs));
  const served = await up([target, '--variable', 'token=https://example.com']);
  assert.equal((await fetch(served.url)).status, 200);
  assert.equal(await served.stop(), 0);
});

test('what cannot be built says why, and leaves nothing', () => {
  const says = (args: readonly string[], message: RegExp): void => {
    const { code, stderr } = build(args);
    assert.notEqual(code, 0);
    assert.match(stderr, message);
  };
  says([], /Nothing says where the image goes/);
  says(['-o', 'x', '--platform', 'windows/amd64'], /There are no images for "windows\/amd64"/);
  says(['-o', 'x', '--base', 'oci:none'], /"none" is no OCI image layout/);
  says(['--push', 'acme/x'], /host of a registry/);
  const before_ = readdirSync(tmpdir()).filter((name) => /^mayfly-image-(?!test)/.test(name));
  says(['-o', '/dev/null/x', '--base', `oci:${join(root, 'nowhere')}`], /no OCI image layout/);
  assert.deepEqual(
    readdirSync(tmpdir()).filter((name) => /^mayfly-image-(?!test)/.test(name)),
    before_,
  );
});
