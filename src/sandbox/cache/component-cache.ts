// Prepared components in a folder, a file each, shared by all processes of a user. A fault of the cache costs time,
// never an app: the component is prepared afresh, and the log has a line for those who debug.
import { utimes } from 'node:fs';
import { lstat, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CodeFacts } from '../../component/rewrite/core-module.ts';
import { messageOf } from '../../errors.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { DamagedFile, openStored, storedParts } from './cache-file.ts';
import { decodeHead, encodePrepared, type PreparedComponent } from './prepared-component.ts';
import { seenDigest } from './seen-files.ts';
import { writeAtomically } from './write-atomically.ts';

const GIBIBYTE = 2 ** 30;
/** The most notes about component files (see seen-files.ts) that are kept; each is some hundred bytes. */
const MOST_NOTES = 4096;
/** Milliseconds after which unfinished files of writers that died are removed. */
const ABANDONED_MS = 3_600_000;
/** Milliseconds from loading a component to writing it: its first requests come before. */
const WRITE_DELAY_MS = 300;

export interface CacheOptions {
  /** The folder's absolute path. It is made when it is missing. */
  readonly directory: string;
  /** Bytes that all files may have together; those that were not used for longest are removed first. */
  readonly maximumBytes?: number;
}

export interface FoundComponent {
  readonly outlines: readonly Uint8Array[];
  readonly facts: readonly CodeFacts[];
  /** The component; rejects when the file turns out to be damaged. */
  readonly component: Promise<PreparedComponent>;
}

/** Makes what is to be written. It is called only when that is written, since it takes time. */
export type MakeEntry = () => {
  readonly key: string;
  readonly outlines: readonly Uint8Array[];
  readonly component: PreparedComponent;
};

export class ComponentCache {
  readonly #directory: string;
  readonly #maximumBytes: number;
  readonly #pending = new Set<{ readonly timer: NodeJS.Timeout; readonly run: () => Promise<void> }>();
  #writing: Promise<void> = Promise.resolve();
  #usable: Promise<boolean> | undefined;

  constructor({ directory, maximumBytes = GIBIBYTE }: CacheOptions) {
    this.#directory = join(directory, 'components');
    this.#maximumBytes = maximumBytes;
  }

  /**
   * The digests of the files' bytes. Undefined where the folder is not usable. Throws errors of the system for these
   * files.
   */
  async digests(files: readonly string[], log: Logger): Promise<readonly string[] | undefined> {
    if (!(await this.#isUsable(log))) return undefined;
    return files.map((file) => {
      const { digest, remember } = seenDigest(this.#directory, file);
      if (remember) this.#later(remember, log);
      return digest;
    });
  }

  /** Looks for a prepared component. It never throws: a file that is damaged is as good as none. */
  find(key: string, log: Logger): FoundComponent | undefined {
    const path = this.#path(key);
    try {
      const stored = openStored(path);
      if (!stored) return undefined;
      const component = stored.body.then((body) => head.withBody(body));
      // A fault may be found before anybody waits for it, and must not end the process.
      component.catch(() => undefined);
      const head = decodeHead(key, stored.head);
      utimes(path, new Date(), new Date(), () => undefined); // the time of use says which files are removed first
      return { outlines: head.outlines, facts: head.facts, component };
    } catch (error) {
      const reason = messageOf(error);
      logEvent(log, 'cache-unused', { key, reason }, `Prepared component ${key} is not used: ${reason}`);
      return undefined;
    }
  }

  /** Writes the entry a little later. */
  keep(make: MakeEntry, log: Logger): void {
    this.#later(async () => {
      const { key, outlines, component } = make();
      const { head, body } = encodePrepared(key, outlines, component);
      const parts = storedParts(head, body);
      if (parts && sizeOf(parts) <= this.#maximumBytes) await writeAtomically(this.#path(key), parts);
      await removeOldest(this.#directory, this.#maximumBytes);
    }, log);
  }

  /** Resolves when everything that was to be kept is written. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all([...this.#pending].map(({ run }) => run()));
    await this.#writing;
  }

  /** Does `work` a little later, when more urgent things are done, and one piece of work after the other. */
  #later(work: () => Promise<void>, log: Logger): void {
    const tryWork = async (): Promise<void> => {
      try {
        if (await this.#isUsable(log)) await work();
      } catch (error) {
        this.#logUnwritten(log, `Cannot keep a prepared component in ${this.#directory}`, error);
      }
    };
    const run = async (): Promise<void> => {
      clearTimeout(pending.timer);
      if (this.#pending.delete(pending)) this.#writing = this.#writing.then(tryWork);
      await this.#writing;
    };
    const pending = { timer: setTimeout(run, WRITE_DELAY_MS).unref(), run };
    this.#pending.add(pending);
  }

  #logUnwritten(log: Logger, what: string, error: unknown): void {
    const reason = messageOf(error);
    logEvent(log, 'cache-unwritten', { directory: this.#directory, reason }, `${what}: ${reason}`);
  }

  #path(key: string): string {
    return join(this.#directory, key);
  }

  #isUsable(log: Logger): Promise<boolean> {
    this.#usable ??= checkDirectory(this.#directory).then(
      () => true,
      (error: unknown) => {
        this.#logUnwritten(log, `Prepared components are not kept in ${this.#directory}`, error);
        return false;
      },
    );
    return this.#usable;
  }
}

/** Makes the folder where it is missing. Rejects when somebody else could write there: code is read from it. */
async function checkDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const stats = await lstat(directory);
  if (!stats.isDirectory()) throw new DamagedFile('it is no folder');
  if (process.getuid === undefined) return;
  if (stats.uid !== process.getuid()) throw new DamagedFile('it belongs to another user');
  if ((stats.mode & 0o022) !== 0) throw new DamagedFile('others may write there');
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}

const COMPONENT = /^[0-9a-f]{64}$/;
const NOTE = /^[0-9a-f]{64}\.seen$/;
const TEMPORARY = /^[0-9a-f]{64}(\.seen)?\.[0-9a-f]{16}\.tmp$/;

/** Removes the oldest files until the rest fits. Files of other names are left alone: they are not the cache's. */
async function removeOldest(directory: string, maximumBytes: number): Promise<void> {
  const files = await filesIn(directory);
  const named = (pattern: RegExp): readonly FileInFolder[] => files.filter(({ name }) => pattern.test(name));
  const abandoned = named(TEMPORARY).filter(({ usedMs }) => usedMs < Date.now() - ABANDONED_MS);
  let sum = 0;
  const tooMany = named(COMPONENT).filter(({ bytes }) => {
    sum += bytes;
    return sum > maximumBytes;
  });
  const removed = [...abandoned, ...tooMany, ...named(NOTE).slice(MOST_NOTES)];
  await Promise.all(removed.map(({ name }) => rm(join(directory, name), { force: true })));
}

interface FileInFolder {
  readonly name: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** Lists the files, those used last first. */
async function filesIn(directory: string): Promise<readonly FileInFolder[]> {
  const names = await readdir(directory);
  const files = await Promise.all(names.map((name) => fileIn(directory, name)));
  return files.filter((file) => file !== undefined).sort((a, b) => b.usedMs - a.usedMs);
}

async function fileIn(directory: string, name: string): Promise<FileInFolder | undefined> {
  try {
    const { size, mtimeMs } = await stat(join(directory, name));
    return { name, bytes: size, usedMs: mtimeMs };
  } catch {
    return undefined; // another process has removed it
  }
}
