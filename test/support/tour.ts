// The components of the example app, built the way its manifest says: the same files that `npm start` serves.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { parse } from 'smol-toml';

const repository = join(import.meta.dirname, '../..');
const folder = join(repository, 'examples/tour');

interface Manifest {
  readonly component: Readonly<
    Record<string, { readonly source: string; readonly build: { readonly command: string } }>
  >;
}

/** Builds what is not up to date and answers the path of each component, by its id. */
export async function tourComponents(): Promise<ReadonlyMap<string, string>> {
  const manifest = parse(await readFile(join(folder, 'spin.toml'), 'utf8')) as unknown as Manifest;
  const components = Object.entries(manifest.component);
  for (const command of new Set(components.map(([, { build }]) => build.command))) await run(command);
  return new Map(components.map(([id, { source }]) => [id, join(folder, source)]));
}

function run(command: string): Promise<void> {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const env = { ...process.env, MAYFLY_HOME: repository, PATH: path };
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`'${command}' ended with ${code}`))));
  });
}
