// Runs in a worker process of `mayfly up --workers`: serves the app on the socket that the parent hands over.
import { lockApp } from '../app/lock.ts';
import { dataOfEachProcess } from '../runtime/start-data.ts';
import { startApp } from '../runtime.ts';
import { serveWorker } from '../workers/child.ts';
import { setUpServingProcess } from './serving-process.ts';
import { runtimeConfigOf, startData, startOptions, type UpOptions } from './up-options.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as UpOptions;

setUpServingProcess();
serveWorker({
  async start(listen) {
    const runtimeConfig = runtimeConfigOf(options);
    const locked = await lockApp(options.from, { runtimeConfig });
    const data = dataOfEachProcess(startData(options), runtimeConfig);
    return startApp(locked, { ...startOptions(options, runtimeConfig), ...data, listen, isWorker: true });
  },
});
