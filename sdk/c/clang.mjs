// Runs clang and the linker, which are WebAssembly themselves, over a virtual file tree. Makes core modules only.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BuildError, importTool } from '../tools.mjs';
import { witVersion } from '../wit.mjs';

const home = dirname(fileURLToPath(import.meta.url));
const sdk = '.mayfly';
const target = ['--target=wasm32-wasip1'];
const compileFlags = [
  '-O2',
  '-ffunction-sections',
  '-fdata-sections',
  '-Wall',
  '-Wextra',
  `-I${sdk}/include`,
  `-DMAYFLY_WASI_VERSION="${witVersion}"`,
];
const stackBytes = 64 * 1024;

/** What a build of `sources` reads: path in the virtual tree → bytes. Headers come from their folders and from -I. */
export async function readSources(sources, clangFlags) {
  const included = clangFlags.filter((flag) => flag.startsWith('-I')).map((flag) => flag.slice(2));
  const files = { ...(await sdkFiles()), ...(await headersOf([...sources.map((path) => dirname(path)), ...included])) };
  for (const path of sources) await addWithIncludes(path, virtualPath(path), await read(path), files);
  return files;
}

/**
 * A file, and those that it includes by a path of their own, wherever they lie. `seen` is where clang looks for it: the
 * virtual tree has no way up, so `..` leads nowhere and `a/../b.h` is found at `a/b.h`.
 */
async function addWithIncludes(path, seen, bytes, files) {
  files[seen] = bytes;
  for (const [, name] of bytes.toString().matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)) {
    const included = join(dirname(path), name);
    const down = name.split('/').filter((part) => part !== '..' && part !== '.');
    const seenAt = [...seen.split('/').slice(0, -1), ...down].join('/');
    const found = files[seenAt] ? undefined : await readFile(included).catch(() => undefined);
    if (found) await addWithIncludes(included, seenAt, found, files);
  }
}

/** A core module of `sources`, optimised, with its name section. `library` 'plain' leaves the HTTP export out. */
export async function compileModule(sources, files, { clangFlags, heapBytes, library }) {
  const objects = { ...(await libraryObjects(library)) };
  for (const path of sources.map(virtualPath)) objects[objectPath(path)] = await compile(path, files, clangFlags);
  const cpp = sources.some((source) => extname(source) !== '.c');
  return link(objects, cpp ? 'clang++' : 'clang', heapBytes);
}

async function compile(path, files, flags) {
  const driver = extname(path) === '.c' ? ['clang'] : ['clang++', '-fno-exceptions']; // no unwinding in the library
  const output = `${sdk}/object.o`;
  const outputs = await run([...driver, ...target, ...compileFlags, ...flags, '-c', path, '-o', output], files);
  return outputs[output];
}

const objectPath = (source) => `${sdk}/objects/${source.replace(/[^A-Za-z0-9.-]/g, '_')}.o`;

async function link(objects, driver, heapBytes) {
  const linkerFlags = [
    '--strip-debug', // names stay
    '--gc-sections',
    '--stack-first', // an overflow traps instead of running into data
    `-z,stack-size=${stackBytes}`,
    `--initial-heap=${heapBytes}`,
  ].map((flag) => `-Wl,${flag}`);
  const args = [driver, ...target, '-O2', '-mexec-model=reactor', ...Object.keys(objects), ...linkerFlags];
  const outputs = await run([...args, '-o', 'app.wasm'], objects);
  return outputs['app.wasm'];
}

const libraries = new Map();

/** The library's object files: compiled once in a process. */
async function libraryObjects(library) {
  if (!libraries.has(library)) libraries.set(library, compileLibrary(library));
  return libraries.get(library);
}

async function compileLibrary(library) {
  const files = await sdkFiles();
  const objects = {};
  for (const path of Object.keys(files).filter((file) => file.endsWith('.c'))) {
    if (library === 'plain' && path.endsWith('/handler.c')) continue;
    objects[objectPath(path)] = await compile(path, files, []);
  }
  return objects;
}

async function sdkFiles() {
  const files = {};
  for (const folder of ['include', 'src']) {
    for (const name of (await readdir(join(home, folder))).sort()) {
      files[`${sdk}/${folder}/${name}`] = await readFile(join(home, folder, name));
    }
  }
  return files;
}

/** All headers in and under `folders`; clang sees no other file of the machine. */
async function headersOf(folders) {
  const files = {};
  for (const folder of new Set(folders.map((path) => resolve(path)))) {
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    const headers = names.filter((name) => /\.(h|hh|hpp|inc)$/.test(name) && !name.includes('node_modules'));
    for (const name of headers.sort()) files[virtualPath(join(folder, name))] = await readFile(join(folder, name));
  }
  return files;
}

/** Relative to the current folder where possible, so that messages and artifacts do not depend on where that is. */
function virtualPath(path) {
  const inside = relative(process.cwd(), resolve(path));
  const outside = inside.startsWith('..') || isAbsolute(inside);
  return (outside ? resolve(path).replace(/^[A-Za-z]:/, '') : inside).split(sep).join('/');
}

async function read(path) {
  try {
    return await readFile(path);
  } catch (error) {
    throw new BuildError(`Cannot read '${path}': ${error.message}`);
  }
}

/** Runs a command over `files` (path → bytes) and answers the files that it leaves. Its messages go to stderr. */
async function run(args, files) {
  const { runClang, Exit } = await importTool('@yowasp/clang');
  await runClang(null, {}, { fetchProgress: () => {} }); // loads it, without the report of progress on stdout
  const colour = process.stderr.isTTY ? '-fcolor-diagnostics' : '-fno-color-diagnostics';
  const messages = (bytes) => bytes && process.stderr.write(bytes);
  try {
    return flatten(await runClang([...args, colour], toTree(files), { stdout: messages, stderr: messages }));
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    throw new BuildError(`Cannot build: ${args[0]} found the errors above`);
  }
}

function toTree(files) {
  const tree = {};
  for (const [path, bytes] of Object.entries(files)) {
    const parts = path.split('/').filter(Boolean);
    let folder = tree;
    for (const part of parts.slice(0, -1)) folder = folder[part] ??= {};
    folder[parts.at(-1)] = new Uint8Array(bytes);
  }
  return tree;
}

function flatten(tree, prefix = '', files = {}) {
  for (const [name, entry] of Object.entries(tree)) {
    const path = prefix === '' ? name : `${prefix}/${name}`;
    if (entry instanceof Uint8Array || typeof entry === 'string') files[path] = entry;
    else flatten(entry, path, files);
  }
  return files;
}
