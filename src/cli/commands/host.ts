// `mayfly host`: serves many apps from one process, each loaded when it is first called and let go when it is idle.
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type ListedApp, readAppsFile } from '../../app/apps-file.ts';
import { lockApp } from '../../app/lock.ts';
import { readRuntimeConfig } from '../../app/runtime-config/read.ts';
import { createEngine } from '../../runtime/engine.ts';
import { HostedApps, type HostedSource } from '../../runtime/hosted-apps.ts';
import { withMaximumMemory } from '../../runtime/limits.ts';
import { listenForApps } from '../../runtime/listen-for-apps.ts';
import { loadApp } from '../../runtime.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { createLog } from '../log.ts';
import { defaultListen, parseCount, parseListen, parseSeconds } from '../options.ts';
import { addInsecureOption } from '../registry/options.ts';
import { pullApp } from '../registry/pulled-app.ts';
import { namesPulledApp } from '../registry/pulled-from.ts';
import { stopOnSignals } from '../serve.ts';
import { setUpServingProcess } from '../serving-process.ts';
import { paint, print, printError, say } from '../ui.ts';
import { cacheFolder } from '../up-options.ts';

/** Milliseconds between two looks at the list: a file that a ConfigMap mounts changes by a link that is put in its place. */
const LOOK_MS = 2000;

interface Options {
  readonly listen: string;
  readonly idle: number;
  readonly maxLoaded: number;
  readonly maxSandboxes?: number;
  readonly maxInstanceMemory?: number;
  readonly cacheDir?: string;
  readonly logFormat: 'text' | 'json';
  readonly insecure?: boolean;
  readonly requireSignature?: string;
  readonly verbose?: boolean;
}

export function define(command: Command): void {
  command
    .argument('<file>', 'List of apps: [[app]] tables with host and from')
    .option('--listen <address>', 'Address to listen at', defaultListen())
    .option('--idle <time>', 'How long an app stays loaded when nobody calls it', parseSeconds, 300_000)
    .option('--max-loaded <count>', 'The most apps that stay loaded', parseCount, 200)
    .option('--max-sandboxes <count>', 'Sandboxes of all apps at once', parseCount)
    .option('--max-instance-memory <bytes>', 'The most memory of a sandbox', parseCount)
    .option('--require-signature <key>', 'Serve apps of registries only with a signature of this public key')
    .option(
      '--cache-dir <folder>',
      'Where what is prepared and pulled is kept (default: mayfly in the cache folder of the user)',
    )
    .addOption(
      new Option('--log-format <format>', 'The log as text for people, or as a JSON object a line')
        .choices(['text', 'json'])
        .default('text'),
    )
    .option('--verbose', 'Say more');
  addInsecureOption(command).action(host);
}

async function host(file: string, options: Options): Promise<void> {
  const listed = readAppsFile(file);
  const folder = dirname(resolve(file));
  setUpServingProcess();
  const { verbose = false, logFormat: format, idle: idleMs, maxLoaded: mostLoaded } = options;
  const log = createLog({ verbose, quiet: false, directory: undefined, format, write: say, paint });
  const cacheDirectory = cacheFolder(options.cacheDir);
  const engine = createEngine({ cacheDirectory, maximumSandboxes: options.maxSandboxes });
  const apps = new HostedApps({ log, idleMs, mostLoaded });
  const open =
    (app: ListedApp): HostedSource['open'] =>
    async () => {
      const locked = withMaximumMemory(await lockListed(app, folder, options), options.maxInstanceMemory);
      return loadApp(locked, engine, {
        log: log.child({ app: app.host }),
        variables: app.variables,
        environment: {},
        runtimeConfig: configOf(app, folder),
      });
    };
  const set = (list: readonly ListedApp[]): void =>
    apps.set(new Map(list.map((app) => [app.host, { version: JSON.stringify(app), open: open(app) }])));
  set(listed);
  const server = await listenForApps(apps, parseListen(options.listen));
  const looking = look(file, set, log);
  print(`Serving ${listed.length} apps at http://${server.authority}`);
  stopOnSignals({
    async stop() {
      clearInterval(looking);
      await server.stop();
      await apps.close();
    },
  });
}

/** Reads the list again when it changes; one with mistakes is told of, and the one before stays. */
function look(file: string, set: (list: readonly ListedApp[]) => void, log: Logger): NodeJS.Timeout {
  const stateOf = (): string => {
    const { ino, size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
    return [ino, size, mtimeMs].join(' ');
  };
  let state = stateOf();
  return setInterval(() => {
    const now = stateOf();
    if (now === state) return;
    state = now;
    try {
      const list = readAppsFile(file);
      set(list);
      logEvent(
        log,
        'hosted-apps-changed',
        { count: list.length },
        `The list of apps changed: there are ${list.length}`,
      );
    } catch (error) {
      printError(error, false);
    }
  }, LOOK_MS);
}

async function lockListed({ from }: ListedApp, folder: string, options: Options): ReturnType<typeof lockApp> {
  const path = resolve(folder, from);
  if (existsSync(path) || !namesPulledApp(from)) return lockApp(path);
  const { insecure, requireSignature } = options;
  const pulled = await pullApp(from, { insecure, requireSignature, cacheDirectory: cacheFolder(options.cacheDir) });
  return lockApp(pulled.path);
}

function configOf({ runtimeConfig }: ListedApp, folder: string): ReturnType<typeof readRuntimeConfig> {
  return readRuntimeConfig({ file: runtimeConfig === undefined ? undefined : resolve(folder, runtimeConfig) });
}
