// URLs of blobs: https://w3c.github.io/FileAPI/#url. They last as long as the request.
import { Blob } from './blob.js';

const blobs = new Map();
let last = 0;

export function createObjectURL(blob) {
  if (!(blob instanceof Blob)) throw new TypeError('URL.createObjectURL wants a Blob');
  const url = `blob:null/${++last}`;
  blobs.set(url, blob);
  return url;
}

export function revokeObjectURL(url) {
  blobs.delete(String(url));
}

/** The blob of a URL; throws a TypeError when there is none. */
export function blobOf(url) {
  const blob = blobs.get(String(url).replace(/#.*$/s, ''));
  if (blob) return blob;
  throw new TypeError(`fetch failed: there is no blob of "${url}"`);
}
