// Builds C (or C++) sources into a component:
//   node build.mjs src/*.c -o build/app.wasm [--world world.wit] [--heap KiB] [-DNAME=…] [-O…] [-I…]
//   node build.mjs --each src/*.c -o build       one component for each source
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildUnlessFresh } from '../stamp.mjs';
import { BuildError, requireTools, runBuild, toolVersion } from '../tools.mjs';
import { compileModule, readSources } from './clang.mjs';
import { makeComponent } from './component.mjs';

const usage = 'Usage: node build.mjs <source…> -o <file.wasm>, or node build.mjs --each <source…> -o <folder>';
const options = {
  output: { type: 'string', short: 'o' },
  each: { type: 'boolean', default: false },
  world: { type: 'string' },
  heap: { type: 'string', default: '128' },
};

/**
 * Compiles, links and wraps `sources` and writes the component to `output`; true when it did, false when the file was
 * up to date. `world` is WIT text with one world, or undefined for an HTTP handler; `heapBytes` is what the heap
 * starts with (it can grow). Throws a BuildError after clang has said what is wrong.
 */
export async function buildComponent(sources, output, { clangFlags = [], heapBytes = 128 * 1024, world } = {}) {
  const library = world === undefined || /export\s+wasi:http\/incoming-handler/.test(world) ? 'handler' : 'plain';
  const files = await readSources(sources, clangFlags);
  const tools = ['@yowasp/clang', '@bytecodealliance/jco'];
  requireTools(tools);
  const inputs = [
    ...tools.map(toolVersion),
    JSON.stringify([clangFlags, heapBytes]),
    world ?? '',
    ...Object.entries(files).flat(),
  ];
  return buildUnlessFresh(output, inputs, async () =>
    makeComponent(await compileModule(sources, files, { clangFlags, heapBytes, library }), world),
  );
}

async function main(args) {
  const { values, positionals } = parseArgs({ args: args.filter(isOurs), options, allowPositionals: true });
  if (positionals.length === 0 || values.output === undefined) throw new BuildError(usage);
  const settings = {
    clangFlags: args.filter((arg) => !isOurs(arg)),
    heapBytes: Number(values.heap) * 1024,
    world: values.world === undefined ? undefined : await readFile(values.world, 'utf8'),
  };
  const jobs = values.each
    ? positionals.map((source) => [[source], join(values.output, `${basename(source, extname(source))}.wasm`)])
    : [[positionals, values.output]];
  for (const [inputs, output] of jobs) {
    const built = await buildComponent(inputs, output, settings);
    console.error(built ? `Built ${output}` : `${output} is up to date`);
  }
}

/** Flags such as -DNAME=1, -O3 or -msimd128 go to clang. */
function isOurs(arg) {
  return !/^-[DIOUWfmg]./.test(arg);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await runBuild(main);
