// A registry in memory, written from the distribution specification, which can be as odd as registries are: without
// uploads in pieces, without referrers, with answers that break off, late or wrong.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface MemoryRegistry {
  /** Host and port. */
  readonly host: string;
  /** Blobs by digest, all repositories together. */
  readonly blobs: Map<string, Buffer>;
  /** Manifests by `repository@digest` and `repository:tag`. */
  readonly manifests: Map<string, { readonly type: string; readonly bytes: Buffer }>;
  /** Method and path of each request so far. */
  readonly asked: string[];
  /** Answers in the place of the registry; a request for which it gives true is answered. */
  fault: (request: IncomingMessage, response: ServerResponse) => boolean;
  close(): void;
}

export const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** `pieces`: whether PATCH is taken; `referrers`: whether there is an API for them. */
export async function startMemoryRegistry({ pieces = true, referrers = true } = {}): Promise<MemoryRegistry> {
  const registry: Omit<MemoryRegistry, 'host'> = {
    blobs: new Map(),
    manifests: new Map(),
    asked: [],
    fault: () => false,
    close: () => void server.close().closeAllConnections(),
  };
  const { blobs, manifests } = registry;
  const uploads = new Map<string, Buffer>();
  let count = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    registry.asked.push(`${method} ${url}`);
    const body = method === 'GET' || method === 'HEAD' ? Buffer.of() : await buffer(request);
    if (registry.fault(request, response)) return;
    const { pathname, searchParams } = new URL(url, 'http://registry');
    const [, name = '', kind, rest = ''] = /^\/v2\/(.+?)\/(blobs|manifests|tags|referrers)\/(.*)$/.exec(pathname) ?? [];
    const end = (status: number, headers: Record<string, string> = {}, content?: Buffer | string): void => {
      response.writeHead(status, headers).end(method === 'HEAD' ? undefined : content);
    };
    if (pathname === '/v2/') return end(200);
    if (kind === 'tags') {
      const tags = [...manifests.keys()].flatMap((key) =>
        key.startsWith(`${name}:`) ? [key.slice(name.length + 1)] : [],
      );
      return end(200, {}, JSON.stringify({ name, tags }));
    }
    if (kind === 'referrers') {
      if (!referrers) return end(404);
      const found = [...manifests].flatMap(([key, { type, bytes }]) => {
        const value = JSON.parse(bytes.toString());
        const isOne = key.startsWith(`${name}@`) && value.subject?.digest === rest;
        return isOne
          ? [{ mediaType: type, digest: sha256(bytes), size: bytes.length, artifactType: value.artifactType }]
          : [];
      });
      return end(200, {}, JSON.stringify({ schemaVersion: 2, manifests: found }));
    }
    if (kind === 'manifests') {
      const key = rest.startsWith('sha256:') ? `${name}@${rest}` : `${name}:${rest}`;
      if (method === 'PUT') {
        const entry = { type: request.headers['content-type'] ?? '', bytes: body };
        manifests.set(key, entry);
        manifests.set(`${name}@${sha256(body)}`, entry);
        return end(201, { 'docker-content-digest': sha256(body) });
      }
      const found = manifests.get(key);
      if (!found) return end(404, {}, '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
      return end(200, { 'content-type': found.type, 'docker-content-digest': sha256(found.bytes) }, found.bytes);
    }
    if (kind === 'blobs' && method === 'POST') {
      const mount = searchParams.get('mount');
      if (mount && blobs.has(mount)) return end(201, { location: `/v2/${name}/blobs/${mount}` });
      const id = String(++count);
      uploads.set(id, Buffer.of());
      return end(202, { location: `/v2/${name}/blobs/uploads/${id}?state=x` });
    }
    const upload = rest.replace('uploads/', '');
    if (kind === 'blobs' && method === 'PATCH') {
      if (!pieces) return end(405);
      const before = uploads.get(upload) ?? Buffer.of();
      if (request.headers['content-range'] !== `${before.length}-${before.length + body.length - 1}`) return end(416);
      uploads.set(upload, Buffer.concat([before, body]));
      return end(202, { location: `http://${request.headers.host}/v2/${name}/blobs/uploads/${upload}?state=y` });
    }
    if (kind === 'blobs' && method === 'PUT') {
      const all = Buffer.concat([uploads.get(upload) ?? Buffer.of(), body]);
      const digest = searchParams.get('digest') ?? '';
      if (sha256(all) !== digest) return end(400, {}, '{"errors":[{"code":"DIGEST_INVALID"}]}');
      blobs.set(digest, all);
      return end(201);
    }
    const blob = kind === 'blobs' ? blobs.get(rest) : undefined;
    if (!blob) return end(404);
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    if (from === undefined) return end(200, { 'content-length': String(blob.length) }, blob);
    return end(206, {}, blob.subarray(Number(from)));
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(registry, { host: `127.0.0.1:${(server.address() as AddressInfo).port}` });
}
