// The bytes of an image where the kernel can map them: in a sealed file, or in layers, of which the upper one has only what
// differs from the image below. Apps that share an engine so keep what is theirs alone.
import { closeSync } from 'node:fs';
import { MayflyError } from '../../errors.ts';
import { type Layered, layeredRuns } from './layered-runs.ts';
import { type Libc, MAP_ANONYMOUS, MAP_NORESERVE, MAP_PRIVATE, MAP_SHARED, PROT_NONE, PROT_READ } from './libc.ts';
import { createSealedFile } from './sealed-file.ts';
import type { Run, SparseBytes } from './zero-runs.ts';

/** Where the bytes from `start` to `end` of an image stand: from `offset` on in the file `fd`. */
interface Segment {
  readonly start: number;
  readonly end: number;
  readonly fd: number;
  readonly offset: number;
}

export interface ImageFile {
  readonly byteLength: number;
  /** In order, without gaps. Each is a mapping of its own. */
  readonly segments: readonly Segment[];
  /** Keeps the files open until the function that it returns is called. */
  retain(): () => void;
  /**
   * Gives all bytes to be read, until `close` is called; nobody may read them afterwards. Throws 'sandbox-exhausted'. The
   * view is there as long as somebody has opened it, so that an image without sandboxes takes no mappings.
   */
  openView(): { readonly bytes: Buffer; close(): void };
}

/** Puts an image into a file of its own. Throws 'sandbox-exhausted'. */
export function createImageFile(libc: Libc, content: SparseBytes): ImageFile {
  const { byteLength } = content;
  const fd = createSealedFile(libc, content);
  return imageFile(libc, byteLength, [{ start: 0, end: byteLength, fd, offset: 0 }], () => closeSync(fd));
}

/**
 * Puts what differs from `below` into a file; it may differ in `changes` only, or, without them, anywhere. Undefined where that would save little, or `below` is the larger one.
 * Throws 'sandbox-exhausted'.
 */
export function createLayeredFile(
  libc: Libc,
  content: Uint8Array,
  below: ImageFile,
  changes?: readonly Run[],
): ImageFile | undefined {
  const view = below.openView();
  let layered: Layered | undefined;
  let fd: number;
  try {
    layered = layeredRuns(content, view.bytes, libc.pageSize, changes);
    if (!layered) return undefined;
    fd = createSealedFile(libc, layered.content);
  } finally {
    view.close();
  }
  const release = below.retain();
  const segments = layered.runs.flatMap(({ start, end, offset }) =>
    offset === undefined ? within(below.segments, start, end) : [{ start, end, fd, offset }],
  );
  return imageFile(libc, content.byteLength, segments, () => {
    closeSync(fd);
    release();
  });
}

/** The parts of `segments` that lie between these places. */
function within(segments: readonly Segment[], start: number, end: number): Segment[] {
  return segments.flatMap((segment) => {
    const from = Math.max(start, segment.start);
    const to = Math.min(end, segment.end);
    const { fd, offset } = segment;
    return from < to ? [{ start: from, end: to, fd, offset: offset + from - segment.start }] : [];
  });
}

/** Maps all segments, the first of them at `address`. False when the kernel refuses. */
export function mapSegments(
  libc: Libc,
  address: bigint,
  segments: readonly Segment[],
  protection: number,
  flags: number,
): boolean {
  return segments.every(({ start, end, fd, offset }) =>
    libc.mapFixed(address + BigInt(start), end - start, protection, flags, fd, offset),
  );
}

function imageFile(libc: Libc, byteLength: number, segments: readonly Segment[], free: () => void): ImageFile {
  const open = shared(free);
  let view: { readonly address: bigint; readonly bytes: Buffer } | undefined;
  const viewers = shared(() => {
    if (view) libc.unmap(view.address, byteLength);
    view = undefined;
  });
  return {
    byteLength,
    segments,
    retain: open,
    openView() {
      view ??= mapView(libc, byteLength, segments);
      return { bytes: view.bytes, close: viewers() };
    },
  };
}

function mapView(
  libc: Libc,
  byteLength: number,
  segments: readonly Segment[],
): { readonly address: bigint; readonly bytes: Buffer } {
  const address = libc.map(byteLength, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  const fault = (): MayflyError => new MayflyError('sandbox-exhausted', `Cannot map a memory image: ${libc.errno()}`);
  if (address === undefined) throw fault();
  if (!mapSegments(libc, address, segments, PROT_READ, MAP_SHARED)) {
    const error = fault();
    libc.unmap(address, byteLength);
    throw error;
  }
  return { address, bytes: Buffer.from(libc.view(address, byteLength)) };
}

/** Counts who uses something: each call gives a function that says that one of them is done, and the last one frees it. */
function shared(free: () => void): () => () => void {
  let users = 0;
  return () => {
    users++;
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      users--;
      if (users === 0) free();
    };
  };
}
