// The operator's port of `mayfly up`: what is counted, and where it is served. Nothing of it is loaded without `--admin`.
import type { LockedApp } from '../app/locked-app.ts';
import type { RunningApp, StartOptions } from '../runtime.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import { parseListen } from './options.ts';

export interface OpenAdmin {
  /** To be told of each request. */
  readonly onRequest: NonNullable<StartOptions['onRequest']>;
}

/** Serves until the process ends, so that the last requests are counted, too. Throws `usage`, `listen-failed`. */
export async function openAdmin(
  address: string,
  { name, version = '' }: LockedApp,
  running: () => RunningApp | undefined,
  log: Logger,
): Promise<OpenAdmin> {
  const [{ AppMetrics }, { startAdminServer }] = await Promise.all([
    import('../admin/metrics.ts'),
    import('../admin/server.ts'),
  ]);
  const metrics = new AppMetrics(() => {
    const app = running();
    return app && { app: name, version, pools: () => app.pools() };
  });
  const server = await startAdminServer(metrics, parseListen(address));
  const url = `http://${server.authority}/metrics`;
  logEvent(log, 'admin-listening', { url }, `Metrics at ${url}`);
  return {
    onRequest: (request) => metrics.count(request),
  };
}
