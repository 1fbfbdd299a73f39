// The options of `mayfly up`, as the command and its workers share them, and what they mean for the runtime.
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { findOrigin } from '../app/manifest/read.ts';
import { readRuntimeConfig } from '../app/runtime-config/read.ts';
import type { RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import type { Limits } from '../limits.ts';
import type { StartData } from '../runtime/start-data.ts';
import type { StartOptions } from '../runtime.ts';
import { createLog } from './log.ts';
import { parseListen, readStatements } from './options.ts';
import { paint, say } from './ui.ts';

export const resetStrategies = ['auto', 'scan', 'madvise', 'copy'] as const;

export interface UpOptions {
  readonly from: string;
  /** Arguments for commands. */
  readonly arguments?: readonly string[];
  readonly listen: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly variable?: Readonly<Record<string, string>>;
  readonly build?: boolean;
  readonly quiet?: boolean;
  readonly logDir?: string;
  readonly reset: (typeof resetStrategies)[number];
  readonly workers?: number | 'auto';
  readonly verbose?: boolean;
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
  readonly keyValue?: Readonly<Record<string, string>>;
  readonly sqlite?: readonly string[];
  readonly maxInstanceMemory?: number;
  readonly experimentalWasiOtel?: boolean;
}

/** The cache folder that the XDG base directory specification names. */
function defaultCache(): string {
  const { XDG_CACHE_HOME } = process.env;
  return join(XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'mayfly');
}

/** The runtime configuration: what the command line says overrides what the file says. */
export function runtimeConfigOf({
  from,
  runtimeConfigFile,
  stateDir,
  maxInstanceMemory,
  logDir,
}: UpOptions): RuntimeConfig {
  const config = readRuntimeConfig({
    file: runtimeConfigFile || undefined,
    stateDirectory: stateDir,
    defaultStateDirectory: join(dirname(findOrigin(from).file), '.spin'),
  });
  return {
    ...config,
    maxInstanceMemory: maxInstanceMemory ?? config.maxInstanceMemory,
    logDirectory: logDir === undefined ? config.logDirectory : logDir || undefined,
  };
}

export function startData({ keyValue = {}, sqlite }: UpOptions): StartData {
  return { keyValues: Object.entries(keyValue), sqliteStatements: readStatements(sqlite) };
}

export function startOptions(options: UpOptions, runtimeConfig: RuntimeConfig): StartOptions {
  const { verbose = false, quiet = false } = options;
  return {
    log: createLog({ verbose, quiet, directory: runtimeConfig.logDirectory, write: say, paint }),
    runtimeConfig,
    variables: options.variable ?? {},
    environment: options.env ?? {},
    wasiOtel: options.experimentalWasiOtel,
    listen: parseListen(options.listen),
    reset: options.reset,
    verifyResets: options.verifyResets,
    limits: options.limit,
    maximumSandboxes: options.maxSandboxes,
    cacheDirectory: options.cache === false ? undefined : resolve(options.cacheDir ?? defaultCache()),
    summary: options.summary,
    serverTiming: options.serverTiming,
    arguments: options.arguments,
    // What a guest writes to a terminal must be text: there its lines stand in the log.
    stdout: process.stdout.isTTY ? undefined : process.stdout,
  };
}
