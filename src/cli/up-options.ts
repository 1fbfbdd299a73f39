// The options of `mayfly up`, as the command and its workers share them, and what they mean for the runtime.
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Limits } from '../limits.ts';
import type { StartOptions } from '../runtime.ts';
import { createLog } from './log.ts';
import { parseListen } from './options.ts';
import { paint, say } from './ui.ts';

export const resetStrategies = ['auto', 'scan', 'madvise', 'copy'] as const;

export interface UpOptions {
  readonly from: string;
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
}

/** The cache folder that the XDG base directory specification names. */
function defaultCache(): string {
  const { XDG_CACHE_HOME } = process.env;
  return join(XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'mayfly');
}

export function startOptions(options: UpOptions): StartOptions {
  const { verbose = false, quiet = false, logDir } = options;
  return {
    log: createLog({ verbose, quiet, directory: logDir || undefined, write: say, paint }),
    variables: options.variable ?? {},
    environment: options.env ?? {},
    listen: parseListen(options.listen),
    reset: options.reset,
    verifyResets: options.verifyResets,
    limits: options.limit,
    maximumSandboxes: options.maxSandboxes,
    cacheDirectory: options.cache === false ? undefined : resolve(options.cacheDir ?? defaultCache()),
    summary: options.summary,
    serverTiming: options.serverTiming,
  };
}
