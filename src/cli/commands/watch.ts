// `mayfly watch`: builds and serves an app, and does so again whenever its files change, without dropping a request.
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { LockedApp } from '../../app/locked-app.ts';
import { findOrigin } from '../../app/manifest/read.ts';
import { MayflyError } from '../../errors.ts';
import { entryFile } from '../../home.ts';
import type { StartData } from '../../runtime/start-data.ts';
import type { WorkerPool } from '../../workers/pool-options.ts';
import { addFromOption, appPath } from '../app-path.ts';
import { buildApp } from '../build/run-builds.ts';
import { logError } from '../log-error.ts';
import { printTriggers } from '../serve.ts';
import { type GivenUpOptions, withSpinFlags } from '../spin-up-flags.ts';
import { clearScreen, printError, progress, say } from '../ui.ts';
import {
  listenAt,
  lockForWorkers,
  lockToBuild,
  runtimeConfigOf,
  startData,
  startOptions,
  type UpOptions,
} from '../up-options.ts';
import { type Means, RebuildLoop } from '../watch/rebuild-loop.ts';
import { readWatchList } from '../watch/watch-list.ts';
import { Watcher } from '../watch/watcher.ts';
import { defineOptions, hasCommands } from './up.ts';

interface Options {
  readonly from?: string;
  readonly clear?: boolean;
  readonly debounce: number;
  readonly skipBuild?: boolean;
  readonly poll?: boolean;
}

export function define(command: Command): void {
  addFromOption(command)
    .argument('[up-args...]', "Options of 'mayfly up', which watch takes as well")
    .allowUnknownOption()
    .option('-c, --clear', 'Clear the screen before each build or start')
    .option('-d, --debounce <ms>', 'Milliseconds from a change to what it leads to', parseDebounce, 100)
    .option('--skip-build', 'Build nothing; start the app again when what it is made of changes')
    .option('--poll', 'Compare files twice a second, where the system does not tell of changes')
    .action(watch);
}

function parseDebounce(text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new MayflyError('usage', `"${text}" is not a time in milliseconds`);
}

async function watch(upArgs: string[], options: Options): Promise<void> {
  const origin = findOrigin(appPath(options.from));
  if (origin.kind !== 'manifest') throw new MayflyError('usage', "'mayfly watch' needs a manifest");
  const manifest = resolve(origin.file);
  const up = await withSpinFlags(parseUp(['--from', manifest, ...upArgs]));
  if (up.inspect !== undefined) {
    throw new MayflyError('usage', "'--inspect' is for one process, and 'mayfly watch' starts new ones", {
      hint: "Use 'mayfly up --inspect'",
    });
  }
  const { clear = false, skipBuild = false, poll = false } = options;
  const readList = () => readWatchList(manifest, { skipBuild, profile: up.profile });
  const onPolling = (reason: string): void => say(`Files are compared twice a second, since watching fails: ${reason}`);
  const list = await readList();
  const watcher = new Watcher(list, { debounceMs: options.debounce, poll, onPolling });
  const app = new WatchedApp(up);
  const loop = new RebuildLoop(list, watcher, {
    readList,
    build: skipBuild ? undefined : (abort) => build(up, abort),
    start: ({ manifest: isNew }) => app.start(isNew),
    isFinal: (error) => error instanceof MayflyError && ['listen-failed', 'usage'].includes(error.code),
    clear: () => clear && clearScreen(),
    say,
    report: (error) => (up.logFormat === 'json' ? logError(error) : printError(error, up.verbose ?? false)),
  } satisfies Means);
  const stop = (): void => {
    loop.stop();
    app.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  if (clear) clearScreen();
  try {
    await loop.run();
  } finally {
    watcher.close();
  }
}

/** Reads options of `mayfly up`. */
function parseUp(args: readonly string[]): GivenUpOptions {
  const command = new Command('up').exitOverride().configureOutput({ outputError: () => {}, writeErr: () => {} });
  defineOptions(command);
  return command.parse([...args], { from: 'user' }).opts();
}

async function build(up: UpOptions, abort: AbortSignal): Promise<void> {
  const app = await lockToBuild(up);
  // A program runs as it is: what its build makes is for others.
  const only = app.components.filter((component) => component.build && !component.script).map(({ id }) => id);
  if (only.length > 0) await buildApp(app, { only, skipUnchanged: true, output: 'stderr', abort });
}

/** The app in worker processes, which are swapped for new ones: those answer before the old ones stop. */
class WatchedApp {
  readonly #options: UpOptions;
  #pool: WorkerPool | undefined;
  #isStopped = false;

  constructor(options: UpOptions) {
    this.#options = options;
  }

  async start(isNewManifest: boolean): Promise<void> {
    const started = performance.now();
    if (this.#pool === undefined) {
      await this.#startFirst();
      return;
    }
    if (isNewManifest) refuseCommands(await lockForWorkers(this.#options, runtimeConfigOf(this.#options)));
    await this.#pool.swap();
    say(`The new version serves, ${Math.round(performance.now() - started)} ms later`);
    if (isNewManifest) await this.#describe(this.#pool);
  }

  /** Lets the requests in flight finish. A second call ends them. */
  stop(): void {
    if (this.#isStopped) this.#pool?.kill();
    else void this.#pool?.stop();
    this.#isStopped = true;
  }

  async #startFirst(): Promise<void> {
    const loading = progress('Loading');
    try {
      const config = runtimeConfigOf(this.#options);
      const [{ runWorkers }, { applyLastingData }, { sharing }] = await Promise.all([
        import('../../workers/pool.ts'),
        import('../../runtime/start-data.ts'),
        import('../../runtime.ts'),
      ]);
      const data: StartData = startData(this.#options);
      const locked = await lockForWorkers(this.#options, config);
      refuseCommands(locked);
      const { needsLeader, listens } = sharing(locked);
      await applyLastingData(data, config);
      const { log } = startOptions(this.#options, config);
      const entry = entryFile('cli/worker');
      const args = [JSON.stringify(this.#options)];
      const pool = await runWorkers({
        count: this.#options.workers ?? 1,
        entry,
        args,
        listen: listens ? listenAt(this.#options) : undefined,
        needsLeader,
        log,
        standby: true,
      });
      if (this.#isStopped) await pool.stop();
      this.#pool = pool;
    } finally {
      loading.done();
    }
    await this.#describe(this.#pool);
  }

  async #describe({ url }: WorkerPool): Promise<void> {
    const { describeTriggers, describeTriggersAsData } = await import('../../runtime.ts');
    const runtimeConfig = runtimeConfigOf(this.#options);
    const locked = await lockForWorkers(this.#options, runtimeConfig);
    const lines = await describeTriggers(locked, url, { variables: this.#options.variable ?? {}, runtimeConfig });
    printTriggers(this.#options, lines, () => describeTriggersAsData(locked, url));
  }
}

function refuseCommands(locked: LockedApp): void {
  if (!hasCommands(locked)) return;
  throw new MayflyError('usage', "'mayfly watch' serves no app with a command trigger, which ends by itself", {
    hint: "Run it with 'mayfly up --build'",
  });
}
