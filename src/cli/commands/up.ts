// `mayfly up`: serves an app until a signal ends it.
import { type Command, Option } from 'commander';
import { lockApp } from '../../app/lock.ts';
import type { LockedApp } from '../../app/locked-app.ts';
import type { RuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import { MayflyError } from '../../errors.ts';
import type { StartData } from '../../runtime/start-data.ts';
import { buildApp } from '../build/run-builds.ts';
import { collectLimit } from '../limit-option.ts';
import { collect, collectPair, collectVariable, parseCount, parseListen, parseWorkers } from '../options.ts';
import { exitWithCommands, printLines, stopOnSignals } from '../serve.ts';
import { setUpServingProcess } from '../serving-process.ts';
import { type Progress, progress } from '../ui.ts';
import { resetStrategies, runtimeConfigOf, startData, startOptions, type UpOptions } from '../up-options.ts';

export function define(command: Command): void {
  const { SPIN_HTTP_LISTEN_ADDR, SPIN_LOG_DIR, SPIN_MAX_INSTANCE_MEMORY, RUNTIME_CONFIG_FILE } = process.env;
  const maximumMemory = SPIN_MAX_INSTANCE_MEMORY ? parseCount(SPIN_MAX_INSTANCE_MEMORY) : undefined;
  command
    .argument('[arguments...]', "Arguments for the app's command trigger, after '--'")
    .option('-f, --from <path>', 'Manifest, the folder of one, or a .wasm file to serve at /...', '.')
    .option('--listen <address>', 'Address to listen at', SPIN_HTTP_LISTEN_ADDR || '127.0.0.1:3000')
    .option('-e, --env <key=value>', 'Environment variable for all components (may be repeated)', collectPair)
    .option('--variable <key=value>', 'Value of an app variable, or KEY=@file (may be repeated)', collectVariable)
    .option(
      '--runtime-config-file <file>',
      'Stores, databases, providers of variables and limits of this place',
      RUNTIME_CONFIG_FILE,
    )
    .option('--state-dir <folder>', "Where data are kept; '' for in memory (default: .spin beside the manifest)")
    .option('--key-value <key=value>', 'Put into the key-value store "default" first (may be repeated)', collectPair)
    .option('--sqlite <statement>', 'Run in a database first, or @file[:label] (may be repeated)', collect)
    .option('--max-instance-memory <bytes>', 'The most memory of a sandbox', parseCount, maximumMemory)
    .option('--experimental-wasi-otel', 'Let guests send telemetry to the collector of OTEL_EXPORTER_OTLP_ENDPOINT')
    .option('--build', 'Build what has changed first')
    .option('-L, --log-dir <folder>', 'Also write what components print to files in this folder', SPIN_LOG_DIR)
    .option('-q, --quiet', 'Do not show what components print')
    .addOption(new Option('--reset <strategy>', 'How sandboxes are reset').choices(resetStrategies).default('auto'))
    .option('--workers <count>', "Serve from so many processes; 'auto' for one per processor", parseWorkers)
    .option('--limit <key=value>', "A limit for all components, as in the manifest's 'limits'", collectLimit)
    .option('--max-sandboxes <count>', 'Sandboxes of one process at once', parseCount)
    .option(
      '--cache-dir <folder>',
      'Where prepared components are kept (default: mayfly in the cache folder of the user)',
    )
    .option('--no-cache', 'Prepare components afresh, and keep nothing')
    .option('--summary', 'Log what each request used: CPU time, time, memory, host calls')
    .option('--verify-resets', 'Compare every byte of a sandbox after every reset (slow, for finding defects)')
    .option('--server-timing', "Tell clients how long a request took, in 'server-timing'")
    .option('--verbose', 'Say more')
    .action(up);
}

async function up(given: readonly string[], upOptions: UpOptions): Promise<void> {
  const options: UpOptions = { ...upOptions, arguments: given };
  // Mistakes of the command line are reported before anything is built.
  if (given.length > 0 && !process.argv.includes('--')) {
    throw new MayflyError('usage', `Too many arguments: ${given.join(' ')}`, {
      hint: "An app is named by '-f', and arguments for its command stand behind '--'",
    });
  }
  parseListen(options.listen);
  const data = startData(options);
  const runtimeConfig = runtimeConfigOf(options);
  if (options.build ?? Boolean(process.env.SPIN_ALWAYS_BUILD)) await buildChanged(options.from);
  const locked = await lockApp(options.from, { runtimeConfig });
  if (given.length > 0 && !hasCommands(locked)) {
    throw new MayflyError('usage', `Only a command trigger takes arguments, and the app has none: ${given.join(' ')}`);
  }
  const loading = progress(`Loading ${locked.name}`);
  try {
    const start: Start = { locked, options, runtimeConfig, data, loading };
    if (options.workers === undefined) await serveHere(start);
    else await serveFromWorkers(withoutCommands(start));
  } finally {
    loading.done();
  }
}

interface Start {
  readonly locked: LockedApp;
  readonly options: UpOptions;
  readonly runtimeConfig: RuntimeConfig;
  readonly data: StartData;
  readonly loading: Progress;
}

/** Refuses an app with commands, which run once: there is nothing for several processes to do. */
function withoutCommands(start: Start): Start {
  if (!hasCommands(start.locked)) return start;
  throw new MayflyError('usage', "An app with a command trigger runs in one process: leave '--workers' out");
}

function hasCommands({ triggers }: LockedApp): boolean {
  return triggers.some(({ type }) => type === 'command');
}

async function serveHere({ locked, options, runtimeConfig, data, loading }: Start): Promise<void> {
  setUpServingProcess();
  const { startApp } = await import('../../runtime.ts');
  const app = await startApp(locked, { ...startOptions(options, runtimeConfig), ...data });
  loading.done();
  stopOnSignals(app);
  printLines(app.lines);
  exitWithCommands(app);
}

async function serveFromWorkers({ locked, options, runtimeConfig, data, loading }: Start): Promise<void> {
  const [{ runWorkers }, { followSignals }, { describeTriggers, sharing }, { applyLastingData }] = await Promise.all([
    import('../../workers/pool.ts'),
    import('../../workers/signals.ts'),
    import('../../runtime.ts'),
    import('../../runtime/start-data.ts'),
  ]);
  await applyLastingData(data, runtimeConfig);
  const { log, listen } = startOptions(options, runtimeConfig);
  const { needsLeader, listens } = sharing(locked);
  const entry = new URL('../worker.ts', import.meta.url);
  const pool = await runWorkers({
    count: options.workers ?? 1,
    entry,
    args: [JSON.stringify(options)],
    listen: listens ? listen : undefined,
    needsLeader,
    log,
  });
  loading.done();
  printLines(describeTriggers(locked, pool.url));
  await followSignals(pool, log);
}

async function buildChanged(from: string): Promise<void> {
  const unbuilt = await lockApp(from, { purpose: 'build' });
  if (!unbuilt.components.some((component) => component.build)) return;
  await buildApp(unbuilt, { only: [], skipUnchanged: true, output: 'stderr' });
}
