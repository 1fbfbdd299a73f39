// What one sandbox and one component may use: the defaults, and how a manifest's limits change them.
// Each limit has an error that names it; docs/limits.md lists them all.

import { DEFAULT_HELD_BYTES } from '../component/types/host-byte-budget.ts';

const MiB = 1024 * 1024;
const PAGE = 65_536;

export interface SandboxLimits {
  /** Bytes of all linear memories of a sandbox; the guest sees `memory.grow` fail beyond. */
  readonly memoryBytes: number;
  /** Milliseconds that a guest may hold the thread without a pause. */
  readonly cpuSliceMs: number;
  /** Milliseconds of CPU time of a request. */
  readonly cpuMs: number;
  /** Milliseconds from the start of a request to its guest's end. */
  readonly wallMs: number;
  readonly tableElements: number;
  /** Live handles of a sandbox. */
  readonly handles: number;
  /** Bytes that the host keeps for a request, apart from handles. */
  readonly heldBytes: number;
  /** Sandboxes of one component at once. */
  readonly concurrency: number;
  /** Requests that wait for a sandbox. */
  readonly queueLength: number;
  /** Milliseconds that a request waits for one. */
  readonly queueMs: number;
}

export const defaultLimits: SandboxLimits = {
  memoryBytes: 256 * MiB,
  cpuSliceMs: 2_000,
  cpuMs: 10_000,
  wallMs: 600_000,
  tableElements: 1_000_000,
  handles: 100_000,
  heldBytes: DEFAULT_HELD_BYTES,
  concurrency: 10_000,
  queueLength: 1_000,
  queueMs: 10_000,
};

type Given = { readonly [Key in keyof SandboxLimits]?: number | undefined };

/** The first of `settings` that sets a limit counts: component before app. */
export function sandboxLimits(...settings: readonly Given[]): SandboxLimits {
  const pick = (key: keyof SandboxLimits): number =>
    settings.find((given) => given[key] !== undefined)?.[key] ?? defaultLimits[key];
  return {
    memoryBytes: pick('memoryBytes'),
    cpuSliceMs: pick('cpuSliceMs'),
    cpuMs: pick('cpuMs'),
    wallMs: pick('wallMs'),
    tableElements: pick('tableElements'),
    handles: pick('handles'),
    heldBytes: pick('heldBytes'),
    concurrency: pick('concurrency'),
    queueLength: pick('queueLength'),
    queueMs: pick('queueMs'),
  };
}

/** Pages of 64 KiB that fit into the memory limit. */
export function maximumPages({ memoryBytes }: SandboxLimits): number {
  return Math.min(65_536, Math.floor(memoryBytes / PAGE));
}
