// Runs components in jco, the other runtime that ours is compared with: transpiled once, instantiated with any imports.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transpile } from '@bytecodealliance/jco';

const options = { name: 'component', instantiation: 'sync', emitTypescriptDeclarations: false } as const;
const cache = join(import.meta.dirname, '../../.cache/jco');

/** Interface name without version, or the name of a function of the world → its implementation. */
export type JcoImports = Readonly<Record<string, unknown>>;
export type JcoExports = Readonly<Record<string, unknown>>;

interface JcoModule {
  instantiate(getCoreModule: (path: string) => WebAssembly.Module, imports: JcoImports): JcoExports;
}

export interface JcoComponent {
  /** A new instance. Import names carry no version. */
  instantiate(imports: JcoImports): JcoExports;
}

/** Transpiles `component`; what jco made is kept in the cache folder under the hash of the bytes. */
export async function transpileWithJco(component: Uint8Array): Promise<JcoComponent> {
  const folder = join(
    cache,
    createHash('sha256').update(JSON.stringify(options)).update(component).digest('hex').slice(0, 24),
  );
  if (!existsSync(folder)) await writeTranspiled(component, folder);
  const module = (await import(pathToFileURL(join(folder, 'component.js')).href)) as JcoModule;
  const cores = new Map<string, WebAssembly.Module>();
  const getCoreModule = (path: string): WebAssembly.Module => {
    const core = cores.get(path) ?? new WebAssembly.Module(readFileSync(join(folder, path)));
    cores.set(path, core);
    return core;
  };
  return { instantiate: (imports) => module.instantiate(getCoreModule, imports) };
}

async function writeTranspiled(component: Uint8Array, folder: string): Promise<void> {
  const { files } = await transpile(component, options);
  const draft = `${folder}.${process.pid}`;
  for (const [path, bytes] of Object.entries(files)) {
    const target = join(draft, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
  await rename(draft, folder).catch((error: NodeJS.ErrnoException) => {
    if (!existsSync(folder)) throw error; // another process was faster
  });
}
