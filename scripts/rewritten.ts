// Writes the core modules of a component as they run, rewritten, with their text:
// `node scripts/rewritten.ts <file.wasm> [folder]`. It prints the paths.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { print } from '@bytecodealliance/jco';
import { WebSocketConnections } from '../src/host/websocket/connections.ts';
import { registryOf } from '../src/runtime/app-services.ts';
import { hostServices } from '../src/runtime/services.ts';
import { prepare } from '../src/sandbox/artifact.ts';
import { defaultLimits, maximumPages } from '../src/sandbox/limits.ts';
import { silentLog } from '../src/telemetry/log.ts';

/** Paths of the modules, each with its text beside it under the same name with `.wat`. */
export async function writeRewritten(file: string, folder: string): Promise<string[]> {
  const { code } = await prepare(await readFile(file), {
    host: registryOf(hostServices(nowhere, { variables: {}, environment: {}, log: silentLog })),
    maximumPages: maximumPages(defaultLimits),
    maximumTableElements: defaultLimits.tableElements,
    interruptible: true,
  });
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const [index, module] of code.modules.entries()) {
    const path = join(folder, `${index}.wasm`);
    await writeFile(path, module);
    await writeFile(join(folder, `${index}.wat`), await print(module));
    paths.push(path);
  }
  return paths;
}

/** Nothing of the component is called. */
const nowhere = {
  webSockets: new WebSocketConnections(),
  dispatch: (): never => never(),
  self: (): never => never(),
};

function never(): never {
  throw new Error('A component that is only rewritten sends no requests');
}

if (import.meta.main) {
  const [file, folder] = process.argv.slice(2);
  if (file === undefined) throw new Error('node scripts/rewritten.ts <file.wasm> [folder]');
  for (const path of await writeRewritten(file, folder ?? join(tmpdir(), `${basename(file, '.wasm')}-rewritten`))) {
    console.log(path);
    console.log(path.replace(/wasm$/, 'wat'));
  }
}
