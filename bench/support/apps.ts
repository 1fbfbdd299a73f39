// Apps that rows serve, written as manifests into the cache folder: components come from test/guests and from the tour.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tourComponents } from '../../test/support/tour.ts';
import { componentFile } from './guests.ts';
import { cache } from './paths.ts';

interface Part {
  readonly id: string;
  readonly file: string;
  readonly route: string;
  /** Lines under `[component.<id>]`, then those of its limits. */
  readonly settings?: readonly string[];
  readonly limits?: readonly string[];
}

/** Fetches ?url= from this machine. */
export async function fetchApp(): Promise<string> {
  const settings = ['allowed_outbound_hosts = ["http://127.0.0.1:*"]'];
  return writeApp('fetch', [{ id: 'fetch', file: (await tourFiles())('fetch'), route: '/fetch', settings }]);
}

/** All that a soak asks for. */
export async function soakApp(): Promise<string> {
  const tour = await tourFiles();
  const small = ['memory = "32MiB"', 'cpu_slice = "200ms"', 'cpu = "400ms"'];
  return writeApp('soak', [
    { id: 'hello', file: await componentFile('hello-c'), route: '/hello' },
    { id: 'counter', file: await componentFile('counter-c'), route: '/counter' },
    { id: 'javascript', file: await componentFile('hello-js'), route: '/javascript' },
    { id: 'echo', file: await componentFile('echo-c'), route: '/echo' },
    { id: 'alloc', file: await componentFile('alloc-c'), route: '/alloc/...', limits: small },
    { id: 'slow', file: tour('slow'), route: '/slow' },
    { id: 'trap', file: tour('trap'), route: '/trap' },
  ]);
}

async function tourFiles(): Promise<(id: string) => string> {
  const files = await tourComponents();
  return (id) => {
    const file = files.get(id);
    if (file === undefined) throw new Error(`The tour has no component "${id}"`);
    return file;
  };
}

/** Path of the manifest. */
async function writeApp(name: string, parts: readonly Part[]): Promise<string> {
  const folder = join(cache, 'bench', name);
  await mkdir(folder, { recursive: true });
  const head = ['spin_manifest_version = 2', '[application]', `name = "bench-${name}"`, 'version = "1.0.0"'];
  const manifest = join(folder, 'spin.toml');
  await writeFile(manifest, [...head, ...parts.flatMap(partLines), ''].join('\n'));
  return manifest;
}

function partLines({ id, file, route, settings = [], limits }: Part): string[] {
  return [
    '[[trigger.http]]',
    `route = ${JSON.stringify(route)}`,
    `component = "${id}"`,
    `[component.${id}]`,
    `source = ${JSON.stringify(file)}`,
    ...settings,
    ...(limits ? [`[component.${id}.tool.mayfly.limits]`, ...limits] : []),
  ];
}
