// Loaded before each test file: a file that keeps its process from ending after its last test, or that takes far too long, ends
// by itself and fails, saying what it waited for. Without it one server left behind by a failed test held the gate for good.
import { after } from 'node:test';

/** From the end of the last test of the file; its own test sets another. */
const END_WITHIN_MS = Number(process.env.MAYFLY_TEST_END_MS ?? 15_000);
/** Of the whole file; the slowest takes a fourth of it. */
const FILE_WITHIN_MS = 480_000;

function fail(what: string): void {
  const waits = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout');
  console.error(`${process.argv[1]} ${what}; what keeps it: ${waits.join(', ') || 'timers only'}`);
  process.exit(1);
}

setTimeout(fail, FILE_WITHIN_MS, `did not end within ${FILE_WITHIN_MS / 1000} s`).unref();
after(() => {
  setTimeout(fail, END_WITHIN_MS, `goes on ${END_WITHIN_MS / 1000} s after its last test`).unref();
});
