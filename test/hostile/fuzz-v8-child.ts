// One batch of fuzz-v8.ts: `from`, `to`, the folder for the module under test, and maybe wasm-opt. Prints the seed before
// each module, so that whoever started it knows on which one the process ended.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { CoreModuleInfo } from '../../src/component/rewrite/core-module.ts';
import { readCoreModule } from '../../src/component/rewrite/read-core-module.ts';
import { rewriteCoreModule } from '../../src/component/rewrite/rewrite-core-module.ts';
import { compileFully, compileKnown } from '../../src/sandbox/compile.ts';
import { seeded } from '../support/random.ts';
import { randomCode } from './random-code.ts';

const [from = '1', to = '2', folder = '', wasmOpt = ''] = process.argv.slice(2);
const MEMORIES = 'own';
const PAGES = 16;
const HEAP_BYTES = 2 ** 25;

/** Those that Mayfly does not know, or V8 has behind a flag: most modules go without, so that they get far. */
const unknownFeatures = [
  'memory64',
  'strings',
  'stack-switching',
  'shared-everything',
  'fp16',
  'custom-descriptors',
  'multibyte',
  'relaxed-atomics',
  'custom-page-sizes',
  'wide-arithmetic',
];

/** The first word is the flag of the checks; the second counts calls, so that the worker sees one that lasts. */
const flag = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const calls = new SharedArrayBuffer(4);
const watch = `const { parentPort, workerData: { flag, calls } } = require('node:worker_threads');
  const words = new Int32Array(flag), count = new Int32Array(calls); let last = 0;
  setInterval(() => { const now = Atomics.load(count, 0);
    if (now !== 0 && now === last) Atomics.store(words, 0, 1); last = now; }, 30);`;
const worker = new Worker(watch, { eval: true, workerData: { flag: flag.buffer, calls } });

for (let seed = Number(from); seed < Number(to); seed++) {
  const path = `${folder}/${seed}.wasm`;
  writeSync(1, `seed ${seed}\n`);
  const bytes = wasmOpt !== '' && seed % 4 === 0 ? ofBinaryen(path) : randomCode(seeded(seed)).bytes;
  writeFileSync(path, bytes);
  writeSync(1, `done ${await attempt(bytes, seed)} ${seed}\n`);
  // What V8 does later, on other threads or after a collection, belongs to this module, too.
  await new Promise((resolve) => setTimeout(resolve, 2));
  rmSync(path);
}
await worker.terminate();

function ofBinaryen(path: string): Uint8Array<ArrayBuffer> {
  writeFileSync(path, randomBytes(500 + (randomBytes(2).readUInt16LE() % 3000)));
  const [kind = 0] = randomBytes(1);
  const features = kind < 200 ? unknownFeatures.map((feature) => `--disable-${feature}`) : [];
  const passes = kind % 4 === 0 ? [] : ['--translate-to-exnref'];
  const args = ['--no-warnings', wasmOpt, '-ttf', '--all-features', ...features, ...passes, path, '-o', path];
  try {
    execFileSync(process.execPath, args, { stdio: 'ignore', timeout: 20_000 });
  } catch {
    return randomCode(seeded(randomBytes(4).readUInt32LE())).bytes; // The generator met a mistake of its own.
  }
  return new Uint8Array(readFileSync(path));
}

async function attempt(bytes: Uint8Array<ArrayBuffer>, seed: number): Promise<'refused' | 'invalid' | 'ran'> {
  let info: CoreModuleInfo;
  try {
    info = readCoreModule(bytes);
  } catch {
    return 'refused';
  }
  let outcome: 'refused' | 'invalid' | 'ran' = 'refused';
  for (const image of [false, true]) {
    const compiled = await compile(bytes, info, image);
    if (typeof compiled === 'string') {
      if (outcome !== 'ran') outcome = compiled;
      continue;
    }
    for (const module of compiled) run(module, info, seed);
    outcome = 'ran';
  }
  return outcome;
}

async function compile(
  bytes: Uint8Array<ArrayBuffer>,
  info: CoreModuleInfo,
  image: boolean,
): Promise<readonly WebAssembly.Module[] | 'refused' | 'invalid'> {
  let rewritten: Uint8Array<ArrayBuffer>;
  try {
    const interrupt = { module: 'watch', name: 'flag' };
    const caps = { maximumPages: PAGES, maximumTableElements: 1000 };
    rewritten = rewriteCoreModule(bytes, info, {
      importMemories: MEMORIES,
      exportInternals: 'x:',
      interrupt,
      heap: { exportName: 'x:heap', bytes: HEAP_BYTES },
      image,
      ...caps,
    });
  } catch {
    return 'refused';
  }
  if (info.allocates && !WebAssembly.validate(bytes)) return 'invalid';
  try {
    // As when it is loaded for the first time, and as it comes out of the cache then.
    return [await compileFully(rewritten), compileKnown(rewritten)];
  } catch {
    return 'invalid';
  }
}

function run(module: WebAssembly.Module, info: CoreModuleInfo, seed: number): void {
  const random = seeded(seed);
  begin();
  try {
    const { exports } = new WebAssembly.Instance(module, importsOf(module, info));
    for (const [, value] of Object.entries(exports)) {
      if (typeof value !== 'function') continue;
      for (let turn = 0; turn < 3; turn++) {
        begin();
        callAny(value as (...args: unknown[]) => unknown, random.int(100));
      }
    }
  } catch {
    // Traps and imports that do not fit are fine.
  }
  Atomics.store(new Int32Array(calls), 0, 0);
}

function begin(): void {
  Atomics.store(new Int32Array(flag.buffer as SharedArrayBuffer), 0, 0);
  Atomics.add(new Int32Array(calls), 0, 1);
}

/** What one parameter type refuses another takes. */
function callAny(call: (...args: unknown[]) => unknown, value: number): void {
  for (const args of [[], [value, null, value], [BigInt(value), BigInt(value)]]) {
    try {
      call(...args);
      return;
    } catch (error) {
      if (!(error instanceof TypeError) && !(error instanceof SyntaxError)) return;
    }
  }
}

function importsOf(module: WebAssembly.Module, info: CoreModuleInfo): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = { watch: { flag } };
  const memories = info.memories.map(({ min }) => new WebAssembly.Memory({ initial: Number(min), maximum: PAGES }));
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const into = imports[from] ?? {};
    imports[from] = into;
    if (into[name] !== undefined) continue;
    if (from === MEMORIES) into[name] = memories[Number(name.slice('memory'.length))] as WebAssembly.Memory;
    else if (kind === 'function') into[name] = () => 0;
    else if (kind === 'tag') into[name] = new WebAssembly.Tag({ parameters: [] });
    else if (kind === 'table') into[name] = new WebAssembly.Table({ element: 'anyfunc', initial: 20 });
    else if (kind === 'global') into[name] = 0;
  }
  return imports;
}
