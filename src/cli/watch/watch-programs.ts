// Loads the programs of a running app anew whenever one of their files changes, within the process: requests that come then
// get the new code, those under way end with the old one.
import { type ErrorCode, MayflyError } from '../../errors.ts';
import type { RunningApp } from '../../runtime.ts';
import { programFiles } from './program-files.ts';
import type { WatchList } from './watched.ts';
import { Watcher } from './watcher.ts';

/** Milliseconds of quiet after a change: an editor writes a file in several steps. */
const DEBOUNCE_MS = 15;

export interface Told {
  say(text: string): void;
  /** Why a version cannot be loaded. */
  report(error: unknown): void;
  /** What is there now is what the files are. */
  loaded(): void;
}

/** An app and what tells of changes since it began to be loaded. */
export interface Watched<App> {
  readonly app: App;
  readonly watcher: Watcher;
}

const ofPrograms: readonly ErrorCode[] = ['script-invalid', 'script-failed'];

/**
 * Starts an app. While one of its programs cannot be loaded, this waits for a change of the files and tries again. `entries`
 * are the absolute paths of the programs.
 */
export async function startWatched<App>(
  entries: readonly string[],
  start: () => Promise<App>,
  told: Told,
): Promise<Watched<App>> {
  const watcher = watch(programFiles(entries, [], true), told);
  for (;;) {
    try {
      const app = await start();
      told.loaded();
      return { app, watcher };
    } catch (error) {
      if (!(error instanceof MayflyError && ofPrograms.includes(error.code))) {
        watcher.close();
        throw error;
      }
      told.report(error);
      told.say('Waiting for a change of the program');
      await watcher.changed();
    }
  }
}

/** Loads programs anew as they change, until the process ends. */
export async function reloadPrograms(
  { app: { sources }, watcher }: Watched<Pick<RunningApp, 'sources'>>,
  entries: readonly string[],
  told: Told,
): Promise<never> {
  const follow = (isBroken: boolean): void => {
    const files = sources.flatMap((source) => source.files());
    watcher.follow(programFiles(entries, files, isBroken));
  };
  follow(false);
  for (;;) {
    await watcher.changed();
    const started = performance.now();
    let isBroken = false;
    try {
      for (const source of sources) await source.reload();
      told.loaded();
      told.say(`The new version serves, ${Math.round(performance.now() - started)} ms later`);
    } catch (error) {
      isBroken = true;
      told.report(error);
      told.say('The app serves on as before');
    }
    follow(isBroken);
  }
}

function watch(list: WatchList, { say }: Told): Watcher {
  const onPolling = (reason: string): void => say(`Files are compared twice a second, since watching fails: ${reason}`);
  return new Watcher(list, { debounceMs: DEBOUNCE_MS, onPolling });
}
