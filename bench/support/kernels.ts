// The compute kernels of test/guests/kernels: their sizes, and how each is compiled natively.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findCommand, run } from './commands.ts';
import { cache, repository } from './paths.ts';

const folder = join(repository, 'test/guests/kernels');

/** Sizes that take about 20 milliseconds natively; a kernel that is not named here gets size 100. */
const sizes: Readonly<Record<string, number>> = {
  crc32: 8_000,
  fibonacci: 32,
  json: 2_500,
  mandelbrot: 300,
  matrix: 256,
  nbody: 150,
  sha256: 1_500,
  sort: 200,
};

export function kernelSize(name: string): number {
  return sizes[name] ?? 100;
}

/** The C compiler of the machine; undefined without one. */
export const compiler = findCommand('gcc') ?? findCommand('clang') ?? findCommand('cc');

/** Path of the native program, whose arguments are a size and a number of times. */
export async function nativeKernel(name: string): Promise<string | undefined> {
  if (!compiler) return undefined;
  const output = join(cache, 'bench', `kernel-${name}`);
  await mkdir(join(cache, 'bench'), { recursive: true });
  await run(compiler, ['-O2', '-o', output, join(folder, 'native.c'), join(folder, `${name}.c`), '-lm']);
  return output;
}
