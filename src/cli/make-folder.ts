// Makes a folder that the command line or the runtime configuration names.
import { makeFolders } from '../app/files/make-folders.ts';
import { MayflyError, messageOf } from '../errors.ts';

/** `what` names the option or the key. Throws `usage` with the system's reason. */
export function makeFolder(what: string, folder: string): void {
  try {
    makeFolders(folder);
  } catch (cause) {
    throw new MayflyError('usage', `${what} cannot be a folder at ${folder}: ${messageOf(cause)}`, {
      cause,
      hint: 'Name a folder that can be written',
    });
  }
}
