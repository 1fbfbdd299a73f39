// The loop of `mayfly watch`: a change of sources is built, a change of what the app is made of starts it anew. Whatever
// fails, the app that served before serves on.
import { type Change, type Snapshot, sameFiles, takeSnapshot } from './snapshot.ts';
import type { WatchList } from './watched.ts';
import type { Watcher } from './watcher.ts';

/** What the loop does things with, which tests replace. */
export interface Means {
  /** Reads what to watch from the manifest. Rejects with its mistakes. */
  readList(): Promise<WatchList>;
  /** Builds what has changed; absent where nothing is built. Rejects when that fails or is aborted. */
  readonly build?: ((abort: AbortSignal) => Promise<void>) | undefined;
  /** Starts the app, or swaps it for what the manifest says now. Rejects when that cannot be loaded. */
  start(reason: { readonly manifest: boolean }): Promise<void>;
  /** Whether there is no use in waiting for a change of files after this error of the first start. */
  isFinal(error: unknown): boolean;
  /** Called before anything is said about a change. */
  clear(): void;
  say(text: string): void;
  report(error: unknown): void;
}

export class RebuildLoop {
  readonly #means: Means;
  readonly #watcher: Watcher;
  #list: WatchList;
  /** The artifacts that the app was started from last. */
  #loaded: Snapshot['artifacts'] | undefined;
  /** The artifacts that a change was last answered for: those that a failed build left are not started. */
  #answered: Snapshot['artifacts'] | undefined;
  #isStopped = false;

  constructor(list: WatchList, watcher: Watcher, means: Means) {
    this.#list = list;
    this.#watcher = watcher;
    this.#means = means;
  }

  /** Builds and starts, then answers changes until `stop` is called. Rejects with a final error of the first start. */
  async run(): Promise<void> {
    let due = new Set<Change>(['sources', 'artifacts']);
    while (!this.#isStopped) {
      const outcome = await this.#answer(due);
      if (this.#isStopped) return;
      const changed = await this.#watcher.changed();
      due = outcome === 'again' ? due.union(changed) : changed;
      if (!this.#isStopped) this.#means.clear();
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#watcher.close();
  }

  async #answer(due: ReadonlySet<Change>): Promise<'done' | 'again'> {
    if (due.has('manifest') && !(await this.#readManifest())) return 'done';
    const builds = this.#means.build !== undefined && (due.has('sources') || due.has('manifest'));
    if (builds) {
      const built = await this.#build();
      if (built !== 'built') return built === 'aborted' ? 'again' : 'done';
    }
    const { artifacts } = takeSnapshot(this.#list);
    const before = builds ? this.#loaded : this.#answered;
    if (!due.has('manifest') && before !== undefined && sameFiles(before, artifacts)) return 'done';
    await this.#start(artifacts, due.has('manifest'));
    return 'done';
  }

  async #readManifest(): Promise<boolean> {
    try {
      this.#list = await this.#means.readList();
      this.#watcher.list = this.#list;
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  /** Builds; a change of the sources meanwhile ends the build, since it is of no use any more. */
  async #build(): Promise<'built' | 'failed' | 'aborted'> {
    const abort = new AbortController();
    const seen = this.#watcher.sees('sources', 'manifest');
    void seen.then(() => abort.abort());
    try {
      await this.#means.build?.(abort.signal);
      return 'built';
    } catch (error) {
      if (this.#isStopped) return 'failed';
      this.#answered = takeSnapshot(this.#list).artifacts;
      if (abort.signal.aborted) return 'aborted';
      this.#failed(error);
      return 'failed';
    }
  }

  async #start(artifacts: Snapshot['artifacts'], manifest: boolean): Promise<void> {
    this.#answered = artifacts;
    try {
      await this.#means.start({ manifest });
      this.#loaded = artifacts;
    } catch (error) {
      if (this.#loaded === undefined && this.#means.isFinal(error)) throw error;
      if (!this.#isStopped) this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#means.report(error);
    this.#means.say(this.#loaded ? 'The app serves on as before' : 'Waiting for a change of the app');
  }
}
