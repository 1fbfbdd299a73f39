// The gate: format, lint, types, then every test. The last line is `N passed, N failed, N skipped`.
// `node scripts/test.ts [file …]` runs only those test files.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** For each test, and each suite as a whole: those that need more say so. What hangs has time limits of its own. */
const TEST_TIMEOUT_MS = 120_000;

const only = process.argv.slice(2);
const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
const reasons = new Set<string>();
/** Test files with the time that each took, in milliseconds. */
const durations = new Map<string, number>();

if (only.length === 0) {
  await check('format and lint', 'biome', ['check', '--error-on-warnings', '.']);
  await check('types', 'tsc', []);
}
await runTests(only.length > 0 ? only : globSync('{src,test,scripts,bench}/**/*.test.ts').sort());
printSlowest(12);
for (const reason of reasons) console.log(`Skipped: ${reason}`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);

function check(what: string, command: string, args: readonly string[]): Promise<void> {
  console.log(`Checking ${what}`);
  return new Promise((resolve, reject) => {
    const child = spawn(`node_modules/.bin/${command}`, args, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => {
      counts[code === 0 ? 'passed' : 'failed']++;
      resolve();
    });
  });
}

/** The files that the gate waits for, so that its time does not grow unseen. */
function printSlowest(count: number): void {
  const slowest = [...durations].sort((a, b) => b[1] - a[1]).slice(0, count);
  if (durations.size > count)
    for (const [file, ms] of slowest) console.log(`${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`);
}

/** Counts leaves only: a suite that holds tests is no test. */
function runTests(files: string[]): Promise<void> {
  const stream = run({
    files,
    // `true` would leave a core free: on a machine of two, one file at a time, which waits more than it works.
    concurrency: availableParallelism(),
    timeout: TEST_TIMEOUT_MS,
    execArgv: ['--no-warnings', '--import', './scripts/test-end.ts'],
  });
  stream.on('test:pass', ({ details, skip, todo, name }) => {
    if (details.type === 'suite') return;
    if (skip === undefined && todo === undefined) counts.passed++;
    else {
      counts.skipped++;
      reasons.add(typeof skip === 'string' && skip !== '' ? skip : name);
    }
  });
  stream.on('test:fail', ({ details, todo }) => {
    if (details.type !== 'suite' && todo === undefined) counts.failed++;
  });
  stream.on('test:summary', ({ file, duration_ms }) => {
    if (file !== undefined) durations.set(relative('.', file), duration_ms);
  });
  stream.compose(new spec()).pipe(process.stdout);
  return new Promise((resolve) => stream.on('end', resolve));
}
