// What a request cost the server, and on what: the account of its process, divided by its requests.
import type { Account } from './served-app.ts';

/** Times are microseconds of CPU a request. The stages add up to `cpu`. */
export interface Cost {
  readonly cpu: number;
  readonly stages: readonly Stage[];
  readonly hostCalls: number;
  readonly sandboxes: SandboxCost;
  /** The largest linear memory of a guest, in bytes. */
  readonly memoryBytes: number;
  /** Of the whole process after the load. */
  readonly residentBytes: number;
  /** What was first logged as an error, or printed to stderr: why requests failed, where some did. */
  readonly failure?: string | undefined;
}

export interface Stage {
  readonly name: string;
  readonly microseconds: number;
}

export interface SandboxCost {
  /** Requests that had a sandbox which was put back to its image, by `strategy`. */
  readonly reset: number;
  readonly made: number;
  readonly thrownAway: number;
  readonly strategy: string;
  /** Why sandboxes of a component are made for each request, by the component. */
  readonly once: Readonly<Record<string, string>>;
  /** Requests that waited for a sandbox, and the mean of how many milliseconds. */
  readonly queued: number;
  readonly queuedMs: number;
}

/** Undefined when no request reached a guest. */
export function costOf(account: Account, before: Pick<Account, 'sandboxes'>): Cost | undefined {
  const { requests, cpuMs, sandboxMs, resetMs, guestMs, hostMs, hostCalls, queued, queuedMs } = account;
  if (requests === 0) return undefined;
  const each = (ms: number): number => Math.max(0, (ms * 1000) / requests);
  const known = [
    { name: 'getting the sandbox', microseconds: each(sandboxMs) },
    { name: 'in the guest', microseconds: each(guestMs) },
    { name: 'in host calls', microseconds: each(hostMs) },
    { name: 'putting the sandbox back', microseconds: each(resetMs) },
  ];
  const cpu = each(cpuMs);
  const rest = cpu - known.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const { components, strategy, made, thrownAway } = account.sandboxes;
  const [madeNow, thrownNow] = [made - before.sandboxes.made, thrownAway - before.sandboxes.thrownAway];
  return {
    cpu,
    stages: [...known, { name: 'HTTP: reading, routing, sending', microseconds: Math.max(0, rest) }],
    hostCalls: hostCalls / requests,
    sandboxes: {
      reset: Math.max(0, requests - thrownNow),
      made: madeNow,
      thrownAway: thrownNow,
      strategy,
      once: Object.fromEntries(components.flatMap(({ id, once }) => (once === undefined ? [] : [[id, once]]))),
      queued,
      queuedMs: queued === 0 ? 0 : queuedMs / queued,
    },
    memoryBytes: account.memoryBytes,
    residentBytes: account.residentBytes,
    failure: account.failure,
  };
}
