// The options of `mayfly up`, as the command and its workers share them, and what they mean for the runtime.
import { dirname, join, resolve } from 'node:path';
import { lockApp } from '../app/lock.ts';
import type { LockedApp } from '../app/locked-app.ts';
import { findOrigin } from '../app/manifest/read.ts';
import { retainComponents } from '../app/retain-components.ts';
import { readRuntimeConfig } from '../app/runtime-config/read.ts';
import { defaultLogDirectory, type RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { cacheOfUser } from '../home.ts';
import type { Limits } from '../limits.ts';
import type { StartData } from '../runtime/start-data.ts';
import type { StartOptions } from '../runtime.ts';
import { type AccessLogFormat, createAccessLog } from './access-log.ts';
import { version } from './installation.ts';
import { parseListenAt, tcpAddressOf } from './listen-at.ts';
import { createLog } from './log.ts';
import { defaultRotation } from './log-folder.ts';
import { makeFolder } from './make-folder.ts';
import { parseListen, readStatements } from './options.ts';
import { asPulled, type PulledFrom } from './registry/pulled-from.ts';
import { withPulledFiles, withTransientFiles } from './transient-files.ts';
import { paint, say } from './ui.ts';

export const resetStrategies = ['auto', 'scan', 'madvise', 'copy'] as const;

export interface UpOptions {
  readonly from: string;
  /** Where `from` was pulled from; absent for an app that is here. */
  readonly pulled?: PulledFrom;
  readonly insecure?: boolean;
  readonly requireSignature?: string;
  /** Arguments for commands. */
  readonly arguments?: readonly string[];
  readonly listen: string;
  /** The permissions of a socket with a path. */
  readonly socketMode?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly variable?: Readonly<Record<string, string>>;
  readonly build?: boolean;
  readonly quiet?: boolean;
  readonly follow?: readonly string[];
  readonly logDir?: string;
  readonly logMaxSize?: number;
  readonly logFiles?: number;
  readonly logFormat?: 'text' | 'json';
  /** True without a format. */
  readonly accessLog?: AccessLogFormat | boolean;
  readonly truncateLogs?: boolean;
  readonly componentId?: readonly string[];
  readonly findFreePort?: boolean;
  readonly format?: 'plain' | 'json';
  readonly tlsCert?: readonly string[];
  readonly tlsKey?: readonly string[];
  readonly httpPort?: number;
  readonly http2?: boolean;
  readonly trustProxy?: readonly string[];
  readonly proxyProtocol?: boolean;
  readonly allowTransientWrite?: boolean;
  readonly temp?: string;
  readonly disableCache?: boolean;
  readonly reset: (typeof resetStrategies)[number];
  readonly workers?: number | 'auto';
  /** The address of the operator's port. */
  readonly admin?: string;
  readonly adminToken?: string;
  /** The Lease of Kubernetes whose holder runs the triggers of which there must be one. */
  readonly leaderLease?: string;
  readonly verbose?: boolean;
  readonly profile?: string;
  readonly strict?: boolean;
  readonly watch?: boolean;
  readonly dev?: boolean;
  /** True without an address. */
  readonly inspect?: string | true;
  readonly summary?: boolean;
  readonly serverTiming?: boolean;
  readonly verifyResets?: boolean;
  readonly limit?: Limits;
  readonly maxSandboxes?: number;
  /** False when `--no-cache` is given. */
  readonly cache?: boolean;
  readonly cacheDir?: string;
  readonly runtimeConfigFile?: string;
  /** `''` keeps everything in memory. */
  readonly stateDir?: string;
  /** The folder of recordings. */
  readonly record?: string;
  readonly recordShare?: number;
  readonly recordOnly?: 'failures';
  readonly recordSize?: number;
  readonly recordFiles?: number;
  readonly recordTotal?: number;
  readonly keyValue?: Readonly<Record<string, string>>;
  readonly sqlite?: readonly string[];
  readonly maxInstanceMemory?: number;
  readonly experimentalWasiOtel?: boolean;
}

/** The folder of prepared components: by default below that which the XDG base directory specification names. */
export function cacheFolder(given: string | undefined): string {
  return resolve(given ?? join(cacheOfUser(), 'mayfly'));
}

/** The runtime configuration: what the command line says overrides what the file says. */
export function runtimeConfigOf({
  from,
  pulled,
  runtimeConfigFile,
  stateDir,
  maxInstanceMemory,
  logDir,
}: UpOptions): RuntimeConfig {
  // A pulled app lies in a cache: as in Spin, its data are in memory unless a folder is named.
  const usual = pulled ? undefined : join(dirname(findOrigin(from).file), '.spin');
  const config = readRuntimeConfig({
    file: runtimeConfigFile || undefined,
    stateDirectory: stateDir,
    defaultStateDirectory: usual,
  });
  makeNamedFolders(config, { stateDir, logDir, usual });
  return {
    ...config,
    maxInstanceMemory: maxInstanceMemory ?? config.maxInstanceMemory,
    logDirectory: logDir === undefined ? config.logDirectory : logDir || undefined,
  };
}

interface NamedFolders {
  readonly stateDir: string | undefined;
  readonly logDir: string | undefined;
  /** The folder of the app's data when nobody names one: that is made when something is first kept. */
  readonly usual: string | undefined;
}

/** A folder that somebody names is made at the start, so that a mistake is told then. */
function makeNamedFolders(config: RuntimeConfig, { stateDir, logDir, usual }: NamedFolders): void {
  const { stateDirectory, logDirectory } = config;
  if (stateDir) makeFolder("'--state-dir'", resolve(stateDir));
  else if (stateDirectory !== undefined && stateDirectory !== usual) makeFolder("'state_dir'", stateDirectory);
  if (logDir) makeFolder("'--log-dir'", resolve(logDir));
  if (logDir !== undefined || logDirectory === undefined) return;
  if (logDirectory !== defaultLogDirectory(stateDirectory)) makeFolder("'log_dir'", logDirectory);
}

export function startData({ keyValue = {}, sqlite }: UpOptions): StartData {
  return { keyValues: Object.entries(keyValue), sqliteStatements: readStatements(sqlite) };
}

/** Locks the app for its build. */
export function lockToBuild({ from, profile }: Pick<UpOptions, 'from' | 'profile'>): Promise<LockedApp> {
  return lockApp(from, { purpose: 'build', profile });
}

/** Locks the app as the options say. */
export async function lockToServe(options: UpOptions, runtimeConfig: RuntimeConfig): Promise<LockedApp> {
  const { from, strict, profile, componentId = [] } = options;
  const locked = retainComponents(
    await lockApp(from, { runtimeConfig, strict, profile, served: componentId }),
    componentId,
  );
  if (options.allowTransientWrite) return withTransientFiles(locked, options.temp);
  return options.pulled ? withPulledFiles(asPulled(locked, options.pulled), options.temp) : locked;
}

/** Locks the app for a process that serves nothing itself: its workers make the copies of `--allow-transient-write`. */
export function lockForWorkers(options: UpOptions, runtimeConfig: RuntimeConfig): Promise<LockedApp> {
  return lockToServe({ ...options, allowTransientWrite: false }, runtimeConfig);
}

/** Where the app listens. Throws `usage`. */
export function listenAt({
  listen,
  socketMode,
}: Pick<UpOptions, 'listen' | 'socketMode'>): ReturnType<typeof parseListenAt> {
  return parseListenAt(listen, socketMode);
}

/** For a process that gets its socket from elsewhere. */
const NOWHERE = { host: '', port: 0 };

/** `isWorker` says that other processes serve the same app. */
export function startOptions(options: UpOptions, runtimeConfig: RuntimeConfig, isWorker = false): StartOptions {
  const { verbose = false, quiet = false, follow, accessLog } = options;
  const keepsNothing = options.cache === false || options.disableCache;
  return {
    log: createLog({
      verbose,
      quiet,
      follow,
      directory: runtimeConfig.logDirectory,
      isDefaultDirectory: runtimeConfig.logDirectory === defaultLogDirectory(runtimeConfig.stateDirectory),
      rotation: {
        bytes: options.logMaxSize ?? defaultRotation.bytes,
        files: options.logFiles ?? defaultRotation.files,
      },
      format: options.logFormat,
      write: say,
      paint,
    }),
    runtimeConfig,
    variables: options.variable ?? {},
    environment: options.env ?? {},
    wasiOtel: options.experimentalWasiOtel,
    listen: isWorker ? NOWHERE : (tcpAddressOf(listenAt(options)) ?? NOWHERE),
    reset: options.reset,
    verifyResets: options.verifyResets,
    limits: options.limit,
    maximumSandboxes: options.maxSandboxes,
    cacheDirectory: keepsNothing ? undefined : cacheFolder(options.cacheDir),
    http: httpOptions(options, isWorker),
    debug: options.inspect !== undefined,
    onRequest: accessLog ? accessLogOf(options) : undefined,
    summary: options.summary,
    record: recordSettings(options),
    serverTiming: options.serverTiming,
    arguments: options.arguments,
    // What a guest writes to a terminal must be text: there its lines stand in the log.
    stdout: process.stdout.isTTY ? undefined : process.stdout,
  };
}

/** Makes the access log; `mostLines` is the most lines of a second. */
export function accessLogOf({ accessLog, logFormat }: UpOptions, mostLines?: number): StartOptions['onRequest'] {
  const usual = logFormat === 'json' ? 'json' : 'short';
  const format = typeof accessLog === 'string' ? accessLog : usual;
  return createAccessLog({ format, write: say, paint, mostLines });
}

const MiB = 1_048_576;

function recordSettings(options: UpOptions): StartOptions['record'] {
  const {
    record,
    recordShare = 1,
    recordOnly,
    recordSize = 16 * MiB,
    recordFiles = 1000,
    recordTotal = 1024 * MiB,
  } = options;
  if (record === undefined) return undefined;
  return {
    folder: resolve(record),
    share: recordShare,
    onlyFailures: recordOnly === 'failures',
    recordingBytes: recordSize,
    files: recordFiles,
    totalBytes: recordTotal,
    profile: options.profile,
    mayfly: version(),
  };
}

function httpOptions(
  { listen, tlsCert, tlsKey = [], httpPort, http2, trustProxy, proxyProtocol }: UpOptions,
  isShared: boolean,
): StartOptions['http'] {
  return {
    certificates: tlsCert?.map((cert, at) => ({ cert, key: tlsKey[at] ?? '' })),
    redirect: httpPort === undefined ? undefined : { ...parseListen(listen), port: httpPort, isShared },
    http2,
    trustedProxies: trustProxy,
    proxyProtocol,
  };
}
