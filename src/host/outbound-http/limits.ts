// What the outbound client bounds, beside the time limits that a request brings.
import { type LimitsOf, limitsOf } from '../../limits.ts';

/** Those of the component are named in src/limits.ts; the others cannot be set. */
export interface ClientLimits extends LimitsOf<'client'> {
  /** Applies to each of the three time limits that a request leaves open, in milliseconds. */
  readonly timeoutMs: number;
  /** How long a connection is kept without a request, in milliseconds. */
  readonly keepAliveMs: number;
}

export const defaultClientLimits: ClientLimits = {
  ...limitsOf('client'),
  timeoutMs: 600_000,
  keepAliveMs: 30_000,
};
