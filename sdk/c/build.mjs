// Builds C (or C++) sources into a component:
//   node build.mjs src/*.c -o build/app.wasm [--world world.wit] [--memory KiB] [-DNAME=…] [-O…] [-I…]
//   node build.mjs --each src/*.c -o build       one component for each source
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { BuildError, runBuild } from '../tools.mjs';
import { compileModule } from './clang.mjs';
import { makeComponent } from './component.mjs';

const usage = 'Usage: node build.mjs <source…> -o <file.wasm>, or node build.mjs --each <source…> -o <folder>';
const options = {
  output: { type: 'string', short: 'o' },
  each: { type: 'boolean', default: false },
  world: { type: 'string' },
  memory: { type: 'string', default: '256' },
};

/**
 * Compiles, links and wraps `sources`. `world` is WIT text with one world, or undefined for an HTTP handler;
 * `memoryBytes` is what the module starts with (it can grow). Throws a BuildError after clang has said what is wrong.
 */
export async function buildComponent(sources, { clangFlags = [], memoryBytes = 256 * 1024, world } = {}) {
  const library = world === undefined || /export\s+wasi:http\/incoming-handler/.test(world) ? 'handler' : 'plain';
  return makeComponent(await compileModule(sources, { clangFlags, memoryBytes, library }), world);
}

async function main(args) {
  const { values, positionals } = parseArgs({ args: args.filter(isOurs), options, allowPositionals: true });
  if (positionals.length === 0 || values.output === undefined) throw new BuildError(usage);
  const settings = {
    clangFlags: args.filter((arg) => !isOurs(arg)),
    memoryBytes: Number(values.memory) * 1024,
    world: values.world === undefined ? undefined : await readFile(values.world, 'utf8'),
  };
  const jobs = values.each
    ? positionals.map((source) => [[source], join(values.output, `${basename(source, extname(source))}.wasm`)])
    : [[positionals, values.output]];
  for (const [sources, output] of jobs) {
    const component = await buildComponent(sources, settings);
    await mkdir(dirname(output), { recursive: true });
    await writeFile(output, component);
    console.error(`Built ${output} (${Math.ceil(component.length / 1024)} KiB)`);
  }
}

/** Flags such as -DNAME=1, -O3 or -msimd128 go to clang. */
function isOurs(arg) {
  return !/^-[DIOUWfmg]./.test(arg);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await runBuild(main);
