// Reads the files of a ZIP archive (APPNOTE.TXT of PKWARE, 4.3), stored or deflated. Everything stays in memory.
import { crc32, inflateRawSync } from 'node:zlib';
import { type ArchiveFile, hostile, isOfTemplates, MOST_BYTES, MOST_ENTRIES, safePath } from './archive-entry.ts';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;

/** Throws `template-source` for an archive that is damaged, or that holds links or paths which lead elsewhere. */
export function readZip(bytes: Uint8Array): ArchiveFile[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return readEntries(bytes, view);
  } catch (error) {
    if (error instanceof RangeError) throw hostile('it is damaged');
    throw error;
  }
}

function readEntries(bytes: Uint8Array, view: DataView): ArchiveFile[] {
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  if (count > MOST_ENTRIES) throw hostile('it has too many entries');
  const files: ArchiveFile[] = [];
  let left = MOST_BYTES;
  for (let at = view.getUint32(end + 16, true), index = 0; index < count; index++) {
    if (view.getUint32(at, true) !== CENTRAL) throw hostile('it is damaged');
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength!));
    const path = safePath(name);
    const isFolder = name.endsWith('/');
    if (isOfTemplates(path)) checkKind(name, view, at);
    if (!isFolder && isOfTemplates(path)) {
      const content = contentOf(bytes, view, at, left);
      left -= content.length;
      files.push({ path, bytes: content });
    }
    at += 46 + nameLength! + extra! + comment!;
  }
  return files;
}

/** The end of the directory stands behind everything but a comment of 64 KiB at most. */
function endOf(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) === END) return at;
  }
  throw hostile('it is no ZIP archive');
}

/** The upper half of the external attributes is the mode of a Unix file; 0 when another system wrote it. */
function checkKind(name: string, view: DataView, at: number): void {
  const type = (view.getUint32(at + 38, true) >>> 16) & FILE_TYPE;
  if (type !== 0 && type !== REGULAR && type !== FOLDER) throw hostile(`"${name}" is a link or no file`);
  if (view.getUint16(at + 8, true) & 1) throw hostile(`"${name}" is encrypted`);
}

function contentOf(bytes: Uint8Array, view: DataView, at: number, most: number): Uint8Array {
  const method = view.getUint16(at + 10, true);
  const [sum, packed, size, local] = [16, 20, 24, 42].map((offset) => view.getUint32(at + offset, true));
  if (size! > most) throw hostile('it is too large');
  if (view.getUint32(local!, true) !== LOCAL) throw hostile('it is damaged');
  const start = local! + 30 + view.getUint16(local! + 26, true) + view.getUint16(local! + 28, true);
  const body = bytes.subarray(start, start + packed!);
  if (method !== 0 && method !== 8) throw hostile('it is packed in a way that is not known');
  const content = method === 0 ? body : inflate(body, size!);
  if (content.length !== size || crc32(content) !== sum) throw hostile('it is damaged');
  return content;
}

function inflate(body: Uint8Array, size: number): Uint8Array {
  try {
    return inflateRawSync(body, { maxOutputLength: Math.max(1, size) });
  } catch {
    throw hostile('it is damaged');
  }
}
