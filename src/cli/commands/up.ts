// `mayfly up`: serves an app until a signal ends it.
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { LockedApp } from '../../app/locked-app.ts';
import type { RuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import { MayflyError } from '../../errors.ts';
import { entryFile } from '../../home.ts';
import type { StartData } from '../../runtime/start-data.ts';
import type { RunningApp, StartOptions } from '../../runtime.ts';
import { logEvent } from '../../telemetry/events.ts';
import { accessLogFormats } from '../access-log.ts';
import { type AdminOptions, openAdmin, openAdminOfWorkers } from '../admin.ts';
import { addFromOption } from '../app-path.ts';
import { buildApp } from '../build/run-builds.ts';
import { collected } from '../collected.ts';
import { openInspector, parseInspect } from '../inspect.ts';
import { collectLimit } from '../limit-option.ts';
import { parseMode, readyToListen } from '../listen-at.ts';
import { both } from '../listeners.ts';
import { logError } from '../log-error.ts';
import {
  collect,
  collectPair,
  collectVariable,
  defaultListen,
  parseBytes,
  parseCount,
  parseCountOrNone,
  parsePort,
  parseShare,
  parseWorkers,
} from '../options.ts';
import { exitWithCommands, printTriggers, stopOnSignals } from '../serve.ts';
import { setUpServingProcess } from '../serving-process.ts';
import { isSet } from '../spin-options.ts';
import { addSpinFlags, type GivenUpOptions, withSpinFlags } from '../spin-up-flags.ts';
import { type Progress, printError, progress, say } from '../ui.ts';
import {
  accessLogOf,
  listenAt,
  lockForWorkers,
  lockToBuild,
  lockToServe,
  resetStrategies,
  runtimeConfigOf,
  startData,
  startOptions,
  type UpOptions,
} from '../up-options.ts';

export function define(command: Command): void {
  command.argument('[app...]', "App, as -f names it; behind '--' arguments for its command trigger");
  defineOptions(command);
  command.action(up);
}

/** The options of `mayfly up`, which `mayfly watch` takes as well. */
export function defineOptions(command: Command): void {
  const { SPIN_LOG_DIR, SPIN_MAX_INSTANCE_MEMORY, RUNTIME_CONFIG_FILE } = process.env;
  const maximumMemory = SPIN_MAX_INSTANCE_MEMORY ? parseCount(SPIN_MAX_INSTANCE_MEMORY) : undefined;
  addFromOption(command, 'Manifest, its folder, a .wasm or source file to serve at /..., or a reference to a registry');
  command
    .option('--profile <name>', 'Profile of the components that counts')
    .option(
      '--listen <address>',
      "Address to listen at; or 'unix:<path>', or 'systemd' for a socket of its",
      defaultListen(),
    )
    .option('--http2', 'Take HTTP/2 without TLS as well, from clients that begin with it')
    .option(
      '--trust-proxy <address>',
      "Address or network of proxies that are believed when they say who asks, or 'unix' (may be repeated)",
      collect,
    )
    .option('--proxy-protocol', 'These proxies speak the PROXY protocol')
    .option('--http-port <port>', 'With TLS: a port beside, whose clients are redirected', parsePort)
    .option('--socket-mode <mode>', "Permissions of a socket with a path, such as '660'", parseMode)
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
    .option(
      '-L, --log-dir <folder>',
      "Where files with what components print are; '' for none (default: logs in --state-dir)",
      SPIN_LOG_DIR,
    )
    .option('--log-max-size <size>', 'Begin a new file from this size on (default: 10MiB)', parseBytes)
    .option('--log-files <count>', 'Older files that are kept of each (default: 5)', parseCountOrNone)
    .addOption(
      new Option('--log-format <format>', 'The log as text for people, or as a JSON object a line')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addOption(
      new Option('--access-log [format]', 'A line for each request (default at a terminal, for this machine)').choices(
        accessLogFormats,
      ),
    )
    .option('--no-access-log', 'No lines for requests')
    .option('-q, --quiet', 'Do not show what components print')
    .addOption(new Option('--reset <strategy>', 'How sandboxes are reset').choices(resetStrategies).default('auto'))
    .option('--workers <count>', "Serve from so many processes; 'auto' for one per processor", parseWorkers)
    .option('--admin <address>', "The operator's port: a dashboard, and /metrics for Prometheus")
    .option(
      '--admin-token <token>',
      'Who has it sees the dashboard (default: anybody on this machine; a new one for an address beyond it)',
      process.env.MAYFLY_ADMIN_TOKEN,
    )
    .option('--leader-lease <name>', 'Lease of Kubernetes: its holder alone runs triggers of which there must be one')
    .option('--limit <key=value>', "A limit for all components, as in the manifest's 'limits'", collectLimit)
    .option('--max-sandboxes <count>', 'Sandboxes of one process at once', parseCount)
    .option(
      '--cache-dir <folder>',
      'Where prepared components are kept (default: mayfly in the cache folder of the user)',
    )
    .option('--no-cache', 'Prepare components afresh, and keep nothing')
    .option('--watch', 'Load programs anew when their files change (default at a terminal)')
    .option('--no-watch', 'Load programs once')
    .option('--dev', 'Answer failed requests with a page that says why (default at a terminal, for this machine)')
    .option('--no-dev', 'Answer failed requests as in production')
    .option('--strict', 'Refuse a manifest that has warnings')
    .option('--inspect [address]', 'Let debuggers step through components (127.0.0.1:9229); no limits of time hold')
    .option('--summary', 'Log what each request used: CPU time, time, memory, host calls')
    .option('--verify-resets', 'Compare every byte of a sandbox after every reset (slow, for finding defects)')
    .option('--record <folder>', 'Write a recording of each request, for mayfly replay')
    .option('--record-share <share>', 'The share of the requests that is recorded, up to 1', parseShare)
    .addOption(new Option('--record-only <which>', 'Keep the recordings of failed requests only').choices(['failures']))
    .option('--record-size <size>', 'The most that one recording holds (default: 16MiB)', parseBytes)
    .option('--record-files <count>', 'Recordings that are kept; the oldest go (default: 1000)', parseCount)
    .option('--record-total <size>', 'Bytes of recordings that are kept; the oldest go (default: 1GiB)', parseBytes)
    .option('--server-timing', "Tell clients how long a request took, in 'server-timing'")
    .option('--verbose', 'Say more');
  addSpinFlags(command);
}

/** Lines of a second that the access log has at a terminal: somebody may try the app under load. */
const MOST_LINES_AT_TERMINAL = 100;

const forOneProcess = [
  ['watch', '--watch'],
  ['dev', '--dev'],
  ['leaderLease', '--leader-lease'],
] as const;

/** A recording is of a program as it was when the app was loaded. */
function checkRecord({ record, watch, inspect, ...others }: UpOptions): void {
  if (record === undefined) {
    for (const name of ['recordShare', 'recordOnly', 'recordSize', 'recordFiles', 'recordTotal'] as const) {
      if (others[name] !== undefined)
        throw new MayflyError('usage', "'--record' names the folder of recordings; it is missing");
    }
  } else if (watch)
    throw new MayflyError('usage', "'--record' is for programs that stay as they are: leave out '--watch'");
  else if (inspect !== undefined) throw new MayflyError('usage', "'--record' does not go with '--inspect'");
}

async function up(operands: readonly string[], upOptions: GivenUpOptions): Promise<void> {
  const { app, given } = operandsOf(operands, process.argv);
  // Mistakes of the command line are reported before anything is built.
  if (app !== undefined && upOptions.from !== undefined) {
    throw new MayflyError('usage', `The app is named twice: by "${app}" and by '-f ${upOptions.from}'`);
  }
  const withFlags = await withSpinFlags({ ...upOptions, ...(app !== undefined && { from: app }) });
  const options: UpOptions = { ...withFlags, arguments: given };
  checkInspect(options);
  checkRecord(options);
  for (const [name, flag] of forOneProcess) {
    if (!options[name] || options.workers === undefined) continue;
    throw new MayflyError('usage', `'${flag}' is for one process: leave out '--workers'`);
  }
  const data = startData(options);
  const runtimeConfig = runtimeConfigOf(options);
  if (options.build ?? isSet(process.env.SPIN_ALWAYS_BUILD)) await buildChanged(options);
  const lock = options.workers === undefined ? lockToServe : lockForWorkers;
  const locked = await lock(options, runtimeConfig);
  if (given.length > 0 && !hasCommands(locked)) {
    throw new MayflyError('usage', `Only a command trigger takes arguments, and the app has none: ${given.join(' ')}`);
  }
  const loading = options.logFormat === 'json' ? { done() {} } : progress(`Loading ${locked.name}`);
  try {
    const start: Start = { locked, options, runtimeConfig, data, loading };
    if (options.workers === undefined) await serveHere(start);
    else await serveFromWorkers(forWorkers(start));
  } finally {
    loading.done();
  }
}

/** Tells the app, which stands before `--`, from the arguments for its command, which stand behind it. */
export function operandsOf(
  operands: readonly string[],
  argv: readonly string[],
): { readonly app: string | undefined; readonly given: readonly string[] } {
  const dashes = argv.indexOf('--');
  const behind = dashes < 0 ? 0 : argv.length - dashes - 1;
  const [app, ...more] = operands.slice(0, operands.length - behind);
  if (more.length > 0) {
    throw new MayflyError('usage', `Too many arguments: ${more.join(' ')}`, {
      hint: "One app is named, and arguments for its command stand behind '--'",
    });
  }
  return { app, given: operands.slice(operands.length - behind) };
}

function checkInspect({ inspect, workers }: UpOptions): void {
  if (inspect === undefined) return;
  parseInspect(inspect);
  if (workers !== undefined) throw new MayflyError('usage', "'--inspect' is for one process: leave out '--workers'");
}

interface Start {
  readonly locked: LockedApp;
  readonly options: UpOptions;
  readonly runtimeConfig: RuntimeConfig;
  readonly data: StartData;
  readonly loading: Progress;
}

/** Refuses an app with commands, which run once, and one whose WebSockets are to find one another. */
function forWorkers(start: Start): Start {
  const { locked } = start;
  if (hasCommands(locked)) {
    throw new MayflyError('usage', "An app with a command trigger runs in one process: leave '--workers' out");
  }
  if (locked.triggers.some(({ type }) => type === 'websocket')) {
    throw new MayflyError('usage', "An app with WebSockets runs in one process: leave '--workers' out", {
      hint: 'Ids, state and topics of connections are those of one process',
    });
  }
  return start;
}

export function hasCommands({ triggers }: LockedApp): boolean {
  return triggers.some(({ type }) => type === 'command');
}

async function serveHere({ locked, options, runtimeConfig, data, loading }: Start): Promise<void> {
  setUpServingProcess();
  const { startApp, describeTriggersAsData, sharing } = await import('../../runtime.ts');
  const plain = startOptions(options, runtimeConfig);
  const dev = isDeveloping(options, plain);
  const onRequest = plain.onRequest ?? (dev ? accessLogAtTerminal(options) : undefined);
  const start = await collected({ ...plain, onRequest }, locked);
  if (options.inspect !== undefined) await openInspector(options.inspect, start.log);
  const watching = isWatched(locked, options) ? await import('../watch/watch-programs.ts') : undefined;
  const entries = programsOf(locked);
  let newer: MayflyError | undefined;
  const told = {
    say,
    report(error: unknown) {
      newer = error instanceof MayflyError ? error : undefined;
      reportError(options, error);
    },
    loaded() {
      newer = undefined;
    },
  };
  const forDevelopers = { dev, newerFailure: () => newer };
  const isWorker = options.leaderLease !== undefined;
  let running: RunningApp | undefined;
  const admin =
    options.admin === undefined
      ? undefined
      : await openAdmin(adminOptions(options, options.admin), locked, () => running, start.log);
  const given = sharing(locked).listens ? await readyToListen(listenAt(options)) : undefined;
  const startNow = (): Promise<RunningApp> =>
    startApp(locked, {
      ...start,
      listen: { ...start.listen, ...given },
      ...data,
      ...forDevelopers,
      onRequest: both(start.onRequest, admin?.onRequest),
      log: admin?.log ?? start.log,
      isWorker,
      reloadable: watching !== undefined,
    });
  const watched = await watching?.startWatched(entries, startNow, told);
  const app = watched?.app ?? (await startNow());
  running = app;
  loading.done();
  const { log } = start;
  const asEvent = (text: string): void => logEvent(log, 'app-stopping', {}, text);
  const leader = options.leaderLease === undefined ? undefined : await import('../kube/leader.ts');
  const election = leader?.runForLease(app, options.leaderLease ?? '', log);
  // Another pod may lead when nothing of this one is in flight any more.
  const served = election ? { stop: () => app.stop().then(() => election.close()) } : app;
  stopOnSignals(served, options.logFormat === 'json' ? asEvent : undefined);
  printTriggers(options, app.lines, () => describeTriggersAsData(locked, app.url));
  exitWithCommands(app);
  if (watched) void watching?.reloadPrograms(watched, entries, told);
}

function reportError({ logFormat, verbose = false }: UpOptions, error: unknown): void {
  if (logFormat === 'json') logError(error);
  else printError(error, verbose);
}

/** Whether clients get pages that say why their requests failed: not by default where others than this machine's reach the app. */
function isDeveloping({ dev, workers }: UpOptions, { listen }: StartOptions): boolean {
  const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(listen.host);
  return dev ?? (process.stderr.isTTY === true && isLocal && workers === undefined);
}

function adminOptions({ adminToken, record, from }: UpOptions, address: string): AdminOptions {
  const recorded = record === undefined ? undefined : { folder: resolve(record), from: resolve(from) };
  return { address, token: adminToken, recorded };
}

/** The access log that nobody asked for, and nobody refused. */
function accessLogAtTerminal(options: UpOptions): StartOptions['onRequest'] {
  const isWanted = options.accessLog !== false && !options.quiet && process.stderr.isTTY;
  return isWanted ? accessLogOf(options, MOST_LINES_AT_TERMINAL) : undefined;
}

/** The files with which the programs of an app begin. */
function programsOf({ components }: LockedApp): string[] {
  return components.flatMap(({ script }) => (script && !script.modules ? [script.entry] : []));
}

/** Whether programs are loaded anew when their files change. */
function isWatched(locked: LockedApp, { watch, inspect, record }: UpOptions): boolean {
  const hasFiles = programsOf(locked).length > 0;
  if (watch && !hasFiles) {
    throw new MayflyError('usage', "'--watch' is for apps that are source files", {
      hint: "'mayfly watch' builds others, and starts them anew",
    });
  }
  return hasFiles && (watch ?? (process.stderr.isTTY === true && inspect === undefined && record === undefined));
}

async function serveFromWorkers({ locked, options, runtimeConfig, data, loading }: Start): Promise<void> {
  const [
    { runWorkers },
    { followSignals },
    { describeTriggers, describeTriggersAsData, sharing },
    { applyLastingData },
  ] = await Promise.all([
    import('../../workers/pool.ts'),
    import('../../workers/signals.ts'),
    import('../../runtime.ts'),
    import('../../runtime/start-data.ts'),
  ]);
  await applyLastingData(data, runtimeConfig);
  const { log } = startOptions(options, runtimeConfig);
  const { needsLeader, listens } = sharing(locked);
  const entry = entryFile('cli/worker');
  const pool = await runWorkers({
    count: options.workers ?? 1,
    entry,
    args: [JSON.stringify(options)],
    listen: listens ? listenAt(options) : undefined,
    needsLeader,
    log,
  });
  if (options.admin !== undefined) await openAdminOfWorkers(options.admin, pool, log);
  loading.done();
  const lines = await describeTriggers(locked, pool.url, { variables: options.variable ?? {}, runtimeConfig });
  printTriggers(options, lines, () => describeTriggersAsData(locked, pool.url));
  await followSignals(pool, log);
}

async function buildChanged(options: UpOptions): Promise<void> {
  const unbuilt = await lockToBuild(options);
  if (!unbuilt.components.some((component) => component.build)) return;
  await buildApp(unbuilt, { only: [], skipUnchanged: true, output: 'stderr' });
}
