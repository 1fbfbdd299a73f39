// Reads the files of a tar archive: POSIX ustar with pax and GNU headers. Everything stays in memory; nothing is written.
import { type ArchiveFile, hostile, isOfTemplates, MOST_ENTRIES, safePath } from './archive-entry.ts';

const BLOCK = 512;

/** Throws `template-source` for an archive that is cut, or that holds links or paths which lead elsewhere. */
export function readTar(bytes: Uint8Array): ArchiveFile[] {
  const files: ArchiveFile[] = [];
  let longName: string | undefined;
  let count = 0;
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    if (++count > MOST_ENTRIES) throw hostile('it has too many entries');
    checkSum(header);
    const size = numberAt(header, 124, 12);
    const body = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (body.length < size) throw hostile('it is cut off');
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L') longName = textAt(body, 0, size);
    else if (type === 'x') longName = paxPath(body) ?? longName;
    else if (type !== 'g') {
      addEntry(files, { name: longName ?? nameOf(header), type, body });
      longName = undefined;
    }
  }
  return files;
}

function addEntry(files: ArchiveFile[], { name, type, body }: { name: string; type: string; body: Uint8Array }): void {
  const path = safePath(name);
  if (!isOfTemplates(path) || type === '5') return;
  if (type !== '0' && type !== '\0')
    throw hostile(`"${name}" is ${type === '1' || type === '2' ? 'a link' : 'no file'}`);
  if (path !== '' && !name.endsWith('/')) files.push({ path, bytes: body });
}

/** The sum of the bytes of a header, with its own field as spaces. */
function checkSum(header: Uint8Array): void {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (sum !== numberAt(header, 148, 8)) throw hostile('it is no tar archive');
}

function nameOf(header: Uint8Array): string {
  const isUstar = textAt(header, 257, 5) === 'ustar';
  const prefix = isUstar ? textAt(header, 345, 155) : '';
  const name = textAt(header, 0, 100);
  return prefix ? `${prefix}/${name}` : name;
}

/** Lines of `length key=value`; only the path matters. */
function paxPath(body: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(new TextDecoder().decode(body))?.[1];
}

function numberAt(bytes: Uint8Array, start: number, length: number): number {
  const value = Number.parseInt(textAt(bytes, start, length).trim() || '0', 8);
  if (!Number.isSafeInteger(value) || value < 0) throw hostile('a number in it cannot be read');
  return value;
}

function textAt(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end));
}
