// Builds the engine components: node build.mjs <name> -o <file.wasm>
// What engines share is here; what differs, in `quickjs/componentize.mjs` and `starlingmonkey/componentize.mjs`.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { writeOutUnicodeProperties } from '../../src/script/bundle/unicode-properties.ts';
import { bundleModule, keepInterfaces } from '../bundle.mjs';
import { hostInterfaceNames, hostInterfaces } from '../interfaces.mjs';
import { camel, pascal, plainFunctions } from '../parse-signature.mjs';
import { readSignatures } from '../signatures.mjs';
import { buildUnlessFresh } from '../stamp.mjs';
import { BuildError, licenceText, runBuild, toolVersion } from '../tools.mjs';
import { withWasi } from '../wit.mjs';
import { inlinedHashes } from './inline.mjs';
import { short, smallTables } from './lean.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
/** The engines' own folders. */
const engines = ['quickjs', 'starlingmonkey'];
/** What engines are built with, and what is in them, beside our own sources and the tool that an engine names itself. */
const tools = ['@bytecodealliance/jco', 'rolldown'];
const packages = [
  '@noble/ciphers',
  '@noble/curves',
  '@noble/hashes',
  'fflate',
  'urlpattern-polyfill',
  'web-streams-polyfill',
];
/** The version of WASI in which engines are written, which componentize-js needs exactly. */
const VERSION = '0.2.10';

/** Writes an engine component to `output`, unless what is there is up to date; true when it wrote. */
export async function buildEngine(name, output) {
  if (!engines.includes(name)) throw new BuildError(`There is no engine '${name}': there are ${engines.join(', ')}`);
  const { componentizeEngine, tool } = await import(`./${name}/componentize.mjs`);
  return buildUnlessFresh(output, await inputs(name, tool), async () => {
    const [source, wit] = await Promise.all([bundle(name), worldText(name)]);
    return Buffer.concat([await componentizeEngine(source, wit), licences([...packages, tool])]);
  });
}

/** All that an engine is made of. It is not bundled to find that out, which takes longer than a program's start may. */
async function inputs(name, tool) {
  const others = engines.filter((engine) => engine !== name).map((engine) => join(folder, engine));
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(js|mjs|wit)$/.test(entry.name))
    .filter(({ parentPath }) => !others.some((other) => parentPath === other))
    .map(({ parentPath, name: file }) => join(parentPath, file))
    .sort();
  const shared = [
    'bundle.mjs',
    'wit.mjs',
    'parse-signature.mjs',
    'script/bytes.ts',
    'script/errors.ts',
    'script/websocket-connection.ts',
    '../src/script/values.ts',
    '../src/script/bundle/unicode-properties.ts',
  ].map((file) => join(dirname(folder), file));
  const texts = await Promise.all([...files, ...shared].map((file) => readFile(file, 'utf8')));
  const { wit } = await hostInterfaces();
  return [...[...tools, ...packages, tool].map(toolVersion), ...texts, wit];
}

async function worldText(name) {
  const { names, wit } = await hostInterfaces();
  const imports = names.map((one) => `  import ${one};`).join('\n');
  const world = (await readFile(join(folder, name, 'world.wit'), 'utf8')).replace(
    '  // The interfaces of the host, as the build has them\n',
    `${imports}\n`,
  );
  return `${await withWasi(world, VERSION)}\n${wit}`;
}

/** A custom section `licences`, with those of the packages that are in the engine. */
function licences(names) {
  const name = Buffer.from('licences');
  const text = Buffer.from(names.map(licenceText).join('\n---\n\n'));
  const content = Buffer.concat([Buffer.from([name.length]), name, text]);
  // The section: id 0, its size as LEB128, and what is in it.
  const size = [];
  for (let rest = content.length; ; rest >>>= 7) {
    size.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) return Buffer.concat([Buffer.from([0, ...size]), content]);
  }
}

/** What the engines' own module `mayfly:interfaces` is. */
const allInterfaces = {
  name: 'interfaces',
  resolveId: (source) => (source === 'mayfly:interfaces' ? '\0interfaces' : undefined),
  load: async (id) => (id === '\0interfaces' ? importAll(hostInterfaceNames) : undefined),
};

async function bundle(name) {
  const { code } = await bundleModule(join(folder, name, 'main.js'), folder, {
    plugins: [
      allInterfaces,
      keepInterfaces(),
      smallTables,
      inlinedHashes,
      ...(name === 'starlingmonkey' ? [writeOutUnicodeProperties()] : []),
    ],
    resolve: { mainFields: ['module', 'main'] },
    experimental: { nativeMagicString: true },
    minify: short,
  });
  return code;
}

/** A module with the interfaces by their names, and with their functions. */
async function importAll(names) {
  const all = await readSignatures();
  const types = new SharedTypes();
  const imports = names.map((name, index) => `import * as i${index} from ${JSON.stringify(name)};`);
  const entries = names.map((name, index) => `[${JSON.stringify(name)}, i${index}]`);
  const functions = names.map((name) => `${JSON.stringify(name)}: [${functionsOf(all[name], types).join(', ')}]`);
  return `${imports.join('\n')}
export const interfaces = new Map([${entries.join(', ')}]);
${types.lines.join('\n')}
export const functions = {${functions.join(',\n')}};`;
}

/** `{ kind, owner, name, params, result }` of each; those that are asynchronous are left out. */
function functionsOf(signatures, types) {
  return plainFunctions(signatures).map(({ kind, resource, method, params, result }) => {
    const list = params.map((type) => types.nameOf(type)).join(', ');
    const gives = result?.name === 'result' ? result.args[0] : result;
    const head = JSON.stringify({ kind, owner: resource && pascal(resource), name: camel(method) }).slice(0, -1);
    return `${head}, params: [${list}], result: ${gives && gives.name !== '_' ? types.nameOf(gives) : 'undefined'} }`;
  });
}

/** Types as constants, each once, so that an engine's image does not hold them a hundred times. */
class SharedTypes {
  lines = [];
  #known = new Map();

  nameOf({ name, args, fields }) {
    const parts = [`name: '${name}'`];
    if (args) parts.push(`args: [${args.map((one) => this.nameOf(one)).join(', ')}]`);
    if (fields) parts.push(`fields: [${fields.map((one) => this.#field(one, name)).join(', ')}]`);
    const text = `{ ${parts.join(', ')} }`;
    if (!this.#known.has(text)) {
      this.#known.set(text, `t${this.#known.size}`);
      this.lines.push(`const ${this.#known.get(text)} = ${text};`);
    }
    return this.#known.get(text);
  }

  #field({ name, type }, kind) {
    const shown = kind === 'record' ? camel(name) : name;
    return type ? `{ name: '${shown}', type: ${this.nameOf(type)} }` : `{ name: '${shown}' }`;
  }
}

async function main(args) {
  const { values, positionals } = parseArgs({
    args,
    options: { output: { type: 'string', short: 'o' } },
    allowPositionals: true,
  });
  const [name, ...others] = positionals;
  if (name === undefined || others.length > 0 || values.output === undefined) {
    throw new BuildError(`Usage: node build.mjs <${engines.join('|')}> -o <file.wasm>`);
  }
  const built = await buildEngine(name, values.output);
  console.error(built ? `Built ${values.output}` : `${values.output} is up to date`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await runBuild(main);
