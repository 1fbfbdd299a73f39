// The folder of recordings: a file for each, the oldest of which go when there are too many. Nobody waits for the disk, and
// when that fails, the log says so and requests go on.
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MayflyError, messageOf } from '../errors.ts';
import { writeAtomically } from '../sandbox/cache/write-atomically.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Lines } from './recorded-request.ts';
import type { Sink } from './recorder.ts';

export interface FolderOptions {
  /** The absolute path. */
  readonly folder: string;
  /** The most recordings, and the most bytes of all together. */
  readonly mostFiles: number;
  readonly mostBytes: number;
  readonly log: Logger;
}

const SUFFIX = '.jsonl';
/** Our names begin with a time, so that the oldest is the first. What else is in the folder is left alone. */
const OURS = /^\d{8}T\d{9}Z-.*\.jsonl$/;
/** Bytes that wait for the disk at most; further recordings are dropped. */
const MOST_WAITING = 67_108_864;

export class RecordingsFolder implements Sink {
  readonly #options: FolderOptions;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  #files = 0;
  #bytes = 0;
  #count = 0;
  /** Whether the last one could be written. */
  #works = true;
  readonly #toldReasons = new Set<string>();

  private constructor(options: FolderOptions) {
    this.#options = options;
  }

  /** Makes the folder where it is missing. Rejects with `recordings-folder`. */
  static async open(options: FolderOptions): Promise<RecordingsFolder> {
    const made = new RecordingsFolder(options);
    try {
      await mkdir(options.folder, { recursive: true, mode: 0o700 });
      await made.#prune();
      return made;
    } catch (cause) {
      throw new MayflyError('recordings-folder', `Cannot keep recordings in "${options.folder}": ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  write(requestId: string, lines: () => Lines): void {
    let bytes: Buffer;
    try {
      bytes = Buffer.from(
        lines()
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(''),
      );
    } catch (error) {
      this.notKept(`it cannot be written: ${messageOf(error)}`);
      return;
    }
    if (this.#waiting + bytes.length > MOST_WAITING) {
      this.notKept('the disk is slower than the recordings come');
      return;
    }
    this.#waiting += bytes.length;
    const path = join(this.#options.folder, this.#nameFor(requestId));
    this.#last = this.#last.then(() => this.#store(path, bytes));
  }

  notKept(reason: string): void {
    // Each request may have the same reason, and guests bring it about.
    if (this.#toldReasons.has(reason) || this.#toldReasons.size >= 20) return;
    this.#toldReasons.add(reason);
    logEvent(this.#options.log, 'recording-dropped', { reason }, `A request has no recording: ${reason}`);
  }

  #nameFor(requestId: string): string {
    const time = new Date().toISOString().replace(/[-:.]/g, '');
    const id = requestId.replace(/[^\w.-]/g, '_').slice(0, 64);
    return `${time}-${process.pid}-${String(++this.#count).padStart(6, '0')}-${id}${SUFFIX}`;
  }

  async #store(path: string, bytes: Buffer): Promise<void> {
    try {
      await writeAtomically(path, [bytes]);
      this.#works = true;
      this.#files++;
      this.#bytes += bytes.length;
      if (this.#files > this.#options.mostFiles || this.#bytes > this.#options.mostBytes) await this.#prune();
    } catch (error) {
      if (this.#works)
        logEvent(this.#options.log, 'recording-failed', { file: path, err: error }, 'A recording cannot be written');
      this.#works = false;
    } finally {
      this.#waiting -= bytes.length;
    }
  }

  /** Counts what is there, which other processes write as well, and removes the oldest. */
  async #prune(): Promise<void> {
    const { folder, mostFiles, mostBytes } = this.#options;
    const names = (await readdir(folder)).filter((name) => OURS.test(name)).sort();
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(folder, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    let bytes = sizes.reduce((sum, size) => sum + size, 0);
    let files = names.length;
    for (const [index, name] of names.entries()) {
      if (files <= mostFiles && bytes <= mostBytes) break;
      await rm(join(folder, name), { force: true });
      files--;
      bytes -= sizes[index] ?? 0;
    }
    this.#files = files;
    this.#bytes = bytes;
  }

  /** Resolves when all that was given is on the disk, or cannot be. */
  close(): Promise<void> {
    return this.#last;
  }
}
