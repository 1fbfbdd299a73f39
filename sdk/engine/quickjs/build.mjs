// Builds the engine component of QuickJS: node build.mjs -o quickjs.wasm
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleModule, keepInterfaces } from '../../bundle.mjs';
import { buildUnlessFresh } from '../../stamp.mjs';
import { BuildError, importTool, licenceText, runBuild, toolVersion } from '../../tools.mjs';
import { withWasi } from '../../wit.mjs';
import { inlinedHashes } from '../inline.mjs';
import { hostInterfaces } from '../interfaces.mjs';
import { short, smallTables } from '../lean.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
/** The folder with the parts that engines share, and this one. */
const sdk = dirname(folder);
/** What the engine is built with, and what is in it, beside our own sources. */
const tools = ['@bytecodealliance/jco', 'rolldown'];
const packages = [
  '@noble/ciphers',
  '@noble/curves',
  '@noble/hashes',
  'componentize-qjs',
  'fflate',
  'urlpattern-polyfill',
  'web-streams-polyfill',
];

/**
 * componentize-qjs evaluates the program before it knows of WASI's types, and then takes them for others; under another
 * name they are left alone until all is done. The runtime itself imports 0.2.12, which is the same to a host.
 */
const OTHER = 'waxi:';
const WASI = 'wasi:';
const VERSION = '0.2.10';

/** Writes the engine component to `output`, unless what is there is up to date; true when it wrote. */
export async function buildEngine(output) {
  return buildUnlessFresh(output, await inputs(), engine);
}

/** All that the engine is made of. It is not bundled to find that out, which takes longer than a program's start may. */
async function inputs() {
  const files = (await readdir(sdk, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(js|mjs|wit)$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const others = ['bundle.mjs', 'wit.mjs', '../src/script/values.ts'].map((name) => join(dirname(sdk), name));
  const texts = await Promise.all([...files, ...others].map((file) => readFile(file, 'utf8')));
  const { wit } = await hostInterfaces();
  return [...[...tools, ...packages].map(toolVersion), ...texts, wit];
}

async function engine() {
  const [source, wit] = await Promise.all([bundle(), worldText()]);
  const { componentize } = await importTool('componentize-qjs');
  const place = await mkdtemp(join(tmpdir(), 'mayfly-engine-'));
  try {
    const witPath = join(place, 'world.wit');
    await writeFile(witPath, wit.replaceAll(WASI, OTHER));
    const { component } = await componentize({ witPath, world: 'engine', jsSource: source.replaceAll(WASI, OTHER) });
    return Buffer.concat([renamed(component), licences()]);
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

/** A custom section `licences`, with those of the packages that are in the engine. */
function licences() {
  const name = Buffer.from('licences');
  const text = Buffer.from(packages.map(licenceText).join('\n---\n\n'));
  const content = Buffer.concat([Buffer.from([name.length]), name, text]);
  // The section: id 0, its size as LEB128, and what is in it.
  const size = [];
  for (let rest = content.length; ; rest >>>= 7) {
    size.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) return Buffer.concat([Buffer.from([0, ...size]), content]);
  }
}

/** What the engine's own module `mayfly:interfaces` is. */
const allInterfaces = {
  name: 'interfaces',
  resolveId: (source) => (source === 'mayfly:interfaces' ? '\0interfaces' : undefined),
  load: async (id) => (id === '\0interfaces' ? importAll((await hostInterfaces()).names) : undefined),
};

function bundle() {
  const plugins = [allInterfaces, keepInterfaces(), smallTables, inlinedHashes];
  const resolve = { mainFields: ['module', 'main'] };
  return bundleModule(join(folder, 'main.js'), folder, { plugins, resolve, minify: short });
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
