// One of several pods leads: it alone runs the triggers that would otherwise run in each.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { messageOf } from '../../errors.ts';
import { clusterOfPod, LeaseElection } from '../../kube/lease.ts';
import type { RunningApp } from '../../runtime.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';

/**
 * Runs for the lease. A pod that loses the lead, or cannot take it, stops and ends: Kubernetes starts it again. Throws
 * `leader-lease` where there is no cluster.
 */
export function runForLease(app: Pick<RunningApp, 'lead' | 'stop'>, name: string, log: Logger): LeaseElection {
  const end = (reason: string): void => {
    logEvent(log, 'leader-lost', { name, reason }, `This pod does not lead any more: ${reason}`);
    void app.stop().finally(() => process.exit(1));
  };
  return new LeaseElection({
    name,
    identity: `${hostname()}-${randomBytes(4).toString('hex')}`,
    api: clusterOfPod(),
    lead: () => {
      logEvent(log, 'leader-elected', { name }, 'This pod leads: it runs the triggers of which there must be one');
      app.lead().catch((error: unknown) => end(messageOf(error)));
    },
    lose: end,
    warn: (reason) => logEvent(log, 'leader-unsure', { name, reason }, `The cluster cannot say who leads: ${reason}`),
  });
}
