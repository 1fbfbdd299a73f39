// C sources → a command: a core module with `_start` that imports wasi_snapshot_preview1, with no component around it.
import { readFile } from 'node:fs/promises';
import { buildUnlessFresh } from '../../../sdk/stamp.mjs';

type Files = Readonly<Record<string, string | Uint8Array>>;
interface Clang {
  runClang(args: readonly string[] | null, files: Files, options?: { fetchProgress(): void }): Promise<Files>;
}

const flags = ['--target=wasm32-wasip1', '-O2', '-Wall', '-Wextra', '-Wl,--strip-debug', '-Wl,--gc-sections'];

/** True when it was built, false when it was up to date. */
export async function buildCommand(source: string, output: string): Promise<boolean> {
  const inputs = await sourceInputs(source, flags);
  return buildUnlessFresh(output, inputs, () => compileSource(source, flags));
}

/** What the result depends on. */
export async function sourceInputs(source: string, ofFlags: readonly string[]): Promise<string[]> {
  return [await toolOf(), ofFlags.join(' '), await readFile(source, 'utf8')];
}

/** The version of the compiler. */
export async function toolOf(): Promise<string> {
  const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  return devDependencies['@yowasp/clang'] ?? '';
}

/** A core module of one C source without headers of its own. */
export async function compileSource(source: string, withFlags: readonly string[]): Promise<Uint8Array> {
  return compileFiles({ 'main.c': await readFile(source, 'utf8') }, withFlags);
}

/** A core module of `main.c`, which may include the other files. */
export async function compileFiles(files: Files, withFlags: readonly string[]): Promise<Uint8Array> {
  const { runClang } = (await import('@yowasp/clang')) as unknown as Clang;
  await runClang(null, {}, { fetchProgress: () => {} }); // loads it, without the report of progress on stdout
  const built = await runClang(['clang', ...withFlags, 'main.c', '-o', 'main.wasm'], files);
  return built['main.wasm'] as Uint8Array;
}
