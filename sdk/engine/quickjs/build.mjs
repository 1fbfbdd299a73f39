// Builds the engine component of QuickJS: node build.mjs -o quickjs.wasm
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildUnlessFresh } from '../../stamp.mjs';
import { BuildError, importTool, runBuild, toolVersion } from '../../tools.mjs';
import { withWasi } from '../../wit.mjs';
import { hostInterfaces } from '../interfaces.mjs';

const folder = dirname(fileURLToPath(import.meta.url));

/**
 * componentize-qjs evaluates the program before it knows of WASI's types, and then takes them for others; under another
 * name they are left alone until all is done. The runtime itself imports 0.2.12, which is the same to a host.
 */
const OTHER = 'waxi:';
const WASI = 'wasi:';
const VERSION = '0.2.10';

/** Writes the engine component to `output`, unless what is there is up to date; true when it wrote. */
export async function buildEngine(output) {
  const [source, wit] = await Promise.all([bundle(join(folder, 'main.js')), worldText()]);
  return buildUnlessFresh(output, [toolVersion('componentize-qjs'), source, wit], () => engineOf(source, wit));
}

async function engineOf(source, wit) {
  const { componentize } = await importTool('componentize-qjs');
  const place = await mkdtemp(join(tmpdir(), 'mayfly-engine-'));
  try {
    const witPath = join(place, 'world.wit');
    await writeFile(witPath, wit.replaceAll(WASI, OTHER));
    const { component } = await componentize({ witPath, world: 'engine', jsSource: source.replaceAll(WASI, OTHER) });
    return renamed(component);
  } finally {
    await rm(place, { recursive: true });
  }
}

async function worldText() {
  const { names, wit } = await hostInterfaces();
  const imports = names.map((name) => `  import ${name};`).join('\n');
  const world = (await readFile(join(folder, 'world.wit'), 'utf8')).replace(
    '  // The interfaces of interfaces.mjs\n',
    `${imports}\n`,
  );
  return `${await withWasi(world, VERSION)}\n${wit}`;
}

function renamed(component) {
  const bytes = Buffer.from(component);
  for (let at = bytes.indexOf(OTHER); at >= 0; at = bytes.indexOf(OTHER, at)) bytes.write(WASI, at);
  return bytes;
}

const witImports = {
  name: 'wit-imports',
  resolveId: (source) => (/^[\w-]+:[\w-]+\//.test(source) ? { id: source, external: true } : undefined),
};

async function bundle(entry) {
  const { rolldown } = await importTool('rolldown');
  const names = {
    name: 'interfaces',
    resolveId: (source) => (source === 'mayfly:interfaces' ? '\0interfaces' : undefined),
    load: async (id) => (id === '\0interfaces' ? importAll((await hostInterfaces()).names) : undefined),
  };
  const build = await rolldown({
    input: entry,
    cwd: folder,
    platform: 'neutral',
    plugins: [names, witImports],
    logLevel: 'warn',
    resolve: { mainFields: ['module', 'main'] },
  });
  try {
    const { output } = await build.generate({ format: 'esm', codeSplitting: false, minify: false });
    return output[0].code;
  } finally {
    await build.close();
  }
}

/** A module with the interfaces by their names. */
function importAll(names) {
  const imports = names.map((name, index) => `import i${index} from ${JSON.stringify(name)};`);
  const entries = names.map((name, index) => `[${JSON.stringify(name)}, i${index}]`);
  return `${imports.join('\n')}\nexport const interfaces = new Map([${entries.join(', ')}]);`;
}

async function main(args) {
  const { values } = parseArgs({ args, options: { output: { type: 'string', short: 'o' } } });
  if (values.output === undefined) throw new BuildError('Usage: node build.mjs -o <file.wasm>');
  const built = await buildEngine(values.output);
  console.error(built ? `Built ${values.output}` : `${values.output} is up to date`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await runBuild(main);
