// Tells when files of a watch list have changed. The system's notices say that something may have; a comparison with the
// last snapshot says what. Where the system gives none, or no more of them, the files are compared twice a second.
import { type FSWatcher, watch } from 'node:fs';
import { type Change, changesBetween, type Snapshot, takeSnapshot } from './snapshot.ts';
import type { WatchList } from './watched.ts';

/** Milliseconds between two comparisons where the system gives no notices. */
const POLL_MS = 500;

export interface WatcherOptions {
  /** Milliseconds of quiet after a change before it is told. */
  readonly debounceMs: number;
  /** Whether to compare at intervals from the start. */
  readonly poll?: boolean;
  /** Told once when the system gives no notices. */
  readonly onPolling?: (reason: string) => void;
}

export class Watcher {
  readonly #options: WatcherOptions;
  readonly #folders = new Map<string, FSWatcher>();
  #list: WatchList;
  #last: Snapshot;
  #waiting = Promise.withResolvers<void>();
  #changes = new Set<Change>();
  #quiet: NodeJS.Timeout | undefined;
  #polling: NodeJS.Timeout | undefined;
  #isClosed = false;
  #seen = Promise.withResolvers<void>();

  constructor(list: WatchList, options: WatcherOptions) {
    this.#options = options;
    this.#list = list;
    this.#last = takeSnapshot(list);
    if (options.poll) this.#poll();
    this.#watchFolders();
  }

  /** Watches other files from now on. What changed of them before is not told. */
  set list(list: WatchList) {
    this.#list = list;
    this.#last = takeSnapshot(list, this.#last);
    if (this.#watchFolders()) this.#noticed();
  }

  /** Watches other files from now on. What changed until now of those that were watched before is told. */
  follow(list: WatchList): void {
    const [listBefore, before] = [this.#list, this.#last];
    this.list = list;
    // After the new snapshot, so that nothing falls between the two.
    this.#found(changesBetween(before, takeSnapshot(listBefore, before)));
  }

  /** Resolves to all changes since the last call, when there is one; to none when the watcher is closed. */
  async changed(): Promise<Set<Change>> {
    await this.#waiting.promise;
    const changes = this.#changes;
    this.#changes = new Set();
    if (!this.#isClosed) this.#waiting = Promise.withResolvers();
    return changes;
  }

  /** Resolves when there is a change of one of these kinds that `changed` has not given yet, or never. */
  async sees(...kinds: readonly Change[]): Promise<void> {
    while (!this.#isClosed && !kinds.some((kind) => this.#changes.has(kind))) {
      await this.#seen.promise;
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#quiet);
    clearInterval(this.#polling);
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
    this.#tell();
  }

  #tell(): void {
    this.#waiting.resolve();
    this.#seen.resolve();
    this.#seen = Promise.withResolvers();
  }

  /** Something may have happened. The first notice starts the time, so that steady writing does not put it off forever. */
  #noticed(): void {
    this.#quiet ??= setTimeout(() => {
      this.#quiet = undefined;
      this.#compare();
    }, this.#options.debounceMs);
  }

  #compare(): void {
    if (this.#isClosed) return;
    const now = takeSnapshot(this.#list, this.#last);
    const changes = changesBetween(this.#last, now);
    this.#last = now;
    // What was written into a new folder before it was watched is found by one more look.
    if (this.#watchFolders()) this.#noticed();
    this.#found(changes);
  }

  #found(changes: ReadonlySet<Change>): void {
    if (changes.size === 0) return;
    for (const change of changes) this.#changes.add(change);
    this.#tell();
  }

  /** Watches the folders of the last snapshot and no others. True when there are new ones. */
  #watchFolders(): boolean {
    if (this.#polling !== undefined) return false;
    const { folders } = this.#last;
    for (const [folder, watcher] of this.#folders) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
    let isNew = false;
    for (const folder of folders) {
      if (!this.#folders.has(folder)) isNew = this.#watchFolder(folder) || isNew;
    }
    return isNew;
  }

  #watchFolder(folder: string): boolean {
    try {
      const watcher = watch(folder, () => this.#noticed());
      watcher.on('error', () => this.#lost(folder));
      this.#folders.set(folder, watcher);
      return true;
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') this.#poll(code);
      return false;
    }
  }

  #lost(folder: string): void {
    this.#folders.get(folder)?.close();
    this.#folders.delete(folder);
    this.#noticed();
  }

  #poll(reason?: string): void {
    if (this.#polling !== undefined) return;
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
    this.#polling = setInterval(() => this.#compare(), POLL_MS);
    if (reason !== undefined) this.#options.onPolling?.(reason);
  }
}
