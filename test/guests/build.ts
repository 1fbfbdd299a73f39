// Builds guests that are missing or older than their sources: `node test/guests/build.ts [name…]`, or from a test
// through `guest(name)`. What is up to date costs a few milliseconds; a JavaScript guest takes 20 seconds, once.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildComponent as buildC } from '../../sdk/c/build.mjs';
import { buildComponent as buildJs } from '../../sdk/js/build.mjs';
import { buildUnlessFresh } from '../../sdk/stamp.mjs';
import { type Guest, guests, repository } from './guests.ts';
import { buildCalls } from './support/build-calls.ts';
import { buildCommand } from './support/command.ts';
import { compose } from './support/compose.ts';
import { buildService } from './support/service.ts';

const clangFlags = ['-Itest/guests/support'];

/** The bytes of a guest, built first when that is needed. */
export async function guest(name: string): Promise<Uint8Array> {
  return readFile(await guestPath(name));
}

/** What is being built now: tests of a file that run at once want the same guests. */
const underWay = new Map<string, Promise<boolean>>();

/** The path of a guest's component, built first when that is needed. */
export async function guestPath(name: string): Promise<string> {
  const found = guests.find((entry) => entry.name === name);
  if (!found)
    throw new Error(`No guest is called '${name}'; there are ${guests.map((entry) => entry.name).join(', ')}`);
  const building = underWay.get(name) ?? build(found).finally(() => underWay.delete(name));
  underWay.set(name, building);
  await building;
  return found.output;
}

/** True when it was built, false when it was up to date. `output` is where it goes, if not to its usual place. */
export async function build(entry: Guest, output: string = entry.output): Promise<boolean> {
  const before = process.cwd();
  process.chdir(repository); // paths relative to it are part of what is built
  try {
    if (entry.kind === 'composed') return await buildComposed(entry, output);
    const [source = ''] = entry.sources;
    if (entry.kind === 'command') return await buildCommand(source, output);
    if (entry.kind === 'service') return await buildService(source, output);
    if (entry.calls) return await buildCalls(entry, entry.calls, output);
    const world = await worldOf(entry.world);
    if (entry.kind === 'c') return await buildC(entry.sources, output, { clangFlags, ...world });
    return await buildJs(source, output, { ...world, disableFeatures: entry.disableFeatures ?? [] });
  } finally {
    process.chdir(before);
  }
}

async function worldOf(path: string | undefined): Promise<{ world?: string }> {
  return path === undefined ? {} : { world: await readFile(path, 'utf8') };
}

/** Builds both halves, then the whole when one of them is new. */
async function buildComposed(entry: Guest, output: string): Promise<boolean> {
  const { sources, world, innerWorld, api = '' } = entry;
  const [outer = '', inner = ''] = sources;
  const halves = ['outer', 'inner'].map((half) => join(dirname(entry.output), `${entry.name}-${half}.wasm`));
  const [outerPath = '', innerPath = ''] = halves;
  await buildC([outer], outerPath, { clangFlags, ...(await worldOf(world)) });
  await buildC([inner], innerPath, { clangFlags, ...(await worldOf(innerWorld)) });
  const [outerBytes, innerBytes] = await Promise.all([readFile(outerPath), readFile(innerPath)]);
  return buildUnlessFresh(output, [outerBytes, innerBytes, api], () => compose(outerBytes, innerBytes, api));
}

if (import.meta.main) {
  const names = process.argv.slice(2);
  for (const entry of guests.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const built = await build(entry);
    console.error(built ? `Built ${entry.name}` : `${entry.name} is up to date`);
  }
}
