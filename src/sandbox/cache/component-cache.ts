// Prepared components in a folder, a file each, shared by all processes of a user. Whatever goes wrong with it costs
// time, never an app: then a component is prepared afresh, and the log has a line for those who debug.
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { CodeFacts } from '../../component/rewrite/core-module.ts';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../telemetry/log.ts';
import { DamagedFile, openStored, storedParts } from './cache-file.ts';
import { decodeHead, encodePrepared, type PreparedComponent } from './prepared-component.ts';

const GIBIBYTE = 2 ** 30;
/** Files of writers that died are removed after so long. */
const ABANDONED_MS = 3_600_000;
/** How long after a component was loaded it is written: its first requests come before. */
const WRITE_DELAY_MS = 300;

export interface CacheOptions {
  /** Absolute. Made when it is missing. */
  readonly directory: string;
  /** Of all files together; those that were not used for longest go first. */
  readonly maximumBytes?: number;
}

export interface FoundComponent {
  readonly outlines: readonly Uint8Array[];
  readonly facts: readonly CodeFacts[];
  /** Rejects when the file turns out to be damaged. */
  readonly component: Promise<PreparedComponent>;
}

/** What is to be written; made when it is, since that takes time. */
export type MakeEntry = () => {
  readonly key: string;
  readonly outlines: readonly Uint8Array[];
  readonly component: PreparedComponent;
};

export class ComponentCache {
  readonly #directory: string;
  readonly #maximumBytes: number;
  readonly #pending = new Set<{ readonly timer: NodeJS.Timeout; readonly write: () => Promise<void> }>();
  #writing: Promise<void> = Promise.resolve();
  #usable: Promise<boolean> | undefined;

  constructor({ directory, maximumBytes = GIBIBYTE }: CacheOptions) {
    this.#directory = join(directory, 'components');
    this.#maximumBytes = maximumBytes;
  }

  /** Never rejects. */
  async find(key: string, log: Logger): Promise<FoundComponent | undefined> {
    const path = this.#path(key);
    try {
      if (!(await this.#isUsable(log))) return undefined;
      const stored = await openStored(path);
      if (!stored) return undefined;
      const head = decodeHead(key, stored.head);
      void utimes(path, new Date(), new Date()).catch(() => undefined); // for those that look for the oldest
      const component = stored.body.then((body) => head.withBody(body));
      component.catch(() => undefined); // Whoever finds a fault before it is there does not wait for it.
      return { outlines: head.outlines, facts: head.facts, component };
    } catch (error) {
      log.debug(`Prepared component ${key} is not used: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Writes it a little later. */
  keep(make: MakeEntry, log: Logger): void {
    const write = async (): Promise<void> => {
      clearTimeout(pending.timer);
      if (!this.#pending.delete(pending)) return;
      this.#writing = this.#writing.then(() => this.#write(make, log));
      await this.#writing;
    };
    const pending = { timer: setTimeout(write, WRITE_DELAY_MS).unref(), write };
    this.#pending.add(pending);
  }

  /** Resolves when all is written that was to be kept. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all([...this.#pending].map(({ write }) => write()));
    await this.#writing;
  }

  async #write(make: MakeEntry, log: Logger): Promise<void> {
    try {
      if (!(await this.#isUsable(log))) return;
      const { key, outlines, component } = make();
      const { head, body } = encodePrepared(key, outlines, component);
      const parts = storedParts(head, body);
      if (parts && sizeOf(parts) <= this.#maximumBytes) await writeAtomically(this.#path(key), parts);
      await removeOldest(this.#directory, this.#maximumBytes);
    } catch (error) {
      log.debug(`Cannot keep a prepared component in ${this.#directory}: ${messageOf(error)}`);
    }
  }

  #path(key: string): string {
    return join(this.#directory, key);
  }

  #isUsable(log: Logger): Promise<boolean> {
    this.#usable ??= checkDirectory(this.#directory).then(
      () => true,
      (error: unknown) => {
        log.debug(`Prepared components are not kept in ${this.#directory}: ${messageOf(error)}`);
        return false;
      },
    );
    return this.#usable;
  }
}

/** Makes it where it is missing. Rejects when somebody else could write there: code is read from it. */
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

/** Readers see the whole file or none; of several writers the last one wins. */
async function writeAtomically(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      for (const part of parts) await handle.writeFile(part);
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const OURS = /^[0-9a-f]{64}(\.[0-9a-f]{16}\.tmp)?$/;

/** Files of other names are none of ours. */
async function removeOldest(directory: string, maximumBytes: number): Promise<void> {
  const names = (await readdir(directory)).filter((name) => OURS.test(name));
  const files = (await Promise.all(names.map((name) => fileIn(directory, name)))).filter((file) => file !== undefined);
  const abandoned = files.filter(({ path, usedMs }) => path.endsWith('.tmp') && usedMs < Date.now() - ABANDONED_MS);
  const complete = files.filter(({ path }) => !path.endsWith('.tmp')).sort((a, b) => b.usedMs - a.usedMs);
  let sum = 0;
  const tooMany = complete.filter(({ bytes }) => {
    sum += bytes;
    return sum > maximumBytes;
  });
  for (const { path } of [...abandoned, ...tooMany]) await rm(path, { force: true });
}

async function fileIn(
  directory: string,
  name: string,
): Promise<{ readonly path: string; readonly bytes: number; readonly usedMs: number } | undefined> {
  const path = join(directory, name);
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, bytes: size, usedMs: mtimeMs };
  } catch {
    return undefined; // another process has removed it
  }
}
