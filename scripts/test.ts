// The gate: format, lint, types, then every test. The last line is `N passed, N failed, N skipped`.
// `node scripts/test.ts [file …]` runs only those test files.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
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

if (only.length === 0) {
  await check('format and lint', 'biome', ['check', '--error-on-warnings', '.']);
  await check('types', 'tsc', []);
}
await runTests(only.length > 0 ? only : globSync('{src,test,scripts,bench}/**/*.test.ts').sort());
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

/** Counts leaves only: a suite that holds tests is no test. */
function runTests(files: string[]): Promise<void> {
  const stream = run({
    files,
    concurrency: true,
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
  stream.compose(new spec()).pipe(process.stdout);
  return new Promise((resolve) => stream.on('end', resolve));
}
