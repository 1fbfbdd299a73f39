// Reads values of command-line options that need parsing: addresses and KEY=VALUE pairs.
import { readFileSync } from 'node:fs';
import { parse as parseToml } from 'smol-toml';
import { parseSize } from '../app/units.ts';
import { MayflyError, messageOf } from '../errors.ts';
import type { StartData } from '../runtime/start-data.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads an address: `127.0.0.1:3000`, `localhost:3000`, `[::1]:3000`, `:3000`; port 0 lets the system choose. Throws
 * `usage`.
 */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    throw new MayflyError('usage', `"${text}" is not an address to listen at`, {
      hint: "Write host and port, such as '127.0.0.1:3000' or '[::1]:3000'",
    });
  }
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
}

/**
 * The address where nobody names one: that of Spin's variable; under Knative, which sets `K_SERVICE`, the port that it
 * wants (https://github.com/knative/specs/blob/main/specs/serving/runtime-contract.md).
 */
export function defaultListen(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { K_SERVICE, PORT, SPIN_HTTP_LISTEN_ADDR } = env;
  if (K_SERVICE && PORT) return `0.0.0.0:${PORT}`;
  return SPIN_HTTP_LISTEN_ADDR || '127.0.0.1:3000';
}

/** Gathers repeated `KEY=VALUE` options, for commander. Throws `usage`. */
export function collectPair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new MayflyError('usage', `"${text}" is not of the form KEY=VALUE`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Gathers repeated options into a list. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/**
 * Gathers repeated `KEY=VALUE` options. `KEY=@file` takes the file's text, `@file.json` or `@file.toml` a table. Throws
 * `usage`.
 */
export function collectVariable(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  if (text.startsWith('@')) return { ...before, ...readStringTable(text.slice(1)) };
  const all = collectPair(text, before);
  const key = text.slice(0, text.indexOf('='));
  const value = all[key]!;
  return value.startsWith('@') ? { ...all, [key]: readText(value.slice(1)) } : all;
}

/** Reads a file that the command line names, as text. Throws `usage`. */
export function readText(file: string): string {
  return readBytes(file).toString('utf8');
}

/** Reads a file that the command line names. Throws `usage`. */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new MayflyError('usage', `Cannot read "${file}": ${messageOf(cause)}`, { cause });
  }
}

/** Reads a file with a table of strings, of TOML or JSON. Throws `usage`. */
export function readStringTable(
  file: string,
  format = file.endsWith('.toml') ? 'toml' : 'json',
): Record<string, string> {
  const text = readText(file);
  let table: unknown;
  try {
    table = format === 'toml' ? parseToml(text) : JSON.parse(text);
  } catch (cause) {
    throw new MayflyError('usage', `"${file}" cannot be parsed: ${messageOf(cause).split('\n')[0]}`, { cause });
  }
  const isTable = typeof table === 'object' && table !== null && !Array.isArray(table);
  if (!isTable || !Object.values(table as object).every((value) => typeof value === 'string')) {
    throw new MayflyError('usage', `"${file}" must hold a table of strings`);
  }
  return { ...(table as Record<string, string>) };
}

/**
 * Reads the values of `--sqlite`: a statement, or `@file` with statements for the database `default`, or `@file:label`.
 * Throws `usage`.
 */
export function readStatements(given: readonly string[] = []): NonNullable<StartData['sqliteStatements']> {
  return given.map((text) => {
    if (!text.startsWith('@')) return { label: 'default', text, all: false };
    const [, file = '', label = 'default'] = /^@(.*?)(?::([A-Za-z0-9_-]+))?$/s.exec(text) ?? [];
    return { label, text: readText(file), all: true };
  });
}

/** Reads a number above 0. Throws `usage`. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new MayflyError('usage', `"${text}" is not a count`, { hint: 'Write a whole number from 1' });
}

/** Reads the number of a port. Throws `usage`. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port;
  throw new MayflyError('usage', `"${text}" is not a port`, { hint: 'Write a number from 1 to 65535' });
}

/** Reads a count that may be 0. Throws `usage`. */
export function parseCountOrNone(text: string): number {
  return text === '0' ? 0 : parseCount(text);
}

/** Reads a size, such as `10MiB`; a number alone counts bytes. Throws `usage`. */
export function parseBytes(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new MayflyError('usage', `"${text}" is not a size`, { hint: 'Write one such as "10MiB" or "64KB"' });
}

/**
 * Reads a time of Spin's: a number of seconds, or one with `s`, `ms`, `us` or `ns`; of a range `a..b` the end. Gives
 * milliseconds, 1 at least. Throws `usage`.
 */
export function parseSeconds(text: string): number {
  const [, digits, unit = 's'] = /^(?:\d+\w*\.\.)?(\d+)(s|ms|us|ns)?$/.exec(text) ?? [];
  const factors: Readonly<Record<string, number>> = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };
  const ms = Number(digits) * (factors[unit] ?? Number.NaN);
  if (ms > 0) return Math.max(1, Math.round(ms));
  throw new MayflyError('usage', `"${text}" is not a time`, { hint: "Write a number of seconds, or such as '500ms'" });
}

/** Reads a share above 0, up to 1. Throws `usage`. */
export function parseShare(text: string): number {
  const share = Number(text);
  if (share > 0 && share <= 1) return share;
  throw new MayflyError('usage', `"${text}" is not a share`, {
    hint: "Write a number above 0, up to 1, such as '0.01'",
  });
}

/** Reads `auto`, or a number above 0. Throws `usage`. */
export function parseWorkers(text: string): number | 'auto' {
  if (text === 'auto') return text;
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new MayflyError('usage', `"${text}" is not a number of workers`, { hint: "Write a number, or 'auto'" });
}
