// Measures one load: a stored artifact to its first response, in a process whose own code is warm because it has loaded
// another component before. V8 keeps what it has compiled, so a process can measure a component only once.
import { loadInProcess, request } from '../support/in-process.ts';
import { cpuMicroseconds, serveMeasurements } from '../support/measuring.ts';

export interface ColdConfig {
  readonly other: { readonly file: string; readonly path: string };
  readonly warmUps: number;
  readonly file: string;
  readonly path: string;
  readonly answer: string;
}

export interface ColdResult {
  /** Milliseconds from reading the file. */
  readonly loadedMs: number;
  readonly answeredMs: number;
  readonly secondMs: number;
  /** All threads, to the first response. */
  readonly cpuMs: number;
}

const options = { reset: 'auto', interruptible: true } as const;

await serveMeasurements<ColdConfig, unknown>(async ({ other, warmUps, file, path, answer }) => {
  for (let time = 0; time < warmUps; time++) {
    const warm = await loadInProcess(other.file, options);
    for (let again = 0; again < 50; again++) await request(warm.component, other.path, '');
    await warm.close();
  }
  return async () => {
    const cpu = cpuMicroseconds();
    const start = performance.now();
    const loaded = await loadInProcess(file, options);
    const loadedMs = performance.now() - start;
    await request(loaded.component, path, answer);
    const answeredMs = performance.now() - start;
    const cpuMs = (cpuMicroseconds() - cpu) / 1000;
    await request(loaded.component, path, answer);
    return { loadedMs, answeredMs, secondMs: performance.now() - start - answeredMs, cpuMs } satisfies ColdResult;
  };
});
