// `mayfly up`: serves an app until a signal ends it.
import { type Command, Option } from 'commander';
import { lockApp } from '../../app/lock.ts';
import type { LockedApp } from '../../app/locked-app.ts';
import { buildApp } from '../build/run-builds.ts';
import { createLog } from '../log.ts';
import { collectPair, collectVariable, parseListen } from '../options.ts';
import { printRoutes, stopOnSignals } from '../serve.ts';
import { paint, progress, say } from '../ui.ts';

const resetStrategies = ['auto', 'scan', 'madvise', 'copy'] as const;

interface Options {
  readonly from: string;
  readonly listen: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly variable?: Readonly<Record<string, string>>;
  readonly build?: boolean;
  readonly quiet?: boolean;
  readonly logDir?: string;
  readonly reset: (typeof resetStrategies)[number];
  readonly verbose?: boolean;
  readonly summary?: boolean;
  readonly serverTiming?: boolean;
}

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
    .option('--summary', 'Log what each request used')
    .option('--server-timing', "Tell clients how long a request took, in 'server-timing'")
    .option('--verbose', 'Say more')
    .action(up);
}

async function up(options: Options): Promise<void> {
  const listen = parseListen(options.listen);
  const { verbose = false, quiet = false, logDir, summary = false, serverTiming = false } = options;
  const locked = await lock(options);
  const log = createLog({ verbose, quiet, directory: logDir || undefined, write: say, paint });
  const loading = progress(`Loading ${locked.name}`);
  try {
    const { startApp } = await import('../../runtime.ts');
    const app = await startApp(locked, {
      log,
      variables: options.variable ?? {},
      environment: options.env ?? {},
      listen,
      reset: options.reset,
      summary,
      serverTiming,
    });
    loading.done();
    stopOnSignals(app);
    printRoutes(app);
  } finally {
    loading.done();
  }
}

async function lock({ from, build = Boolean(process.env.SPIN_ALWAYS_BUILD) }: Options): Promise<LockedApp> {
  if (build) {
    const unbuilt = await lockApp(from, { purpose: 'build' });
    if (unbuilt.components.some((component) => component.build)) {
      await buildApp(unbuilt, { only: [], skipUnchanged: true, output: 'stderr' });
    }
  }
  return lockApp(from);
}
