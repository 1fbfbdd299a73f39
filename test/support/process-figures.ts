// What the kernel says about a running process and those that it started: CPU time, memory, descriptors, mappings.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Of USER_HZ, which is 100 on every Linux that Node runs on. */
const TICK_SECONDS = 0.01;

/** CPU seconds so far, of all threads of the process and of all living processes below it. */
export function cpuSeconds(pid: number): number {
  const all = statistics();
  let ticks = 0;
  for (const one of all) if (one.pid === pid || descends(one, pid, all)) ticks += one.ticks;
  return ticks * TICK_SECONDS;
}

interface ProcessStatistics {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

function descends({ parent }: ProcessStatistics, from: number, all: readonly ProcessStatistics[]): boolean {
  if (parent === from) return true;
  const above = all.find(({ pid }) => pid === parent);
  return above !== undefined && descends(above, from, all);
}

function statistics(): ProcessStatistics[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readStatistics(Number(name)) : []));
}

/** proc_pid_stat(5): the name in parentheses may hold spaces, the rest is separated by them. */
function readStatistics(pid: number): ProcessStatistics[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [{ pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
  } catch {
    return []; // It has ended meanwhile.
  }
}

export interface ProcessState {
  /** Bytes in memory now, and the most so far. */
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly threads: number;
  readonly descriptors: number;
  /** Descriptors that are no sockets: those of clients come and go. */
  readonly files: number;
  readonly mappings: number;
}

export function processState(pid: number): ProcessState {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const descriptors = readdirSync(`/proc/${pid}/fd`);
  return {
    residentBytes: field('VmRSS') * 1024,
    peakBytes: field('VmHWM') * 1024,
    threads: field('Threads'),
    descriptors: descriptors.length,
    files: descriptors.filter((name) => !isSocket(`/proc/${pid}/fd/${name}`)).length,
    mappings: readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').length - 1,
  };
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    return true; // Closed meanwhile.
  }
}
