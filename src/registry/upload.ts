// Sends blobs and manifests to a registry: what it has is not sent, what another repository of it has is mounted, large
// blobs go in pieces, and in one where a registry takes no pieces.
import { openAsBlob } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Purpose } from './authorization.ts';
import { type Answer, unavailable } from './download.ts';
import { type Descriptor, digestOf, jsonBytes, mediaTypes, type PushedBlob } from './oci.ts';
import { isPassing, type Repository, referrersTag } from './repository.ts';

/** Bytes of a piece, unless the registry wants larger ones. */
const PIECE_BYTES = 4 * 2 ** 20;
const UPLOAD_ATTEMPTS = 3;

export interface UploadOptions {
  /** Other repositories of the same registry that may have the blob. */
  readonly mountFrom?: readonly string[];
  /** Called with the bytes that have gone out so far. */
  readonly onProgress?: (bytes: number) => void;
}

export type Uploaded = 'sent' | 'mounted' | 'there';

/** Pushes a blob. Throws `source-unavailable`, `registry-denied`. */
export async function pushBlob(
  repository: Repository,
  blob: PushedBlob,
  options: UploadOptions = {},
): Promise<Uploaded> {
  const { mountFrom = [], onProgress } = options;
  const purpose = pushing(repository, mountFrom);
  if (await repository.has(`/blobs/${blob.digest}`, purpose)) return 'there';
  for (const from of mountFrom) {
    const query = new URLSearchParams({ mount: blob.digest, from });
    const answer = await start(repository, purpose, `?${query}`);
    if (answer.status === 201) return 'mounted';
  }
  for (let attempt = 1; ; attempt++) {
    try {
      const inPieces = blob.size > PIECE_BYTES && (await sendInPieces(repository, purpose, blob, onProgress));
      if (!inPieces) await sendWhole(repository, purpose, blob);
      onProgress?.(blob.size);
      return 'sent';
    } catch (error) {
      // What of an upload has arrived is not known, so it begins anew.
      if (attempt >= UPLOAD_ATTEMPTS || !isPassing(error)) throw error;
    }
  }
}

/** Pushes a manifest or an index under a tag, or under its digest. Throws `source-unavailable`, `registry-denied`. */
export async function pushManifest(
  repository: Repository,
  bytes: Uint8Array<ArrayBuffer>,
  mediaType: string,
  tag: string | undefined,
): Promise<Descriptor> {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  const url = repository.url(`/manifests/${tag ?? descriptor.digest}`);
  const answer = await repository.ask(
    url,
    { method: 'PUT', purpose: pushing(repository), headers: { 'content-type': mediaType }, body: bytes },
    [200, 201, 202],
  );
  await answer.cancel();
  const has = answer.headers.get('docker-content-digest');
  if (has?.startsWith('sha256:') && has !== descriptor.digest) {
    throw unavailable(url, `the registry kept something else, with the digest ${has}`);
  }
  return descriptor;
}

/**
 * Pushes a manifest that refers to another one (its `subject`), and lists it under the tag that stands for the referrers
 * where the registry has no API for them.
 */
export async function pushReferrer(
  repository: Repository,
  bytes: Uint8Array<ArrayBuffer>,
  subject: string,
  listed: Pick<Descriptor, 'artifactType' | 'annotations'>,
): Promise<Descriptor> {
  const descriptor = await pushManifest(repository, bytes, mediaTypes.manifest, undefined);
  const known = await repository.referrers(subject);
  if (known.some(({ digest }) => digest === descriptor.digest)) return descriptor;
  const manifests = [...known, { ...descriptor, ...listed }];
  const index = jsonBytes({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
  await pushManifest(repository, index, mediaTypes.index, referrersTag(subject));
  return descriptor;
}

function pushing({ name }: Repository, mountFrom: readonly string[] = []): Purpose {
  const others = mountFrom.map((from) => `repository:${from}:pull`);
  return { scope: [`repository:${name}:pull,push`, ...others].join(' '), takesTheirs: false };
}

/** Begins an upload; with a mount that succeeds, there is nothing to upload. */
async function start(repository: Repository, purpose: Purpose, query = ''): Promise<Answer> {
  const url = repository.url(`/blobs/uploads/${query}`);
  const answer = await repository.ask(url, { method: 'POST', purpose, headers: { 'content-length': '0' } }, [201, 202]);
  await answer.cancel();
  return answer;
}

/** Where an upload goes on. */
function locationOf({ headers, url }: Answer): URL {
  const next = URL.parse(headers.get('location') ?? '', url);
  if (next && /^https?:$/.test(next.protocol)) return next;
  throw unavailable(url.href, 'the registry does not say where the upload goes on');
}

async function sendWhole(repository: Repository, purpose: Purpose, blob: PushedBlob): Promise<void> {
  const location = locationOf(await start(repository, purpose));
  location.searchParams.set('digest', blob.digest);
  const { content } = blob;
  const { totalMs } = repository.limits;
  const answer = await repository.ask(
    location.href,
    {
      method: 'PUT',
      purpose,
      headers: { 'content-type': 'application/octet-stream' },
      body: 'file' in content ? await openAsBlob(content.file) : content,
      // Nothing comes back before all has gone out.
      limits: { ...repository.limits, silenceMs: totalMs },
      attempts: 1,
    },
    [201],
  );
  await answer.cancel();
}

/** Whether the registry took the blob in pieces. */
async function sendInPieces(
  repository: Repository,
  purpose: Purpose,
  blob: PushedBlob,
  onProgress: UploadOptions['onProgress'],
): Promise<boolean> {
  const begun = await start(repository, purpose);
  const wanted = Number(begun.headers.get('oci-chunk-min-length') ?? 0) || 0;
  const pieceBytes = Math.max(PIECE_BYTES, wanted);
  let location = locationOf(begun);
  let sent = 0;
  for await (const piece of piecesOf(blob, pieceBytes)) {
    const answer = await repository.ask(
      location.href,
      {
        method: 'PATCH',
        purpose,
        headers: {
          'content-type': 'application/octet-stream',
          'content-range': `${sent}-${sent + piece.length - 1}`,
        },
        body: piece,
        attempts: 1,
      },
      [202, 400, 404, 405, 415, 416, 501],
    );
    await answer.cancel();
    if (answer.status !== 202) return false;
    location = locationOf(answer);
    sent += piece.length;
    onProgress?.(sent);
  }
  location.searchParams.set('digest', blob.digest);
  const last = await repository.ask(
    location.href,
    { method: 'PUT', purpose, headers: { 'content-length': '0' } },
    [201],
  );
  await last.cancel();
  return true;
}

async function* piecesOf({ content, size }: PushedBlob, pieceBytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (!('file' in content)) {
    for (let at = 0; at < size; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
    return;
  }
  const handle = await open(content.file, 'r');
  try {
    for (let at = 0; at < size; ) {
      const piece = new Uint8Array(Math.min(pieceBytes, size - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) throw unavailable(content.file, 'the file became shorter while it was sent');
      yield piece.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
