// The operator's port of `mayfly up`: what is counted and kept for it, and where it is served. Nothing of it is loaded without
// `--admin`.
import { randomBytes } from 'node:crypto';
import type { AppMetrics, MetricsData } from '../admin/metrics.ts';
import type { LockedApp } from '../app/locked-app.ts';
import type { RunningApp, StartOptions } from '../runtime.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import { RecordedLines } from '../telemetry/recorded-lines.ts';
import type { WorkerPool } from '../workers/pool-options.ts';
import { overviewOf } from './app-overview.ts';
import { parseListen } from './options.ts';
import { Recordings } from './recordings.ts';

/** Milliseconds for which a worker may leave the one who gathers metrics without its own. */
const ASK_MS = 2_000;

/** The operator's port before several workers: their metrics as one. Throws `usage`, `listen-failed`. */
export async function openAdminOfWorkers(address: string, pool: Pick<WorkerPool, 'ask'>, log: Logger): Promise<void> {
  const [{ summedMetrics }, { startAdminServer }] = await Promise.all([
    import('../admin/metrics.ts'),
    import('../admin/server.ts'),
  ]);
  const metrics = summedMetrics(async () => (await pool.ask(ASK_MS)) as readonly MetricsData[]);
  const server = await startAdminServer(metrics, undefined, parseListen(address));
  const url = `http://${server.authority}/metrics`;
  logEvent(log, 'admin-listening', { url }, `Metrics at ${url}`);
}

/** What a process counts. */
export async function metricsOf(
  { name, version = '' }: LockedApp,
  running: () => RunningApp | undefined,
): Promise<AppMetrics> {
  const { AppMetrics } = await import('../admin/metrics.ts');
  return new AppMetrics(() => {
    const one = running();
    return one && { app: name, version, pools: () => one.pools() };
  });
}

export interface OpenAdmin {
  /** To be told of each request. */
  readonly onRequest: NonNullable<StartOptions['onRequest']>;
  /** The log that was given; what it says of requests is kept for a while. */
  readonly log: Logger;
}

export interface AdminOptions {
  readonly address: string;
  /** Who has it may look at the pages; without one it is made up where the port is not of this machine alone. */
  readonly token: string | undefined;
  /** The folder of `--record`, and what names the app to `mayfly replay`. */
  readonly recorded?: { readonly folder: string; readonly from: string } | undefined;
}

/** Serves until the process ends, so that the last requests are counted, too. Throws `usage`, `listen-failed`. */
export async function openAdmin(
  { address, token: given, recorded }: AdminOptions,
  app: LockedApp,
  running: () => RunningApp | undefined,
  log: Logger,
): Promise<OpenAdmin> {
  const [{ startAdminServer }, { Dashboard }, { RecentRequests }, { isLoopback }] = await Promise.all([
    import('../admin/server.ts'),
    import('../admin/dashboard.ts'),
    import('../admin/recent-requests.ts'),
    import('../admin/admission.ts'),
  ]);
  const lines = new RecordedLines(log);
  const metrics = await metricsOf(app, running);
  const recent = new RecentRequests(
    () => running()?.pools() ?? [],
    (requestId) => lines.of(requestId),
  );
  const recordings = recorded && new Recordings(recorded.folder, recorded.from);
  const overview = { ...overviewOf(app), isRecorded: recordings !== undefined };
  const listen = parseListen(address);
  const token = given ?? (isLoopback(listen.host) ? undefined : randomBytes(16).toString('hex'));
  const server = await startAdminServer(metrics, new Dashboard({ overview, recent, recordings, token }), listen);
  const url = `http://${server.authority}`;
  const page = token !== undefined && given === undefined ? `${url}/?token=${token}` : `${url}/`;
  logEvent(log, 'admin-listening', { url: `${url}/metrics` }, `Dashboard at ${page}, metrics at ${url}/metrics`);
  return {
    onRequest(request) {
      metrics.count(request);
      recent.add(request);
    },
    log: lines.log,
  };
}
