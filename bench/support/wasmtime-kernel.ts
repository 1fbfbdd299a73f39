// A compute kernel in wasmtime, compiled beforehand. Each run is a process, so the time of one that does next to
// nothing is subtracted.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './commands.ts';
import { cache } from './paths.ts';

export async function compileForWasmtime(wasmtime: string, name: string, file: string): Promise<string> {
  const output = join(cache, 'bench', `kernel-${name}.cwasm`);
  await mkdir(join(cache, 'bench'), { recursive: true });
  await run(wasmtime, ['compile', file, '-o', output]);
  return output;
}

export class WasmtimeKernel {
  readonly #wasmtime: string;
  readonly #file: string;
  readonly #size: number;

  constructor(wasmtime: string, file: string, size: number) {
    this.#wasmtime = wasmtime;
    this.#file = file;
    this.#size = size;
  }

  async measure(times: number): Promise<{ checksum: number; nanoseconds: number }> {
    const idle = await this.#fastest(1, times);
    const busy = await this.#fastest(this.#size, times);
    return { checksum: busy.checksum, nanoseconds: busy.nanoseconds - idle.nanoseconds };
  }

  async #fastest(size: number, times: number): Promise<{ checksum: number; nanoseconds: number }> {
    let nanoseconds = Number.POSITIVE_INFINITY;
    let checksum = 0;
    for (let time = 0; time < times; time++) {
      const start = performance.now();
      const { stdout } = await run(this.#wasmtime, [
        'run',
        '--allow-precompiled',
        '--invoke',
        `run(${size})`,
        this.#file,
      ]);
      nanoseconds = Math.min(nanoseconds, (performance.now() - start) * 1_000_000);
      checksum = Number(stdout);
    }
    return { checksum, nanoseconds };
  }
}
