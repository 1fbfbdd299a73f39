// Tests that are components, as the plugin spin-test runs them: where they are, and how one of them is run. Each has the
// app for itself, in surroundings of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { lockApp } from '../../app/lock.ts';
import { readManifest } from '../../app/manifest/read.ts';
import { MayflyError, messageOf } from '../../errors.ts';
import { createEngine, type Engine } from '../../runtime/engine.ts';
import { callTest, namesOfTests } from '../../runtime/test-component.ts';
import { TestedApp } from '../../runtime/tested-app.ts';
import { type LoadedApp, loadApp } from '../../runtime.ts';
import { runShell } from '../build/shell.ts';
import { createLog } from '../log.ts';
import { say } from '../ui.ts';
import type { TestPlace } from './content.ts';
import type { TestResult } from './run-test.ts';
import { virtualConfig } from './virtual-config.ts';

export interface TestComponent {
  readonly file: string;
  /** What builds it, and the folder for that. */
  readonly build: string | undefined;
  readonly workdir: string;
}

/** What a test of a component needs to know; `file` is the component. */
export type ComponentPlace = Pick<TestPlace, 'manifest' | 'file' | 'cacheDirectory' | 'profile'>;

/** Those that the manifest names under `[component.<id>.tool.spin-test]`. */
export function testComponents(manifest: string): TestComponent[] {
  if (!manifest.endsWith('.toml')) return [];
  const { component } = readManifest(manifest).document;
  const folder = dirname(manifest);
  const found = Object.values(Object(component) as Record<string, unknown>).flatMap((one): TestComponent[] => {
    const { source, build, workdir } = Object(Object(Object(one).tool)['spin-test']) as Record<string, unknown>;
    if (typeof source !== 'string') return [];
    return [
      {
        file: resolve(folder, source),
        build: typeof build === 'string' ? build : undefined,
        workdir: resolve(folder, typeof workdir === 'string' ? workdir : '.'),
      },
    ];
  });
  return [...new Map(found.map((one) => [one.file, one])).values()];
}

/** Throws `build-failed`. */
export async function buildTestComponent({ file, build, workdir }: TestComponent): Promise<void> {
  if (build === undefined) return;
  say(`Building tests ${file}: ${build}`);
  const failure = await runShell(build, workdir, 'stderr');
  if (!failure) return;
  throw new MayflyError('build-failed', `The build of the tests ${file} failed: "${build}" ${failure.message}`, {
    cause: failure,
  });
}

/** The names of a component's tests. Rejects with a MayflyError when it cannot be loaded. */
export function listTests(place: ComponentPlace): Promise<readonly string[]> {
  return withTests(place, [], (tests) => namesOfTests(only(tests)));
}

/** Rejects with a MayflyError when the component of the tests cannot be loaded. */
export async function runComponentTest(name: string, place: ComponentPlace): Promise<TestResult> {
  const output: string[] = [];
  return withTests(place, output, async (tests, tested) => {
    const failures: string[] = [];
    await callTest(only(tests), name).catch((error: unknown) => failures.push(messageOf(error)));
    const unanswered = failures.length > 0 ? tested.unanswered : [];
    return { failures: [...failures, ...unanswered.map((text) => `the test has no answer for ${text}`)], output };
  });
}

function only({ components }: LoadedApp): LoadedApp['components'][number] {
  const [component] = components;
  if (!component) throw new MayflyError('test-invalid', 'There is no component of tests');
  return component;
}

/** Loads the component and prepares the app, in a folder that is removed afterwards. */
async function withTests<T>(
  place: ComponentPlace,
  output: string[],
  work: (tests: LoadedApp, tested: TestedApp) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-test-'));
  const engine = createEngine({ cacheDirectory: place.cacheDirectory });
  const write = (line: string): void => void output.push(line);
  const log = createLog({ verbose: false, quiet: false, directory: undefined, write, paint: (_, text) => text });
  const { manifest, profile } = place;
  const runtimeConfig = await virtualConfig(place, folder);
  const options = { log, runtimeConfig, environment: {} };
  const tested = new TestedApp(async ({ variables, virtual }) => {
    const locked = await lockApp(manifest, { runtimeConfig, profile });
    return loadApp(locked, engine, { ...options, variables, virtual });
  });
  try {
    const tests = await loadTests(engine, place.file, { ...options, variables: {}, harness: tested });
    try {
      return await work(tests, tested);
    } finally {
      await tests.close();
    }
  } finally {
    await tested.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The tests reach every store and database of the app, and nothing outside. */
async function loadTests(engine: Engine, file: string, options: Parameters<typeof loadApp>[2]): Promise<LoadedApp> {
  const alone = await lockApp(file);
  const { keyValueStores = new Map(), sqliteDatabases = new Map() } = options.runtimeConfig ?? {};
  const permissions = { keyValueStores: [...keyValueStores.keys()], sqliteDatabases: [...sqliteDatabases.keys()] };
  const components = alone.components.map((component) => ({ ...component, ...permissions }));
  return loadApp({ ...alone, triggers: [], components }, engine, options);
}
