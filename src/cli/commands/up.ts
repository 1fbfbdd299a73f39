// `mayfly up`: serves an app until a signal ends it.
import { type Command, Option } from 'commander';
import { lockApp } from '../../app/lock.ts';
import type { LockedApp } from '../../app/locked-app.ts';
import { buildApp } from '../build/run-builds.ts';
import { collectLimit } from '../limit-option.ts';
import { collectPair, collectVariable, parseCount, parseListen, parseWorkers } from '../options.ts';
import { printLines, stopOnSignals } from '../serve.ts';
import { setUpServingProcess } from '../serving-process.ts';
import { type Progress, progress } from '../ui.ts';
import { resetStrategies, startOptions, type UpOptions } from '../up-options.ts';

export function define(command: Command): void {
  const { SPIN_HTTP_LISTEN_ADDR, SPIN_LOG_DIR } = process.env;
  command
    .option('-f, --from <path>', 'Manifest, the folder of one, or a .wasm file to serve at /...', '.')
    .option('--listen <address>', 'Address to listen at', SPIN_HTTP_LISTEN_ADDR || '127.0.0.1:3000')
    .option('-e, --env <key=value>', 'Environment variable for all components (may be repeated)', collectPair)
    .option('--variable <key=value>', 'Value of an app variable, or KEY=@file (may be repeated)', collectVariable)
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

async function up(options: UpOptions): Promise<void> {
  // Mistakes of the command line are reported before anything is built.
  parseListen(options.listen);
  if (options.build ?? Boolean(process.env.SPIN_ALWAYS_BUILD)) await buildChanged(options.from);
  const locked = await lockApp(options.from);
  const loading = progress(`Loading ${locked.name}`);
  try {
    if (options.workers === undefined) await serveHere(locked, options, loading);
    else await serveFromWorkers(locked, options, loading);
  } finally {
    loading.done();
  }
}

async function serveHere(locked: LockedApp, options: UpOptions, loading: Progress): Promise<void> {
  setUpServingProcess();
  const { startApp } = await import('../../runtime.ts');
  const app = await startApp(locked, startOptions(options));
  loading.done();
  stopOnSignals(app);
  printLines(app.lines);
}

async function serveFromWorkers(locked: LockedApp, options: UpOptions, loading: Progress): Promise<void> {
  const [{ runWorkers }, { followSignals }, { describeTriggers }] = await Promise.all([
    import('../../workers/pool.ts'),
    import('../../workers/signals.ts'),
    import('../../runtime.ts'),
  ]);
  const { log, listen } = startOptions(options);
  const entry = new URL('../worker.ts', import.meta.url);
  const pool = await runWorkers({ count: options.workers ?? 1, entry, args: [JSON.stringify(options)], listen, log });
  loading.done();
  printLines(describeTriggers(locked, pool.url));
  await followSignals(pool, log);
}

async function buildChanged(from: string): Promise<void> {
  const unbuilt = await lockApp(from, { purpose: 'build' });
  if (!unbuilt.components.some((component) => component.build)) return;
  await buildApp(unbuilt, { only: [], skipUnchanged: true, output: 'stderr' });
}
