// Measures one load: a stored artifact to its first response, in a process whose own code is warm because it has loaded
// another component before. V8 keeps what it has compiled, so a process can measure a component only once.
import { createEngine } from '../../src/runtime/engine.ts';
import { loadInto, request } from '../support/in-process.ts';
import { cpuMicroseconds, serveMeasurements } from '../support/measuring.ts';

export interface ColdConfig {
  readonly other: { readonly file: string; readonly path: string };
  readonly warmUps: number;
  readonly file: string;
  readonly path: string;
  readonly answer: string;
  /** Where prepared components are; undefined for a process that keeps none. */
  readonly cacheDirectory: string | undefined;
}

export interface ColdResult {
  /** Milliseconds from reading the file. */
  readonly loadedMs: number;
  readonly answeredMs: number;
  readonly secondMs: number;
  /** All threads, to the first response. */
  readonly cpuMs: number;
}

await serveMeasurements<ColdConfig, unknown>(async ({ other, warmUps, file, path, answer, cacheDirectory }) => {
  const engine = createEngine({ cacheDirectory });
  for (let time = 0; time < warmUps; time++) {
    const warm = await loadInto(engine, other.file);
    for (let again = 0; again < 50; again++) await request(warm, other.path, '');
    await warm.close();
  }
  return async () => {
    const cpu = cpuMicroseconds();
    const start = performance.now();
    const loaded = await loadInto(engine, file);
    const loadedMs = performance.now() - start;
    await request(loaded, path, answer);
    const answeredMs = performance.now() - start;
    const cpuMs = (cpuMicroseconds() - cpu) / 1000;
    await request(loaded, path, answer);
    const secondMs = performance.now() - start - answeredMs;
    await engine.cache?.settled();
    return { loadedMs, answeredMs, secondMs, cpuMs } satisfies ColdResult;
  };
});
