// Options that all commands share that speak with a registry.
import type { Command } from 'commander';

export interface RegistryCommandOptions {
  readonly insecure?: boolean;
  readonly cacheDir?: string;
  readonly json?: boolean;
}

export function addInsecureOption(command: Command): Command {
  return command.option('-k, --insecure', 'Speak with the registry without TLS');
}

/** The time that what is made says of itself: that of SOURCE_DATE_EPOCH, so that it can be made again, else now. */
export function creationTime(env: Readonly<Record<string, string | undefined>> = process.env): Date {
  const seconds = Number(env.SOURCE_DATE_EPOCH);
  return env.SOURCE_DATE_EPOCH && Number.isSafeInteger(seconds) ? new Date(seconds * 1000) : new Date();
}
