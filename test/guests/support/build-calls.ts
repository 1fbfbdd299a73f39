// Builds the guests in test/guests/calls: their sources, with the table of functions that each has.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { buildComponent } from '../../../sdk/c/build.mjs';
import { buildUnlessFresh } from '../../../sdk/stamp.mjs';
import { toService } from '../../support/component-0.3.ts';
import type { Guest } from '../guests.ts';
import { interfacesOf, tableOf, type Wanted } from './calls.ts';
import { compileFiles, toolOf } from './command.ts';
import { type Interfaces, witOf } from './wit-of-signatures.ts';

const flags = [
  '--target=wasm32-wasip1',
  '-Os',
  '-Wall',
  '-Wextra',
  '-nostdlib',
  '-fno-builtin',
  '-Wl,--no-entry',
  '-Wl,--strip-debug',
];

/** What the C library of the SDK imports. */
const wasi = [
  'wasi:io/error',
  'wasi:io/poll',
  'wasi:io/streams',
  'wasi:clocks/monotonic-clock',
  'wasi:clocks/wall-clock',
  'wasi:random/random',
  'wasi:cli/environment',
  'wasi:cli/stderr',
  'wasi:filesystem/types',
  'wasi:filesystem/preopens',
  'wasi:http/types',
  'wasi:http/outgoing-handler',
].map((name) => `${name}@0.2.12`);

/** True when it was built: a handler of WASI 0.2, or a service of WASI 0.3. */
export async function buildCalls(
  { kind, name, sources }: Pick<Guest, 'kind' | 'name' | 'sources'>,
  wanted: readonly Wanted[],
  output: string,
): Promise<boolean> {
  const interfaces = interfacesOf(wanted);
  const ours = Object.fromEntries(wanted.flatMap((one) => (one.service === 'wasi' ? [] : [entryOf(one, interfaces)])));
  if (kind === 'calls-service') return buildForService(sources, interfaces, ours, output);
  const table = join('.cache/guests', name, 'table.c');
  await mkdir(dirname(table), { recursive: true });
  const draft = `${table}.${process.pid}`; // another process may build the same guest now
  await writeFile(draft, tableOf(interfaces));
  await rename(draft, table);
  const imports = [...new Set([...wasi, ...Object.keys(interfaces)])].map((one) => `  import ${one};\n`).join('');
  const world = `package test:calls;
world calls {
${imports}  export wasi:http/incoming-handler@0.2.12;
}
${witOf(ours)}
`;
  return buildComponent([...sources, table], output, {
    clangFlags: ['-Os', '-Itest/guests/calls', '-Itest/guests/support'],
    world,
  });
}

function entryOf({ name }: Wanted, interfaces: Interfaces): [string, Readonly<Record<string, string>>] {
  return [name, interfaces[name] ?? {}];
}

/** All sources as one. */
async function buildForService(
  sources: readonly string[],
  interfaces: Interfaces,
  ours: Interfaces,
  output: string,
): Promise<boolean> {
  const paths = [...sources, join(dirname(sources[1] ?? ''), 'calls.h')];
  const texts = await Promise.all(paths.map(async (path) => [basename(path), await readFile(path, 'utf8')] as const));
  const files: Record<string, string> = { ...Object.fromEntries(texts), 'table.c': tableOf(interfaces) };
  const units = Object.keys(files).filter((file) => file.endsWith('.c'));
  files['main.c'] = units.map((file) => `#include "${file}"\n`).join('');
  const wit = witOf(ours);
  const inputs = [await toolOf(), flags.join(' '), wit, ...Object.values(files)];
  return buildUnlessFresh(output, inputs, async () =>
    toService(await compileFiles(files, flags), Object.keys(interfaces), wit),
  );
}
