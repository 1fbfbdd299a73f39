// What one sandbox and one component may use, as listed in src/limits.ts.
import { type LimitsOf, limitsOf } from '../limits.ts';

const PAGE = 65_536;

export type SandboxLimits = LimitsOf<'sandbox'>;

export const defaultLimits: SandboxLimits = limitsOf('sandbox');

/** The number of pages (64 KiB each) that fit into the memory limit. */
export function maximumPages({ memoryBytes }: SandboxLimits): number {
  return Math.min(65_536, Math.floor(memoryBytes / PAGE));
}
