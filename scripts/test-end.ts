// Loaded before each test file: a file that keeps its process from ending after its last test, or that takes far too long, ends
// by itself and fails, saying what it waited for. Without it one server left behind by a failed test held the gate for good.
import { afterEach, beforeEach } from 'node:test';

/** Without a test that begins or ends: more than a test may take. A test of this sets another time. */
const IDLE_MS = Number(process.env.MAYFLY_TEST_IDLE_MS ?? 310_000);
/** Of the whole file; the slowest takes a fourth of it. */
const FILE_WITHIN_MS = 480_000;

function fail(what: string): void {
  const waits = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout');
  console.error(`${process.argv[1]} ${what}; what keeps it: ${waits.join(', ') || 'timers only'}`);
  process.exit(1);
}

setTimeout(fail, FILE_WITHIN_MS, `did not end within ${FILE_WITHIN_MS / 1000} s`).unref();
const idle = setTimeout(fail, IDLE_MS, `goes on for ${IDLE_MS / 1000} s, and no test begins or ends`).unref();
for (const each of [beforeEach, afterEach]) each(() => void idle.refresh());
