// Reads the options of `mayfly bench` that say what a load is.
import { parseDuration } from '../../app/units.ts';
import { MayflyError } from '../../errors.ts';
import { readBytes } from '../options.ts';
import type { Load } from './load.ts';

/** The longest that a load takes which a number of requests ends. */
export const MOST_MS = 3_600_000;

export interface LoadOptions {
  readonly connections: number;
  readonly requests?: number;
  readonly rate?: number;
  readonly method?: string;
  readonly header?: readonly string[];
  readonly body?: string;
  readonly timeout: number;
  readonly insecure?: boolean;
}

/** A load without what differs from target to target. */
export type LoadBasics = Omit<Load, 'url' | 'milliseconds'>;

/** Throws `usage`. */
export function loadOf({
  connections,
  requests,
  rate,
  method,
  header = [],
  body,
  timeout,
  insecure,
}: LoadOptions): LoadBasics {
  const headers = header.map((text) => {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new MayflyError('usage', `"${text}" is no header`, { hint: "Write 'name: value'" });
    }
    return [name, value] as const;
  });
  return {
    connections,
    requests,
    rate,
    method: method?.toUpperCase() ?? (body === undefined ? 'GET' : 'POST'),
    headers,
    body: body?.startsWith('@') ? readBytes(body.slice(1)) : body,
    timeoutMs: timeout,
    insecure,
  };
}

/** Reads `10s`, `500ms`, or a number of seconds. Gives milliseconds. */
export function parseTime(text: string): number {
  const milliseconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds <= MOST_MS) return milliseconds;
  throw new MayflyError('usage', `"${text}" is not a time`, { hint: "Write such as '10s' or '500ms', up to an hour" });
}
