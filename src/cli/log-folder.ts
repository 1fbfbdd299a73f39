// The folder of `--log-dir`. A guest may be able to write there, if the folder lies in one of its mounts: the folder is
// held open, and files in it are opened without following a link that somebody put in their place.
import fs from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../app/files/make-folders.ts';
import { messageOf } from '../errors.ts';

const { O_APPEND, O_CREAT, O_DIRECTORY, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;

/** When a file is begun anew. */
export interface LogRotation {
  /** The bytes from which on a file gets the name `<file>.1`, and a new one is begun. */
  readonly bytes: number;
  /** The files with older lines that are kept: `.1` is the youngest. */
  readonly files: number;
}

export const defaultRotation: LogRotation = { bytes: 10 * 1024 * 1024, files: 5 };

export interface LogFiles {
  /** Appends text to a file. Never throws: a log that cannot be written must not fail a request. */
  append(name: string, text: string): void;
}

/** Milliseconds after which it is told again that a file cannot be written, when it could meanwhile. */
const TELL_AGAIN_MS = 60_000;
/** Milliseconds for which a file is held open without looking whether it is still the one of its name. */
const LOOK_AGAIN_MS = 1000;

/** Empties the files of what components print, and no others, in a folder that need not be there. */
export function truncateLogs(directory: string): void {
  if (!fs.existsSync(directory)) return;
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    if (entry.isFile() && /_(stdout|stderr)\.txt$/.test(entry.name)) fs.truncateSync(join(directory, entry.name));
  }
}

export interface LogFolderOptions {
  readonly rotation?: LogRotation | undefined;
  /** Whether the folder is made with the first line only: nobody asked for it. */
  readonly isDefault?: boolean | undefined;
}

/**
 * Makes the folder, and throws when it cannot be made; one that nobody asked for is made when there is a line. `failed`
 * is told of files that cannot be written.
 */
export function openLogFolder(
  directory: string,
  failed: (reason: string) => void,
  { rotation = defaultRotation, isDefault = false }: LogFolderOptions = {},
): LogFiles {
  const files = new Map<string, LogFile>();
  const failing = new Set<string>();
  const told = new Map<string, number>();
  let place = isDefault ? undefined : makeFolder(directory, 0);
  return {
    append(name, text) {
      try {
        // Guests ran already: a link that one of them may have put there is not followed.
        place ??= makeFolder(directory, O_NOFOLLOW ?? 0);
        const file = files.get(name) ?? new LogFile(join(place, name), rotation);
        files.set(name, file);
        file.append(text);
        failing.delete(name);
      } catch (error) {
        const now = performance.now();
        const isKnown = failing.has(name) || now - (told.get(name) ?? Number.NEGATIVE_INFINITY) < TELL_AGAIN_MS;
        failing.add(name);
        if (isKnown) return;
        told.set(name, now);
        failed(`Cannot write ${name} in ${directory}: ${messageOf(error)}`);
      }
    },
  };
}

function makeFolder(directory: string, flags: number): string {
  makeFolders(directory);
  const linux = process.platform === 'linux' && fs.existsSync('/proc/self/fd');
  return linux ? `/proc/self/fd/${fs.openSync(directory, O_RDONLY | O_DIRECTORY | flags)}` : directory;
}

/**
 * One file. It is held open, and opened again when it was moved away, as by another worker that began a new one. What
 * was cut off by a full disk stays cut off; the next line begins a new one.
 */
class LogFile {
  readonly #path: string;
  readonly #rotation: LogRotation;
  #fd: number | undefined;
  #bytes = 0;
  #lookedAt = 0;
  #isCut = false;

  constructor(path: string, rotation: LogRotation) {
    this.#path = path;
    this.#rotation = rotation;
  }

  append(text: string): void {
    const bytes = Buffer.from(this.#isCut ? `\n${text}` : text);
    const fd = this.#open(bytes.length);
    const written = fs.writeSync(fd, bytes);
    this.#bytes += written;
    if (written > 0) this.#isCut = written < bytes.length;
    if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes could be written`);
  }

  #open(more: number): number {
    if (this.#fd !== undefined && performance.now() - this.#lookedAt > LOOK_AGAIN_MS) this.#look(this.#fd);
    this.#fd ??= this.#reopen();
    if (this.#bytes === 0 || this.#bytes + more <= this.#rotation.bytes) return this.#fd;
    // Another process may have begun a new file already.
    this.#look(this.#fd);
    if (this.#fd === undefined) return this.#open(more);
    this.#rotate();
    this.#fd = this.#reopen();
    return this.#fd;
  }

  #look(fd: number): void {
    this.#lookedAt = performance.now();
    const [held, named] = [fs.fstatSync(fd), fs.lstatSync(this.#path, { throwIfNoEntry: false })];
    this.#bytes = held.size;
    if (named?.ino !== held.ino || named.dev !== held.dev) this.#close();
  }

  #reopen(): number {
    const flags = O_WRONLY | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0) | (O_NOCTTY ?? 0);
    const fd = fs.openSync(this.#path, flags, 0o666);
    const status = fs.fstatSync(fd);
    if (!status.isFile()) {
      fs.closeSync(fd);
      throw new Error('it is no regular file');
    }
    this.#bytes = status.size;
    this.#lookedAt = performance.now();
    return fd;
  }

  #rotate(): void {
    this.#close();
    const { files } = this.#rotation;
    if (files === 0) {
      fs.rmSync(this.#path, { force: true });
      return;
    }
    for (let number = files - 1; number > 0; number--) {
      renameIfThere(`${this.#path}.${number}`, `${this.#path}.${number + 1}`);
    }
    renameIfThere(this.#path, `${this.#path}.1`);
  }

  #close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
    this.#bytes = 0;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
