// Loads the programs of a running app anew whenever one of their files changes, within the process: requests that come then
// get the new code, those under way end with the old one.
import { dirname } from 'node:path';
import type { RunningApp } from '../../runtime.ts';
import type { WatchList } from './watch-list.ts';
import { Watcher } from './watcher.ts';

/** Milliseconds of quiet after a change: an editor writes a file in several steps. */
const DEBOUNCE_MS = 15;

/** Files beside those of a program that one of its next versions may import. */
const LIKELY = '*.{ts,tsx,mts,js,jsx,mjs,cjs,json,txt,html,md,sql,css}';

export interface Told {
  say(text: string): void;
  report(error: unknown): void;
}

/** Watches until the function that it returns is called. */
export function watchPrograms({ sources }: Pick<RunningApp, 'sources'>, { say, report }: Told): () => void {
  const onPolling = (reason: string): void => say(`Files are compared twice a second, since watching fails: ${reason}`);
  const watcher = new Watcher(listOf(sources), { debounceMs: DEBOUNCE_MS, onPolling });
  let isOver = false;
  const run = async (): Promise<void> => {
    for (;;) {
      await watcher.changed();
      if (isOver) return;
      const started = performance.now();
      try {
        for (const source of sources) await source.reload();
        say(`The new version serves, ${Math.round(performance.now() - started)} ms later`);
      } catch (error) {
        report(error);
        say('The app serves on as before');
      }
      if (!isOver) watcher.list = listOf(sources);
    }
  };
  void run();
  return () => {
    isOver = true;
    watcher.close();
  };
}

/** The files of the programs, and what lies beside them: a missing file that is made mends an import. */
function listOf(sources: RunningApp['sources']): WatchList {
  const files = sources.flatMap((source) => source.files()).filter((file) => !file.includes('/node_modules/'));
  const folders = new Set(files.map((file) => dirname(file)));
  const likely = [...folders].map((folder) => ({ folder, pattern: LIKELY }));
  const named = files.map((file) => ({ folder: dirname(file), pattern: file }));
  // There is always one: an app whose programs have no files is not watched.
  return { sources: [...named, ...likely], artifacts: [], manifest: files[0] ?? '' };
}
