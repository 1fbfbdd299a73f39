// The WIT of WASI that jco carries, as one text with a world of ours: no file has to be laid out for the tools.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importTool } from './tools.mjs';

/** The version of WASI that jco's WIT is written in. */
export const witVersion = '0.2.12';
const packages = ['io', 'clocks', 'random', 'cli', 'filesystem', 'sockets', 'http'];

/**
 * `world` (WIT text that begins with its package) followed by the packages of WASI. Versions are respelled as `version`
 * where a tool insists on one; the functions that we use are the same in all of 0.2.
 */
export async function withWasi(world, version = witVersion) {
  const { preview1AdapterReactorPath } = await importTool('@bytecodealliance/jco');
  const folder = join(dirname(fileURLToPath(preview1AdapterReactorPath())), 'wit', 'builtin', witVersion);
  const texts = await Promise.all(
    packages.map((name) => readFile(join(folder, `wasi-${name}`, 'package.wit'), 'utf8')),
  );
  return [world, ...texts.map(nest)].join('\n').replaceAll(witVersion, version);
}

/** `package a:b@1.0.0;` at the head of a file becomes `package a:b@1.0.0 { … }`, of which one text may hold several. */
function nest(text) {
  return `${text.replace(/^(package\s[^;]+);/m, '$1 {')}\n}\n`;
}
