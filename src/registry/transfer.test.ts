// Blobs and manifests to a registry and back: in pieces and whole, mounted, begun again where it broke off; and nothing is
// kept that has another digest than it should.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type MemoryRegistry, sha256, startMemoryRegistry } from '../../test/support/servers/memory-registry.ts';
import { BlobCache } from './blob-cache.ts';
import { defaultDownloadLimits } from './download.ts';
import { blobOf, type PushedBlob } from './oci.ts';
import { type RegistryOptions, Repository } from './repository.ts';
import { pushBlob, pushManifest, pushReferrer } from './upload.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-transfer-'));
after(() => rmSync(folder, { recursive: true }));

const large = new Uint8Array(randomBytes(10 * 2 ** 20));
const blob = blobOf(large, 'application/octet-stream');
const nobody: RegistryOptions = { findCredentials: async () => undefined };

async function registry(options = {}): Promise<MemoryRegistry> {
  const started = await startMemoryRegistry(options);
  after(started.close);
  return started;
}

const methods = ({ asked }: MemoryRegistry): string[] => asked.map((one) => one.split(' ')[0] ?? '');

test('a large blob goes in pieces, from memory and from a file; what is there is not sent', async () => {
  const server = await registry();
  const file = join(folder, 'large');
  writeFileSync(file, large);
  const repository = new Repository(server.host, 'a/b', nobody);
  const progress: number[] = [];
  const fromFile: PushedBlob = { digest: blob.digest, size: blob.size, content: { file } };
  assert.equal(await pushBlob(repository, fromFile, { onProgress: (bytes) => progress.push(bytes) }), 'sent');
  assert.deepEqual(methods(server), ['HEAD', 'POST', 'PATCH', 'PATCH', 'PATCH', 'PUT']);
  assert.deepEqual(progress, [4 * 2 ** 20, 8 * 2 ** 20, 10 * 2 ** 20, 10 * 2 ** 20]);
  assert.ok(server.blobs.get(blob.digest)?.equals(large));
  assert.equal(await pushBlob(repository, blob), 'there');
  server.blobs.clear();
  assert.equal(await pushBlob(repository, blob), 'sent');
  assert.ok(server.blobs.get(blob.digest)?.equals(large));
});

test('where pieces are refused it goes as a whole; what another repository has is mounted', async () => {
  const server = await registry({ pieces: false });
  assert.equal(await pushBlob(new Repository(server.host, 'a', nobody), blob), 'sent');
  assert.deepEqual(methods(server), ['HEAD', 'POST', 'PATCH', 'POST', 'PUT']);
  server.asked.length = 0;
  let isFirst = true;
  server.fault = (request, response) => {
    const isThere = request.method === 'HEAD' && isFirst;
    if (isThere) response.writeHead(404).end();
    isFirst = false;
    return isThere;
  };
  assert.equal(await pushBlob(new Repository(server.host, 'b', nobody), blob, { mountFrom: ['a'] }), 'mounted');
  assert.deepEqual(server.asked.at(-1), `POST /v2/b/blobs/uploads/?mount=${encodeURIComponent(blob.digest)}&from=a`);
});

