// `mayfly test`: runs files of requests and expectations against an app, in surroundings that the tests make.
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { findFiles } from '../../app/files/glob.ts';
import { findOrigin } from '../../app/manifest/read.ts';
import { MayflyError } from '../../errors.ts';
import { addFromOption, appPath } from '../app-path.ts';
import { buildApp } from '../build/run-builds.ts';
import { formatError } from '../format-error.ts';
import { buildTestComponent, listTests, runComponentTest, testComponents } from '../test/component-tests.ts';
import { countsOf, printAsJson, printFile, printResult, printSummary, type Result } from '../test/report.ts';
import { runTest, type TestResult } from '../test/run-test.ts';
import { readTestFile, type TestCase, type TestFile } from '../test/test-file.ts';
import { progress } from '../ui.ts';
import { cacheFolder, lockToBuild } from '../up-options.ts';

interface Options {
  readonly from?: string;
  readonly build?: boolean;
  readonly profile?: string;
  readonly filter?: string;
  readonly json?: boolean;
  readonly cache: boolean;
  readonly cacheDir?: string;
}

export function define(command: Command): void {
  addFromOption(command)
    .argument(
      '[files...]',
      "Files of tests, or components of tests (default: *.test.toml and *.test.json beside the manifest, in 'test' and 'tests', and what 'tool.spin-test' names)",
    )
    .option('--build', 'Build what has changed first')
    .option('--profile <name>', 'Profile of the components that counts')
    .option('--filter <text>', 'Only the tests with this text in their names')
    .option('--json', 'Print the results as JSON')
    .option('--cache-dir <folder>', 'Where prepared components are kept, as for up')
    .option('--no-cache', 'Prepare components afresh, and keep nothing')
    .option('--verbose', 'Say more when something fails')
    .action(test);
}

async function test(given: string[], options: Options): Promise<void> {
  const started = performance.now();
  const { file: manifest } = findOrigin(appPath(options.from));
  if (options.build) await build(manifest, options);
  const named = given.map((file) => resolve(file));
  const files = (named.length > 0 ? named.filter(isText) : testFiles(dirname(manifest))).map(readTestFile);
  const components = named.length > 0 ? named.filter((file) => !isText(file)) : await componentsOf(manifest, options);
  if (files.length === 0 && components.length === 0) {
    throw new MayflyError('test-invalid', `There are no tests for ${manifest}`, {
      hint: "Write 'test/<name>.test.toml', as docs/testing.md shows, or name files",
    });
  }
  const results: Result[] = [];
  for (const file of files) {
    const tests = file.tests.filter(({ name }) => name.includes(options.filter ?? ''));
    if (tests.length > 0 && !options.json) printFile(shown(file.file));
    for (const one of tests) {
      const result = await run(one, file, { manifest, options });
      results.push(result);
      if (!options.json) printResult(result);
    }
  }
  for (const file of components) results.push(...(await runComponent(file, { manifest, options })));
  const ms = performance.now() - started;
  if (options.json) printAsJson(results, ms);
  else printSummary(results, ms);
  if (countsOf(results).failed > 0 || results.length === 0) process.exitCode = 1;
}

function isText(file: string): boolean {
  return !file.endsWith('.wasm');
}

/** The files of the components of tests that the manifest names. */
async function componentsOf(manifest: string, options: Options): Promise<string[]> {
  const found = testComponents(manifest);
  if (options.build) for (const one of found) await buildTestComponent(one);
  return found.map(({ file }) => file);
}

async function runComponent(file: string, { manifest, options }: RunOptions): Promise<Result[]> {
  const cacheDirectory = options.cache ? cacheFolder(options.cacheDir) : undefined;
  const place = { manifest, file, cacheDirectory, profile: options.profile };
  const names = (await listTests(place)).filter((name) => name.includes(options.filter ?? ''));
  if (names.length > 0 && !options.json) printFile(shown(file));
  const results: Result[] = [];
  for (const name of names) {
    const result = await timed({ file: shown(file), name }, () => runComponentTest(name, place));
    results.push(result);
    if (!options.json) printResult(result);
  }
  return results;
}

async function build(manifest: string, { profile }: Options): Promise<void> {
  const app = await lockToBuild({ from: manifest, ...(profile !== undefined && { profile }) });
  if (app.components.some((component) => component.build)) {
    await buildApp(app, { only: [], skipUnchanged: true, output: 'stderr' });
  }
}

/** The files of tests beside a manifest, and below its folders for tests. */
function testFiles(folder: string): string[] {
  const patterns = ['', 'test/**/', 'tests/**/'].flatMap((place) => [`${place}*.test.toml`, `${place}*.test.json`]);
  return patterns.flatMap((pattern) => findFiles(folder, pattern)).map((file) => join(folder, file));
}

interface RunOptions {
  readonly manifest: string;
  readonly options: Options;
}

async function run(test: TestCase, file: TestFile, { manifest, options }: RunOptions): Promise<Result> {
  const place = { file: shown(file.file), name: test.name };
  if (test.skip !== undefined) {
    return { ...place, status: 'skipped', ms: 0, failures: [], output: [], reason: test.skip };
  }
  const { profile } = options;
  const cacheDirectory = options.cache ? cacheFolder(options.cacheDir) : undefined;
  const where = { manifest: file.manifest ?? manifest, file: file.file, cacheDirectory, profile };
  return timed(place, () => runTest(test, where));
}

/** Runs a test, and makes a result of what comes of it. */
async function timed(place: Pick<Result, 'file' | 'name'>, work: () => Promise<TestResult>): Promise<Result> {
  const started = performance.now();
  const loading = progress(`Running ${place.name}`);
  try {
    const found = await work();
    const status = found.failures.length === 0 ? 'passed' : 'failed';
    return { ...place, ...found, status, ms: performance.now() - started };
  } catch (error) {
    const text = formatError(error, { verbose: false, paint: (_, plain) => plain, directory: process.cwd() });
    return { ...place, status: 'failed', ms: performance.now() - started, failures: [text], output: [] };
  } finally {
    loading.done();
  }
}

function shown(file: string): string {
  return relative(process.cwd(), file) || file;
}
