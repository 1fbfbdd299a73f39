// Files of an app from a URL and from a registry: fetched once, checked against their digest, kept in the cache; what
// cannot be fetched says why.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { type LockOptions, lockApp } from '../../app/lock.ts';
import { MayflyError } from '../../errors.ts';
import { type DownloadLimits, defaultDownloadLimits } from '../../registry/download.ts';
import { configuredRegistry } from '../../registry/package-registries.ts';
import { testLog } from '../../telemetry/log.test-kit.ts';
import { type FetchedApp, fetchSources } from './fetch-sources.ts';

const TIMEOUT = { timeout: 20_000 };
const file = Buffer.from('\0asm, or so it says');
const sha256 = createHash('sha256').update(file).digest('hex');
const other = 'f'.repeat(64);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const paths = new Map<string, Answer>();
const asked: string[] = [];
const server = createServer((request, response) => {
  const path = request.url ?? '';
  asked.push(path);
  const answer = paths.get(path.replace(/\?.*/, ''));
  if (answer) answer(request, response);
  else response.writeHead(404).end();
});
let base = '';
let host = '';
let folder = '';

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  base = `http://${host}`;
  folder = await mkdtemp(join(tmpdir(), 'mayfly-fetch-'));
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const gives =
  (body: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(200, headers).end(body);
const leadsTo =
  (location: string): Answer =>
  (_, response) =>
    response.writeHead(302, { location }).end('elsewhere');

let count = 0;

interface Fetching {
  readonly source?: string;
  readonly more?: string;
  readonly cache?: string | undefined;
  readonly limits?: Partial<DownloadLimits>;
  readonly lock?: LockOptions;
}

async function fetching({ source = '', more = '', cache, limits, lock }: Fetching): Promise<FetchedApp> {
  const path = join(folder, `${++count}.toml`);
  await writeFile(
    path,
    `spin_manifest_version = 2
application.name = "fetched"
[[trigger.http]]
route = "/"
component = "a"
[component.a]
source = ${source}
${more}
`,
  );
  const app = await lockApp(path, lock);
  const fetched = await fetchSources(app, {
    cacheDirectory: cache,
    log: testLog().log,
    limits: { ...defaultDownloadLimits, ...limits },
  });
  after(() => fetched.close());
  return fetched;
}

const url = (path: string, digest = sha256): string => `{ url = "${base}${path}", digest = "sha256:${digest}" }`;

function fails(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof MayflyError, String(error));
    assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
    assert.equal(error.location?.line, 7);
    return true;
  };
}

test(
  'a file is fetched once and then found by its digest, over redirects, whatever app names it',
  TIMEOUT,
  async () => {
    paths.set('/file', gives(file));
    paths.set('/moved', leadsTo('/again'));
    paths.set('/again', leadsTo(`${base}/file`));
    const cache = join(folder, 'cache');
    asked.length = 0;
    const first = await fetching({ source: url('/moved'), cache });
    const { source = '' } = first.app.components[0] ?? {};
    assert.deepEqual(await readFile(source), file);
    assert.deepEqual(asked, ['/moved', '/again', '/file']);
    const second = await fetching({ source: url('/file', sha256.toUpperCase()), cache });
    assert.equal(second.app.components[0]?.source, source);
    assert.equal(asked.length, 3);
    assert.deepEqual(await readdir(join(cache, 'sources')), [`${sha256}.wasm`]);
  },
);

test('a file in the cache that is damaged is fetched again', TIMEOUT, async () => {
  paths.set('/file', gives(file));
  const cache = join(folder, 'damaged');
  await mkdir(join(cache, 'sources'), { recursive: true });
  await writeFile(join(cache, 'sources', `${sha256}.wasm`), 'something else');
  const { app } = await fetching({ source: url('/file'), cache });
  assert.deepEqual(await readFile(app.components[0]?.source ?? ''), file);
});

test('without a cache the files are there until they are not needed any more', TIMEOUT, async () => {
  paths.set('/file', gives(file));
  const fetched = await fetching({ source: url('/file') });
  const { source = '' } = fetched.app.components[0] ?? {};
  assert.deepEqual(await readFile(source), file);
  await fetched.close();
  await assert.rejects(readFile(source), { code: 'ENOENT' });
});

test('a cache that cannot be written keeps no app from starting', TIMEOUT, async () => {
  paths.set('/file', gives(file));
  const fetched = await fetching({ source: url('/file'), cache: '/dev/null/cache' });
  assert.deepEqual(await readFile(fetched.app.components[0]?.source ?? ''), file);
});

test('a file with another digest is refused, and not kept', TIMEOUT, async () => {
  paths.set('/file', gives(file));
  const cache = join(folder, 'wrong');
  await assert.rejects(
    fetching({ source: url('/file', other), cache }),
    fails('source-digest', new RegExp(`gives has the digest sha256:${sha256}`)),
  );
  assert.deepEqual(await readdir(join(cache, 'sources')), []);
});