test('what fails for a moment is tried again, what is refused is not', async () => {
  const server = await registry();
  const repository = new Repository(server.host, 'a', nobody);
  const answers = [503, 429, 0];
  server.fault = (_, response) => {
    const status = answers.shift();
    if (status === 0) response.destroy();
    else if (status) response.writeHead(status, { 'retry-after': '0' }).end();
    return status !== undefined;
  };
  assert.equal(await pushBlob(repository, blobOf(new Uint8Array([1]), 'x')), 'sent');
  const late = [503];
  server.fault = (_, response) => {
    const status = late.shift();
    if (status) response.writeHead(status, { 'retry-after': '1' }).end();
    return status !== undefined;
  };
  const started = performance.now();
  await pushBlob(repository, blobOf(new Uint8Array([2]), 'x'));
  assert.ok(performance.now() - started > 990, 'the registry says when to come again');
  server.fault = (_, response) => {
    response.writeHead(403).end('{"errors":[{"code":"DENIED","message":"no"}]}');
    return true;
  };
  server.asked.length = 0;
  await assert.rejects(repository.manifest('x'), { code: 'registry-denied', message: /wants a login/ });
  assert.equal(server.asked.length, 1);
  server.fault = (_, response) => {
    response.writeHead(400).end('{"errors":[{"code":"NAME_INVALID","message":"bad \\u001b[31m name"}]}');
    return true;
  };
  await assert.rejects(repository.manifest('x'), { message: /answers with the status 400: bad +\[31m name$/ });
});

test('a document of just as many bytes as one may have is read, one byte more is refused unread', async () => {
  const server = await registry();
  const repository = new Repository(server.host, 'a', nobody);
  const [most, more] = [4 * 2 ** 20, 4 * 2 ** 20 + 1].map((size) => blobOf(new Uint8Array(size), 'x'));
  assert.ok(most && more);
  for (const one of [most, more]) await pushBlob(repository, one);
  assert.equal((await repository.blobBytes(most)).length, most.size);
  server.asked.length = 0;
  await assert.rejects(repository.blobBytes(more), {
    code: 'registry-artifact',
    message: /are the most of such a document/,
  });
  assert.deepEqual(server.asked, []);
});

test('a download that breaks off goes on where it was, in this process and in the next', async () => {
  const server = await registry();
  server.blobs.set(blob.digest, Buffer.from(large));
  const ranges: (string | undefined)[] = [];
  let breaks = 2;
  server.fault = (request, response) => {
    ranges.push(request.headers.range);
    if (breaks-- <= 0) return false;
    const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
    response.writeHead(from > 0 ? 206 : 200).write(Buffer.from(large.subarray(from, from + 2_000_000)), () => {
      setTimeout(() => response.destroy(), 50);
    });
    return true;
  };
  const cache = new BlobCache(join(folder, 'cache'));
  const repository = new Repository(server.host, 'a', nobody);
  const path = await cache.get(repository, blob);
  assert.ok(readFileSync(path).equals(large));
  assert.equal(ranges[0], undefined);
  assert.ok(
    ranges.slice(1).every((range) => /^bytes=\d+-$/.test(range ?? '')),
    String(ranges),
  );

  const other = new BlobCache(join(folder, 'other'));
  breaks = 4;
  await assert.rejects(other.get(repository, blob), { code: 'source-unavailable' });
  assert.deepEqual(readdirSync(join(folder, 'other')), [`${blob.digest.replace('sha256:', '')}.part`]);
  ranges.length = 0;
  breaks = 0;
  assert.ok(readFileSync(await other.get(repository, blob)).equals(large));
  assert.match(ranges[0] ?? '', /^bytes=\d+-$/);
});

test('bytes of another digest, more of them, or fewer are not kept', async () => {
  const server = await registry();
  const repository = new Repository(server.host, 'a', nobody);
  const small = blobOf(new Uint8Array(Buffer.from('abc')), 'x');
  const cache = new BlobCache(join(folder, 'wrong'));
  const gives = (text: string) => server.blobs.set(small.digest, Buffer.from(text));
  gives('xyz');
  await assert.rejects(cache.get(repository, small), { code: 'source-digest' });
  gives('abcdef');
  await assert.rejects(cache.get(repository, small), { message: /more than the 3 bytes/ });
  gives('abc');
  await assert.rejects(cache.get(repository, { ...small, size: 4 }), { message: /ends before its 4 bytes/ });
  const limits = { ...defaultDownloadLimits, bytes: 2 };
  await assert.rejects(cache.get(new Repository(server.host, 'a', { ...nobody, limits }), small), /more than 2 bytes/);
  assert.equal(readFileSync(await cache.get(repository, small), 'utf8'), 'abc');
  server.manifests.set('a:x', { type: 'application/json', bytes: Buffer.from('{}') });
  server.fault = (_, response) => {
    response.writeHead(200, { 'docker-content-digest': sha256(Buffer.from('other')) }).end('{}');
    return true;
  };
  await assert.rejects(repository.manifest('x'), { code: 'source-digest' });
});

test('the cache keeps what was used last, and takes nothing that was used just now', async () => {
  const server = await registry();
  const repository = new Repository(server.host, 'a', nobody);
  const blobs = ['1', '2', '3'].map((text) => blobOf(new Uint8Array(Buffer.alloc(1000, text)), 'x'));
  for (const one of blobs) server.blobs.set(one.digest, Buffer.from(one.content as Uint8Array));
  const cache = new BlobCache(join(folder, 'bounded'), 2500);
  const paths: string[] = [];
  for (const one of blobs.slice(0, 2)) paths.push(await cache.get(repository, one));
  const before = Date.now() / 1000 - 3600;
  utimesSync(paths[0] ?? '', before, before);
  utimesSync(paths[1] ?? '', before + 1, before + 1);
  await cache.get(repository, blobs[2]!);
  const names = (): string[] => readdirSync(join(folder, 'bounded')).sort();
  const nameOf = (index: number): string => blobs[index]!.digest.replace('sha256:', '');
  assert.deepEqual(names(), [nameOf(1), nameOf(2)].sort());
  await cache.get(repository, blobs[1]!);
  await cache.get(repository, blobs[0]!);
  assert.equal(names().length, 3);
});

for (const referrers of [true, false]) {
  test(`what refers to a manifest is found ${referrers ? 'over the API' : 'by the tag that stands for it'}`, async () => {
    const server = await registry({ referrers });
    const repository = new Repository(server.host, 'a', nobody);
    const bytes = (value: object) => new Uint8Array(Buffer.from(JSON.stringify(value)));
    const subject = await pushManifest(repository, bytes({ schemaVersion: 2 }), 'application/x', 'v1');
    assert.deepEqual(await repository.referrers(subject.digest), []);
    for (const name of ['one', 'two']) {
      const referrer = bytes({ schemaVersion: 2, artifactType: name, subject });
      await pushReferrer(repository, referrer, subject.digest, { artifactType: name });
      await pushReferrer(repository, referrer, subject.digest, { artifactType: name });
    }
    const found = await repository.referrers(subject.digest);
    assert.deepEqual(
      found.map(({ artifactType }) => artifactType),
      ['one', 'two'],
    );
  });
}
