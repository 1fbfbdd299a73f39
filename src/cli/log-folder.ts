// The folder of `--log-dir`. A guest may be able to write there, if the folder lies in one of its mounts: the folder is
// held open, and files in it are opened without following a link that somebody put in their place.
import fs from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';

const { O_APPEND, O_CREAT, O_DIRECTORY, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;

export interface LogFolder {
  /** Appends text to a file. Never throws: a log that cannot be written must not fail a request. */
  append(name: string, text: string): void;
}

/** Empties the files of what components print, and no others, in a folder that need not be there. */
export function truncateLogs(directory: string): void {
  if (!fs.existsSync(directory)) return;
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    if (entry.isFile() && /_(stdout|stderr)\.txt$/.test(entry.name)) fs.truncateSync(join(directory, entry.name));
  }
}

/** Makes the folder; throws when that is not possible. `failed` is called once for each file that cannot be written. */
export function openLogFolder(directory: string, failed: (reason: string) => void): LogFolder {
  fs.mkdirSync(directory, { recursive: true });
  const linux = process.platform === 'linux' && fs.existsSync('/proc/self/fd');
  const place = linux ? `/proc/self/fd/${fs.openSync(directory, O_RDONLY | O_DIRECTORY)}` : directory;
  const told = new Set<string>();
  return {
    append(name, text) {
      try {
        append(join(place, name), text);
      } catch (error) {
        if (told.has(name)) return;
        told.add(name);
        failed(`Cannot write ${name} in ${directory}: ${messageOf(error)}`);
      }
    },
  };
}

/** Appends to a file, which is opened for each line, so that it may be moved away and a new one begun. */
function append(file: string, text: string): void {
  const flags = O_WRONLY | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0) | (O_NOCTTY ?? 0);
  const fd = fs.openSync(file, flags, 0o666);
  try {
    if (!fs.fstatSync(fd).isFile()) throw new Error('it is no regular file');
    fs.writeFileSync(fd, text);
  } finally {
    fs.closeSync(fd);
  }
}
