// Load on an HTTP server for some seconds: by wrk where it is installed, else by the generator of `mayfly bench`.
import { Latencies } from '../../src/cli/bench/latencies.ts';
import type { LoadResult as DetailedResult } from '../../src/cli/bench/load.ts';
import { findCommand, onCore, run } from './commands.ts';
import { program } from './paths.ts';

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Requests that failed or had another status than 2xx. */
  readonly errors: number;
}

const wrk = findCommand('wrk');
export const generator = wrk ? 'wrk' : 'the generator of mayfly bench (wrk is missing, Debian package wrk)';

export async function load(url: string, connections: number, seconds: number): Promise<LoadResult> {
  return wrk ? loadByWrk(url, connections, seconds) : loadByProgram(url, connections, seconds);
}

async function loadByWrk(url: string, connections: number, seconds: number): Promise<LoadResult> {
  const args = ['-t1', `-c${connections}`, `-d${Math.ceil(seconds)}s`, '--timeout', '30s', '--latency', url];
  const [command, ...rest] = onCore('client', ['wrk', ...args]);
  return parseWrk((await run(command, rest)).stdout);
}

/** Throws when the text is not what wrk 4 prints. */
export function parseWrk(text: string): LoadResult {
  const total = /(\d+) requests in ([\d.]+)(m?s|m)/.exec(text);
  if (!total) throw new Error(`wrk printed ${text}`);
  const latency = (share: string): number => milliseconds(new RegExp(`${share}%\\s+(\\S+)`).exec(text)?.[1]);
  const socketErrors = /connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  const badStatus = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? '0';
  const errors = [...socketErrors, badStatus].reduce((sum, count) => sum + Number(count), 0);
  const seconds = milliseconds(`${total[2]}${total[3]}`) / 1000;
  return { requests: Number(total[1]), seconds, p50Ms: latency('50'), p99Ms: latency('99'), errors };
}

const units: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

function milliseconds(text: string | undefined): number {
  const [, value, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text ?? '') ?? [];
  return Number(value) * (units[unit ?? ''] ?? Number.NaN);
}

async function loadByProgram(url: string, connections: number, seconds: number): Promise<LoadResult> {
  const { statuses, errors, milliseconds, latencies } = await loadBySecond(url, connections, seconds);
  const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
  const good = sum(Object.entries(statuses).map(([status, count]) => (status.startsWith('2') ? count : 0)));
  const all = Latencies.of(latencies);
  return {
    requests: good,
    seconds: milliseconds / 1000,
    p50Ms: all.percentile(0.5) / 1000,
    p99Ms: all.percentile(0.99) / 1000,
    errors: sum(Object.values(statuses)) - good + sum(Object.values(errors)),
  };
}

/** Load by the generator of `mayfly bench`, with what each second had. */
export async function loadBySecond(url: string, connections: number, seconds: number): Promise<DetailedResult> {
  const script = [process.execPath, '--no-warnings', program('load'), url, `${connections}`, `${seconds}`];
  const [command, ...rest] = onCore('client', script);
  return JSON.parse((await run(command, rest)).stdout) as DetailedResult;
}
