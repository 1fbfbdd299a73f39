// What the readers of archives share: which entries are taken, and which make an archive a hostile one.
import { MayflyError } from '../../../errors.ts';

export interface ArchiveFile {
  /** A relative path, separated by `/`, that leads down only. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The most that is unpacked, in bytes and as a number of entries. */
export const MOST_BYTES = 256 * 2 ** 20;
export const MOST_ENTRIES = 50_000;

/** The path of an entry as it may be used. Throws `template-source` for one that leads elsewhere. */
export function safePath(name: string): string {
  const path = name.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  const isUnsafe = path.startsWith('/') || /^[A-Za-z]:/.test(path) || /[\\\0]/.test(path);
  if (isUnsafe || path.split('/').includes('..')) throw hostile(`it has the path "${name}"`);
  return path;
}

/** Whether an entry may belong to a template: what else an archive of a repository holds is passed over. */
export function isOfTemplates(path: string): boolean {
  return /^(?:[^/]+\/)?(?:templates|metadata|content)\//.test(`${path}/`);
}

export function hostile(reason: string): MayflyError {
  return new MayflyError('template-source', `The archive is refused: ${reason}`, {
    hint: 'Archives of templates hold files and folders, below the folder where they are unpacked',
  });
}
