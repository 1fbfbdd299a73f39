// The guests that tests run: what each is built from, and where the component lies. Building is in build.ts.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { conformanceCalls, localCalls, serverCalls, serviceCalls } from './calls/interfaces.ts';
import type { Wanted } from './support/calls.ts';

export interface Guest {
  readonly name: string;
  /**
   * `composed`: two C sources, outer and inner, with a world each. `command`: a core module, no component. `service`: C
   * over the bare imports of WASI 0.3. `calls` and `calls-service`: C with a table of host functions, WASI 0.2 and 0.3.
   */
  readonly kind: 'c' | 'js' | 'composed' | 'command' | 'service' | 'calls' | 'calls-service';
  /** Absolute paths. */
  readonly sources: readonly string[];
  /** Absolute path of a WIT file; undefined for an HTTP handler. */
  readonly world: string | undefined;
  /** Of the inner half. */
  readonly innerWorld?: string;
  /** What the inner half provides. */
  readonly api?: string;
  /** Absolute path: in the repository when small, else in the cache. */
  readonly output: string;
  readonly disableFeatures?: readonly string[];
  /** The functions that the table has. */
  readonly calls?: readonly Wanted[];
}

const here = import.meta.dirname;
export const repository = join(here, '../..');
const tour = join(repository, 'examples/tour');

const conformanceSources = ['main.c', 'services.c', 'network.c', 'request-shape.c', 'postgres.c'].map((file) =>
  join(repository, 'test/conformance/spin/guest', file),
);

const handlers = [
  c('hello-c', [join(here, 'hello-c/hello.c')]),
  c('wide-c', [join(here, 'wide-c/wide.c')]),
  c('counter-c', [join(tour, 'c/counter.c')]),
  c('echo-c', [join(tour, 'c/echo.c')]),
  c('secret-c', [join(here, 'secret-c/secret.c')]),
  c('spin-c', [join(here, 'spin-c/spin.c')]),
  c('hoard-c', [join(here, 'hoard-c/hoard.c')]),
  c('alloc-c', [join(here, 'alloc-c/alloc.c')]),
  c('resources-c', [join(here, 'resources-c/resources.c')], join(here, 'resources-c/resources.wit')),
  c('stores-c', [join(here, 'stores-c/stores.c')], join(here, 'stores-c/stores.wit')),
  c('services-c', [join(here, 'services-c/services.c')], join(here, 'services-c/services.wit')),
  c('servers-c', [join(here, 'servers-c/servers.c')], join(here, 'servers-c/servers.wit')),
  composed('composed-c', join(here, 'composed-c'), 'test:words/words'),
  plain('command', 'cgi-c', join(here, 'cgi-c/cgi.c')),
  plain('service', 'echo-p3', join(here, 'echo-p3/echo.c')),
  calls('calls', 'calls-local', [join(here, 'calls/handler.c')], localCalls),
  calls('calls', 'calls-server', [join(here, 'calls/handler.c')], serverCalls),
  calls('calls-service', 'calls-p3', [join(here, 'calls/service.c')], serviceCalls),
  calls('calls', 'conformance-c', conformanceSources, conformanceCalls),
  c('sdk-c', [join(here, 'sdk-c/sdk.c')]),
  c('repeat-c', [join(here, 'repeat-c/repeat.c')], join(here, 'repeat-c/repeat.wit')),
  c('events-c', [join(here, 'events-c/events.c')]),
  c('websocket-c', [join(here, 'websocket-c/websocket.c')], join(repository, 'wit/websocket.wit')),
  c('tests-c', [join(here, 'tests-c/tests.c')], join(here, 'tests-c/tests.wit')),
  js('web-js', join(here, 'web-js/web.js')),
  // The file that the tour serves, so that it is built once for both.
  { ...js('hello-js', join(tour, 'hello/hello.ts')), output: join(tour, 'build/hello.wasm') },
  js('compute-js', join(here, 'compute-js/compute.js'), join(here, 'kernels/world.wit'), [
    ...['random', 'stdio', 'clocks', 'http', 'fetch-event'],
  ]),
];

const kernels = readdirSync(join(here, 'kernels'))
  .filter((file) => file.endsWith('.c') && file !== 'native.c')
  .map((file) => c(`kernel-${basename(file, '.c')}`, [join(here, 'kernels', file)], join(here, 'kernels/world.wit')));

export const guests: readonly Guest[] = [...handlers, ...kernels];

function c(name: string, sources: readonly string[], world?: string): Guest {
  return { name, kind: 'c', sources, world, output: join(here, 'built', `${name}.wasm`) };
}

function plain(kind: 'command' | 'service', name: string, source: string): Guest {
  return { name, kind, sources: [source], world: undefined, output: join(here, 'built', `${name}.wasm`) };
}

/** Of sources of its own, and those that all of them have. */
function calls(
  kind: 'calls' | 'calls-service',
  name: string,
  fronts: readonly string[],
  wanted: readonly Wanted[],
): Guest {
  const common = ['types.c', 'flat.c', 'parse.c', 'print.c', 'run.c'].map((file) => join(here, 'calls', file));
  const output = join(here, 'built', `${name}.wasm`);
  return { name, kind, sources: [...fronts, ...common], world: undefined, output, calls: wanted };
}

function composed(name: string, folder: string, api: string): Guest {
  const output = join(here, 'built', `${name}.wasm`);
  const sources = [join(folder, 'front.c'), join(folder, 'back.c')];
  return {
    name,
    kind: 'composed',
    sources,
    world: join(folder, 'front.wit'),
    innerWorld: join(folder, 'back.wit'),
    api,
    output,
  };
}

function js(name: string, entry: string, world?: string, disableFeatures: readonly string[] = []): Guest {
  const output = join(repository, '.cache/guests', `${name}.wasm`);
  return { name, kind: 'js', sources: [entry], world, output, disableFeatures };
}
