// Loads an app from its manifest and asks it: the first request, and many more.
import { load } from '../../src/index.ts';
import { cpuMicroseconds, serveMeasurements } from '../support/measuring.ts';
import { percentile } from '../support/statistics.ts';

export interface LanguageConfig {
  readonly folder: string;
  readonly body: string;
  readonly answer: string;
}

export interface LanguageInput {
  /** Requests are sent for as long, and as often at least. */
  readonly milliseconds: number;
  readonly requests: number;
}

export interface LanguageResult {
  readonly loadMs: number;
  readonly firstMs: number;
  readonly medianMs: number;
  /** All threads, for a request. */
  readonly cpuMicroseconds: number;
  readonly residentBytes: number;
}

await serveMeasurements<LanguageConfig, LanguageInput>(async ({ folder, body, answer }) => {
  // Every app is loaded by a process of its own; what it prepared once comes from the cache of the one before.
  const start = performance.now();
  const app = await load(folder);
  const loadMs = performance.now() - start;
  async function ask(): Promise<number> {
    const began = performance.now();
    const response = await app.fetch('http://app/', { method: 'POST', body });
    const text = await response.text();
    if (text !== answer) throw new Error(`It answered ${response.status}: ${text}`);
    return performance.now() - began;
  }
  const firstMs = await ask();
  return async ({ milliseconds, requests }): Promise<LanguageResult> => {
    // Compilers in the background are done by then.
    for (let time = 0; time < requests / 2; time++) await ask();
    const times: number[] = [];
    const cpu = cpuMicroseconds();
    const until = performance.now() + milliseconds;
    while (times.length < requests || performance.now() < until) times.push(await ask());
    return {
      ...{ loadMs, firstMs, medianMs: percentile(Float64Array.from(times).sort(), 0.5) },
      cpuMicroseconds: (cpuMicroseconds() - cpu) / times.length,
      residentBytes: process.memoryUsage().rss,
    };
  };
});