test('what cannot be fetched says why', TIMEOUT, async () => {
  paths.set('/loop', leadsTo('/loop'));
  paths.set('/odd', leadsTo('file:///etc/passwd'));
  paths.set('/large', gives(Buffer.alloc(2000)));
  paths.set('/silent', () => undefined);
  paths.set('/stuck', (_, response) => response.writeHead(200).write('some'));
  paths.set('/cut', (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('some');
    setTimeout(() => response.destroy(), 20);
  });
  paths.set('/slow', (_, response) => {
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  });
  const limits = { bytes: 1000, silenceMs: 200, totalMs: 1500 };
  const cases: readonly (readonly [string, RegExp])[] = [
    ['/none', /answers with the status 404$/],
    ['/loop', /leads over more than 10 redirects$/],
    ['/odd', /leads to "file:\/\/\/etc\/passwd", which cannot be fetched$/],
    ['/large', /has more than 1000 bytes$/],
    ['/silent', /the server said nothing for 0.2 s$/],
    ['/stuck', /the server said nothing for 0.2 s$/],
    ['/cut', /Cannot fetch http:\/\/127/],
    ['/slow', /took longer than 1.5 s$/],
  ];
  for (const [path, message] of cases) {
    await assert.rejects(fetching({ source: url(path), limits }), fails('source-unavailable', message), path);
  }
  const nobody = `{ url = "http://127.0.0.1:1/x.wasm", digest = "sha256:${sha256}" }`;
  await assert.rejects(fetching({ source: nobody }), fails('source-unavailable', /ECONNREFUSED|bad port/));
});

test('all mistakes come at once', TIMEOUT, async () => {
  const more = `[component.b]\nsource = ${url('/none-b')}\n`;
  await assert.rejects(fetching({ source: url('/none-a'), more }), (error: MayflyError) => {
    assert.equal(error.code, 'app-invalid');
    assert.deepEqual(
      error.problems.map(({ location }) => location?.line),
      [7, 9],
    );
    return true;
  });
});

test('dependencies and middleware are fetched, too', TIMEOUT, async () => {
  paths.set('/file', gives(file));
  const more = `dependencies = { "x:y" = ${url('/file')} }`;
  const { app } = await fetching({ source: url('/file'), more });
  const [component] = app.components;
  assert.equal(component?.dependencies?.[0]?.source, component?.source);
});

const image = (layers: readonly object[]): string => JSON.stringify({ schemaVersion: 2, layers });
const layer = { mediaType: 'application/wasm', digest: `sha256:${sha256}`, size: file.length };

function serveRegistry(prefix: string, version: string, manifest = image([layer])): void {
  paths.set(`/v2/${prefix}my/tool/manifests/${version}`, gives(manifest));
  paths.set(`/v2/${prefix}my/tool/blobs/sha256:${sha256}`, gives(file));
}

const packaged = (version = '1.2.3'): string => `{ registry = "${host}", package = "my:tool", version = "${version}" }`;

test('a package of a registry without metadata', TIMEOUT, async () => {
  paths.clear();
  serveRegistry('', '1.2.3');
  const { app } = await fetching({ source: packaged() });
  assert.deepEqual(await readFile(app.components[0]?.source ?? ''), file);
});

