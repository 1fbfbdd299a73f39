// Loads many small programs, each different, into this process, asks each once, and closes them; then loads and closes others.
import { type App, load } from '../../src/index.ts';
import { processState } from '../../test/support/process-figures.ts';
import { cpuMicroseconds, serveMeasurements } from '../support/measuring.ts';
import { percentile } from '../support/statistics.ts';

export interface DensityConfig {
  readonly engine: 'quickjs' | 'starlingmonkey';
}

export interface DensityInput {
  readonly apps: number;
  /** Loads and closes afterwards. */
  readonly churn: number;
}

export interface DensityResult {
  readonly loadCpuMs: number;
  readonly loadMs: number;
  /** Resident, in bytes: of the process with one program, with all loaded, after each answered once, after all were closed. */
  readonly oneBytes: number;
  readonly loadedBytes: number;
  readonly answeredBytes: number;
  readonly closedBytes: number;
  readonly churnedBytes: number;
  readonly mappings: number;
  readonly wakeMs: number;
  readonly wakeP99Ms: number;
  readonly secondMs: number;
}

/** Why a request failed, for people: the measurement is void then. */
const onError = (error: Error): void => console.error(error.message);

const programOf = (number: number): string => `const greeting = 'program ${number}';
export default { fetch: (request) => new Response(greeting + ' ' + new URL(request.url).pathname) };`;

await serveMeasurements<DensityConfig, DensityInput>(async ({ engine }) => {
  const loaded = (number: number): Promise<App> => load({ script: programOf(number) }, { engine, onError });
  const first = await loaded(0);
  await ask(first);
  return async ({ apps: count, churn }): Promise<DensityResult> => {
    const oneBytes = process.memoryUsage().rss;
    const apps: App[] = [];
    const [cpu, start] = [cpuMicroseconds(), performance.now()];
    for (let number = 1; number <= count; number++) apps.push(await loaded(number));
    const [loadCpuMs, loadMs] = [(cpuMicroseconds() - cpu) / 1000 / count, (performance.now() - start) / count];
    const loadedBytes = process.memoryUsage().rss;
    const wakes = await times(apps);
    const seconds = await times(apps);
    const answeredBytes = process.memoryUsage().rss;
    const { mappings } = processState(process.pid);
    for (const app of apps) await app.close();
    const closedBytes = process.memoryUsage().rss;
    for (let number = 1; number <= churn; number++) {
      const app = await loaded(number);
      await ask(app);
      await app.close();
    }
    return {
      ...{ loadCpuMs, loadMs, oneBytes, loadedBytes, answeredBytes, closedBytes, mappings },
      churnedBytes: process.memoryUsage().rss,
      wakeMs: percentile(wakes, 0.5),
      wakeP99Ms: percentile(wakes, 0.99),
      secondMs: percentile(seconds, 0.5),
    };
  };
});

/** Milliseconds of a request to each, ascending. */
async function times(apps: readonly App[]): Promise<Float64Array> {
  const all = new Float64Array(apps.length);
  for (const [index, app] of apps.entries()) {
    const start = performance.now();
    await ask(app);
    all[index] = performance.now() - start;
  }
  return all.sort();
}

async function ask(app: App): Promise<void> {
  const response = await app.fetch('http://app/path');
  if (response.status !== 200) throw new Error(`It answered ${response.status}`);
  await response.text();
}
