// Runs in a worker process of `mayfly up --workers`: serves the app on the socket that the parent hands over.
import { lockApp } from '../app/lock.ts';
import { dataOfEachProcess } from '../runtime/start-data.ts';
import { loadToCall, type RunningApp, startApp } from '../runtime.ts';
import { silentLog } from '../telemetry/log.ts';
import { serveWorker } from '../workers/child.ts';
import { metricsOf } from './admin.ts';
import { collected } from './collected.ts';
import { both } from './listeners.ts';
import { setUpServingProcess } from './serving-process.ts';
import { lockToServe, runtimeConfigOf, startData, startOptions, type UpOptions } from './up-options.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as UpOptions;

setUpServingProcess();
if (process.env.MAYFLY_STANDBY) await warmUp();
serveWorker({
  async start(listen, others) {
    const runtimeConfig = runtimeConfigOf(options);
    const locked = await lockToServe(options, runtimeConfig);
    const data = dataOfEachProcess(startData(options), runtimeConfig);
    const notReady = (): string | undefined => (others.allUp ? others.trouble : 'workers are still starting');
    const start = await collected(startOptions(options, runtimeConfig, true), locked);
    let app: RunningApp | undefined;
    const metrics = options.admin === undefined ? undefined : await metricsOf(locked, () => app);
    const onRequest = both(start.onRequest, metrics && ((request) => metrics.count(request)));
    app = await startApp(locked, { ...start, ...data, onRequest, listen, notReady, isWorker: true });
    return metrics ? Object.assign(app, { tell: () => metrics.data() }) : app;
  },
});

/**
 * Loads the app as it is now and lets go of it: the first load of a process takes a quarter of a second longer than the
 * next one, which people wait for. It opens no store, runs no guest on behalf of anybody, and says nothing.
 */
async function warmUp(): Promise<void> {
  try {
    const runtimeConfig = runtimeConfigOf(options);
    const locked = await lockApp(options.from, {
      runtimeConfig,
      profile: options.profile,
      served: options.componentId,
    });
    const app = await loadToCall(locked, { ...startOptions(options, runtimeConfig, true), log: silentLog });
    await app.close();
  } catch {
    // What is wrong with the app is said when it is to be served.
  }
}
