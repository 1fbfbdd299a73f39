// Wraps a core module of ours as a component. The preview1 adapter joins only when libc needs it.
import { readFile } from 'node:fs/promises';
import { BuildError, importTool } from '../tools.mjs';
import { withWasi } from '../wit.mjs';

const handlerWorld = new URL('world.wit', import.meta.url);

/** `world` is WIT text with one world; undefined stands for that of HTTP handlers. */
export async function makeComponent(module, world) {
  const { componentEmbed, componentNew } = await importTool('@bytecodealliance/jco');
  const text = world ?? (await readFile(handlerWorld, 'utf8'));
  try {
    const witSource = await withWasi(text);
    const embedded = await componentEmbed({ binary: module, witSource, stringEncoding: 'utf8' });
    return await componentNew(embedded, await adaptersFor(module));
  } catch (error) {
    throw new BuildError(`Cannot make a component: ${error.payload ?? error.message}`, { cause: error });
  }
}

async function adaptersFor(module) {
  const imports = WebAssembly.Module.imports(await WebAssembly.compile(module));
  const adapter = 'wasi_snapshot_preview1';
  if (!imports.some((entry) => entry.module === adapter)) return [];
  const { preview1AdapterReactorPath } = await importTool('@bytecodealliance/jco');
  return [[adapter, new Uint8Array(await readFile(preview1AdapterReactorPath()))]];
}
