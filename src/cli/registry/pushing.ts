// What all commands that push have in common.
import { MayflyError } from '../../errors.ts';
import type { PushOptions } from '../../registry/artifact.ts';
import { formatReference, parseReference, type Reference } from '../../registry/reference.ts';
import type { Uploaded } from '../../registry/upload.ts';

/** Reads the reference under which something is to be pushed. Throws `usage` for one with a digest. */
export function parseTarget(text: string): Reference {
  const reference = parseReference(text);
  if (reference.digest === undefined) return reference;
  throw new MayflyError('usage', `"${formatReference(reference)}" names something that is there already`, {
    hint: 'Push to a tag: the digest comes of what is pushed',
  });
}

/** How many blobs were sent, mounted from another repository, or there already. */
export type BlobCounts = Record<Uploaded, number>;

export function countBlobs(): { readonly counts: BlobCounts; readonly onBlob: NonNullable<PushOptions['onBlob']> } {
  const counts: BlobCounts = { sent: 0, mounted: 0, there: 0 };
  return { counts, onBlob: (_, how) => void counts[how]++ };
}
