// `mayfly test`: runs files of requests and expectations against an app, in surroundings that the tests make.
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { findFiles } from '../../app/files/glob.ts';
import { findOrigin } from '../../app/manifest/read.ts';
import { MayflyError } from '../../errors.ts';
import { addFromOption, appPath } from '../app-path.ts';
import { buildApp } from '../build/run-builds.ts';
import { formatError } from '../format-error.ts';
import { countsOf, printAsJson, printFile, printResult, printSummary, type Result } from '../test/report.ts';
import { runTest } from '../test/run-test.ts';
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
      "Files of tests (default: *.test.toml and *.test.json beside the manifest, in 'test' and 'tests')",
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
  const files = (given.length > 0 ? given.map((file) => resolve(file)) : testFiles(dirname(manifest))).map(
    readTestFile,
  );
  if (files.length === 0) {
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
  const ms = performance.now() - started;
  if (options.json) printAsJson(results, ms);
  else printSummary(results, ms);
  if (countsOf(results).failed > 0 || results.length === 0) process.exitCode = 1;
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
  const started = performance.now();
  const loading = progress(`Running ${test.name}`);
  try {
    const { profile } = options;
    const cacheDirectory = options.cache ? cacheFolder(options.cacheDir) : undefined;
    const found = await runTest(test, {
      manifest: file.manifest ?? manifest,
      file: file.file,
      cacheDirectory,
      profile,
    });
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
