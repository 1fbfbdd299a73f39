// The machine that the figures come from: they mean nothing without it.
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import type { Figures } from '../row.ts';

export function describeMachine(): Figures {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    load_average: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

export function machineLine(machine: Figures): string {
  const { date, cpu, cores, memory_gib, system, node, v8, load_average } = machine;
  return `${date}: ${cores} cores of ${cpu}, ${memory_gib} GiB, ${system}, Node ${node} (V8 ${v8}); load average ${load_average} at the start`;
}