test('a registry that says where it is, and wants a token that everybody gets', TIMEOUT, async () => {
  paths.clear();
  const metadata = { preferredProtocol: 'oci', oci: { registry: host, namespacePrefix: 'web/' } };
  paths.set('/.well-known/wasm-pkg/registry.json', gives(JSON.stringify(metadata)));
  serveRegistry('web/', '1.2.3');
  const guarded = ['/v2/web/my/tool/manifests/1.2.3', `/v2/web/my/tool/blobs/sha256:${sha256}`];
  for (const path of guarded) {
    const inside = paths.get(path) as Answer;
    paths.set(path, (request, response) => {
      if (request.headers.authorization === 'Bearer abc') inside(request, response);
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="${base}/token",service="s",scope="p"` }).end();
    });
  }
  paths.set('/token', (request, response) => {
    assert.equal(request.url, '/token?service=s&scope=p');
    response.end('{"token":"abc"}');
  });
  const { app } = await fetching({ source: packaged() });
  assert.deepEqual(await readFile(app.components[0]?.source ?? ''), file);
});

test('a token is not shown to another server that a registry leads to', TIMEOUT, async (t) => {
  paths.clear();
  serveRegistry('', '1.2.3');
  const seen: (string | undefined)[] = [];
  const other = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end(file);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close().closeAllConnections());
  const { port } = other.address() as AddressInfo;
  const manifest = '/v2/my/tool/manifests/1.2.3';
  const inside = paths.get(manifest) as Answer;
  paths.set(manifest, (request, response) => {
    if (request.headers.authorization) inside(request, response);
    else response.writeHead(401, { 'www-authenticate': `Bearer realm="${base}/token"` }).end();
  });
  paths.set('/token', gives('{"access_token":"abc"}'));
  paths.set(`/v2/my/tool/blobs/sha256:${sha256}`, (request, response) => {
    assert.equal(request.headers.authorization, 'Bearer abc');
    response.writeHead(307, { location: `http://127.0.0.1:${port}/blob` }).end();
  });
  const { app } = await fetching({ source: packaged() });
  assert.deepEqual(await readFile(app.components[0]?.source ?? ''), file);
  assert.deepEqual(seen, [undefined]);
});

test('a dependency takes the newest version that fits', TIMEOUT, async () => {
  paths.clear();
  paths.set('/file', gives(file));
  serveRegistry('', '1.9.0');
  paths.set('/v2/my/tool/tags/list', gives('{"tags":["1.2.3","1.9.0","2.0.0","latest"]}'));
  const more = `dependencies = { "my:tool/it" = { version = "^1.2", registry = "${host}" } }`;
  const { app } = await fetching({ source: url('/file'), more });
  assert.deepEqual(await readFile(app.components[0]?.dependencies?.[0]?.source ?? ''), file);
});

test('registries that do not have the package say why', TIMEOUT, async () => {
  const refuses = async (message: RegExp, source = packaged()): Promise<void> =>
    assert.rejects(fetching({ source }), fails('source-unavailable', message));
  paths.clear();
  await refuses(/manifests\/1\.2\.3: the registry answers with the status 404$/);
  serveRegistry('', '1.2.3', image([{ ...layer, mediaType: 'text/plain' }]));
  await refuses(/its manifest has no layer of WebAssembly$/);
  serveRegistry('', '1.2.3', 'not json');
  await refuses(/what it gives is no JSON$/);
  paths.set('/v2/my/tool/manifests/1.2.3', (_, response) =>
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
  );
  await assert.rejects(
    fetching({ source: packaged() }),
    fails('registry-denied', /wants a login, and there is none for it$/),
  );
  paths.set('/.well-known/wasm-pkg/registry.json', gives('{"preferredProtocol":"warg","warg":{}}'));
  await refuses(/speaks the protocol "warg", and Mayfly fetches over "oci" only$/);
});

test('a registry whose answers have other types than they should is told as one', TIMEOUT, async () => {
  const refuses = async (message: RegExp): Promise<void> =>
    assert.rejects(fetching({ source: packaged() }), fails('source-unavailable', message));
  const odd = { toString: 1 } as unknown as string;
  paths.clear();
  paths.set('/.well-known/wasm-pkg/registry.json', gives(JSON.stringify({ preferredProtocol: odd })));
  await refuses(/speaks the protocol "unknown", and/);
  paths.clear();
  for (const wrong of [
    { ...layer, mediaType: odd },
    { ...layer, digest: odd },
  ]) {
    serveRegistry('', '1.2.3', image([wrong]));
    await refuses(/its manifest has no layer of WebAssembly$/);
  }
});

test('a user and a password in a URL, or where it leads, are in no error', TIMEOUT, async () => {
  paths.set('/to-user', leadsTo(base.replace('//', '//me:hush@')));
  paths.set('/to-file', leadsTo('ftp://me:hush@example.com/'));
  const given = `{ url = "${base.replace('//', '//me:hush@')}/a", digest = "sha256:${sha256}" }`;
  for (const source of [given, url('/to-user'), url('/to-file')]) {
    await assert.rejects(fetching({ source }), (error: unknown) => {
      assert.doesNotMatch(inspect(error), /hush/);
      return fails('source-unavailable', /a URL with a user is not fetched$|which cannot be fetched$/)(error);
    });
  }
});

test('a package whose registry nobody names is looked up in the configuration of the machine', TIMEOUT, async (t) => {
  paths.clear();
  serveRegistry('', '1.2.3');
  const config = join(folder, 'config');
  const { XDG_CONFIG_HOME: before_ } = process.env;
  process.env.XDG_CONFIG_HOME = config;
  t.after(() => {
    if (before_ === undefined) delete process.env.XDG_CONFIG_HOME;
    else process.env.XDG_CONFIG_HOME = before_;
  });
  const source = '{ package = "my:tool", version = "1.2.3" }';
  await assert.rejects(fetching({ source }), fails('source-unavailable', /^Nothing says in which registry/));
  await mkdir(join(config, 'wasm-pkg'), { recursive: true });
  const write = (text: string): Promise<void> => writeFile(join(config, 'wasm-pkg', 'config.toml'), text);
  for (const text of [
    `default_registry = "${host}"`,
    `default_registry = "none.invalid"\n[namespace_registries]\nmy = "${host}"`,
    `[namespace_registries]\nmy = "none.invalid"\n[package_registry_overrides]\n"my:tool" = { registry = "${host}" }`,
  ]) {
    await write(text);
    const { app } = await fetching({ source });
    assert.deepEqual(await readFile(app.components[0]?.source ?? ''), file);
  }
  await write('');
  assert.deepEqual(
    ['ba:tool', 'wasi:http', 'my:tool', 'toString:x'].map((name) => configuredRegistry(name)),
    ['bytecodealliance.org', 'wasi.dev', undefined, undefined],
  );
  await write('default_registry = ');
  await assert.rejects(fetching({ source }), fails('source-unavailable', /is not valid TOML/));
});
