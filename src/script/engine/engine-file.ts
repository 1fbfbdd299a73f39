// Where engine components are: in the package, or, in a checkout, in the cache folder, into which they are built when they
// are missing or their sources have changed. That takes two seconds
// for QuickJS, ten for StarlingMonkey.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EngineName } from '../../app/script-file.ts';
import { MayflyError, messageOf } from '../../errors.ts';
import { home } from '../../home.ts';

interface EngineBuild {
  buildEngine(name: EngineName, output: string): Promise<boolean>;
}

const built = new Map<EngineName, Promise<string>>();

/** The absolute path of an engine component. Rejects with `script-engine`. */
export async function engineFile(name: EngineName): Promise<string> {
  // The package has the engine, and not what it is built of.
  if (!existsSync(join(home, 'sdk', 'engine'))) return join(home, 'sdk', 'engines', `${name}.wasm`);
  // Once in a process: its sources do not change while it runs.
  let building = built.get(name);
  if (!building) {
    building = build(name);
    built.set(name, building);
    building.catch(() => built.delete(name));
  }
  return building;
}

async function build(name: EngineName): Promise<string> {
  const output = join(home, '.cache', 'engines', `${name}.wasm`);
  try {
    const url = pathToFileURL(join(home, 'sdk', 'engine', 'build.mjs'));
    const { buildEngine } = (await import(url.href)) as EngineBuild;
    await buildEngine(name, output);
    return output;
  } catch (cause) {
    throw new MayflyError(
      'script-engine',
      `The engine ${name} is not there, and cannot be built: ${messageOf(cause)}`,
      {
        cause,
        hint: "Run 'npm install' in the folder of Mayfly, with the packages for development",
      },
    );
  }
}
