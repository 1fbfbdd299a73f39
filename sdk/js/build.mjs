// Builds a JavaScript or TypeScript handler into a component:
//   node build.mjs src/index.ts -o build/app.wasm [--world world.wit] [--disable http,random,…]
// The entry is bundled with what it imports and runs in StarlingMonkey; building takes about twenty seconds.
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleModule, keepInterfaces, sdkModule } from '../bundle.mjs';
import { hostInterfaceNames, hostInterfaces } from '../interfaces.mjs';
import { buildUnlessFresh } from '../stamp.mjs';
import { BuildError, importTool, requireTools, runBuild, toolVersion } from '../tools.mjs';
import { withWasi } from '../wit.mjs';

const usage = 'Usage: node build.mjs <entry.js|entry.ts> -o <file.wasm>';
const options = {
  output: { type: 'string', short: 'o' },
  world: { type: 'string' },
  disable: { type: 'string', default: '' },
};

/** componentize-js wants the last one, without naming it among its own dependencies. */
const tools = ['@bytecodealliance/componentize-js', '@bytecodealliance/jco', '@bytecodealliance/preview2-shim'];

/** The version that the engine of componentize-js 0.23 exports its handler with: it finds no other. */
const wasiVersion = '0.2.10';
const handlerWorld = new URL('world.wit', import.meta.url);

/**
 * Writes the component of `entry` to `output`; true when it did, false when the file was up to date. `world` is WIT
 * text with one world, or undefined for an HTTP handler: one that listens to `fetch` events, or whose default export is a
 * function or has one called `fetch`. Features that the world has no
 * use for may be disabled: http, random, clocks, stdio, fetch-event.
 */
export async function buildComponent(entry, output, { world, disableFeatures = [] } = {}) {
  requireTools(tools);
  const { code: source, imports } = await bundle(entry, world === undefined);
  const witWorld = world === undefined ? await handlerWorldOf(imports) : await withWasi(world, wasiVersion);
  const sourceName = `${basename(entry).replace(/\.\w+$/, '')}.js`;
  const options = { sourceName, witWorld, disableFeatures };
  const inputs = [toolVersion('@bytecodealliance/componentize-js'), JSON.stringify(options), source];
  return buildUnlessFresh(output, inputs, () => componentizeSource(entry, source, options));
}

/** The world of a handler, with those interfaces of the host that it imports. */
async function handlerWorldOf(imports) {
  const { names, wit } = await hostInterfaces(hostInterfaceNames.filter((name) => imports.includes(name)));
  const lines = names.map((name) => `  import ${name};\n`).join('');
  const world = (await readFile(handlerWorld, 'utf8')).replace(/\}\s*$/, `${lines}}\n`);
  return `${await withWasi(world, wasiVersion)}\n${wit}`;
}

async function componentizeSource(entry, source, options) {
  const { componentize } = await importTool('@bytecodealliance/componentize-js');
  try {
    return (await componentize(source, options)).component;
  } catch (error) {
    throw new BuildError(`Cannot make a component of '${entry}': ${error.payload ?? error.message}`, { cause: error });
  }
}

/** Interfaces of WASI 0.2, in whatever version, get the one that there is. */
const interfaces = keepInterfaces((name) => name.replace(/^(wasi:[^@]+)(@0\.2\.\d+)?$/, `$1@${wasiVersion}`));

/** A module before the entry of a handler: what it exports as Workers do is made a listener. */
const handlerOf = (entry) => ({
  name: 'handler',
  resolveId: (source) => (source === HANDLER ? HANDLER : undefined),
  load: (id) =>
    id === HANDLER
      ? `import * as program from ${JSON.stringify(entry)};
const main = program['default'];
const handle = typeof main === 'function' ? main : main?.fetch?.bind(main);
if (handle)
  addEventListener('fetch', (event) => {
    const context = { waitUntil: (work) => event.waitUntil(work), passThroughOnException() {} };
    event.respondWith((async () => handle(event.request, {}, context))());
  });
`
      : undefined,
});
const HANDLER = '\0handler';

/** Whether there is a default export is asked on purpose. */
function onLog(level, log, handler) {
  if (log.code !== 'IMPORT_IS_UNDEFINED') handler(level, log);
}

/** One ES module with everything that the entry imports, and the names of interfaces that it imports still. */
async function bundle(entry, isHandler) {
  const whole = resolve(entry);
  const plugins = [...(isHandler ? [handlerOf(whole)] : []), sdkModule, interfaces];
  try {
    // Comments name files relative to the entry's folder, so that they are the same wherever it is built.
    return await bundleModule(isHandler ? HANDLER : whole, dirname(whole), { plugins, onLog });
  } catch (error) {
    throw new BuildError(`Cannot bundle '${entry}': ${error.message}`, { cause: error });
  }
}

async function main(args) {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [entry, ...others] = positionals;
  if (entry === undefined || others.length > 0 || values.output === undefined) throw new BuildError(usage);
  const built = await buildComponent(entry, values.output, {
    world: values.world === undefined ? undefined : await readFile(values.world, 'utf8'),
    disableFeatures: values.disable.split(',').filter(Boolean),
  });
  console.error(built ? `Built ${values.output}` : `${values.output} is up to date`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await runBuild(main);
