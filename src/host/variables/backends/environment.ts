// Variables from the host's environment (`SPIN_VARIABLE_API_KEY` for `api_key`), then from a .env file.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { VariableProvider } from '../provider.ts';

export interface EnvironmentOptions {
  /** The text before the name; an underscore stands between the two. */
  readonly prefix?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** The path of a .env file, which is read once, when first needed. A file that is not there counts as empty. */
  readonly dotenvPath?: string | undefined;
}

export function environmentProvider(options: EnvironmentOptions = {}): VariableProvider {
  const { prefix = 'SPIN_VARIABLE', environment = process.env, dotenvPath } = options;
  let dotenv: NodeJS.Dict<string> | undefined;
  return {
    name: 'environment',
    get(name) {
      const key = `${prefix}_${name.toUpperCase()}`;
      const value = environment[key];
      if (value !== undefined || dotenvPath === undefined) return value;
      dotenv ??= readDotenv(dotenvPath);
      return Object.hasOwn(dotenv, key) ? dotenv[key] : undefined;
    },
  };
}

function readDotenv(path: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
