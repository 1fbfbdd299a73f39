// Prints the results of tests, as node:test does, or as JSON.
import { printable, printableLines } from '../../telemetry/printable.ts';
import { paint, print } from '../ui.ts';

export interface Result {
  readonly file: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Milliseconds. */
  readonly ms: number;
  readonly failures: readonly string[];
  readonly output: readonly string[];
  /** Why it was skipped. */
  readonly reason?: string | undefined;
}

const marks = { passed: '✔', failed: '✖', skipped: '﹣' } as const;
const styles = { passed: 'cyan', failed: 'red', skipped: 'dim' } as const;

export function printResult({ name, status, ms, failures, output, reason }: Result): void {
  const time = status === 'skipped' ? `# ${printable(reason ?? '')}` : `(${ms.toFixed(1)}ms)`;
  print(`  ${paint(styles[status], `${marks[status]} ${printable(name)}`)} ${paint('dim', time)}`);
  const lines = [...failures, ...(status === 'failed' && output.length > 0 ? ['The app printed:', ...output] : [])];
  for (const line of lines.flatMap((text) => printableLines(text).split('\n'))) print(`      ${line}`);
}

export function printFile(file: string): void {
  print(`▶ ${printable(file)}`);
}

export function printSummary(results: readonly Result[], ms: number): void {
  const { passed, failed, skipped } = countsOf(results);
  const lines = [`tests ${results.length}`, `pass ${passed}`, `fail ${failed}`, `skipped ${skipped}`];
  for (const line of [...lines, `duration_ms ${ms.toFixed(1)}`]) print(`ℹ ${line}`);
}

export function printAsJson(results: readonly Result[], ms: number): void {
  print(JSON.stringify({ ...countsOf(results), ms, tests: results }, undefined, 2));
}

export function countsOf(results: readonly Result[]): { passed: number; failed: number; skipped: number } {
  const count = (wanted: Result['status']): number => results.filter(({ status }) => status === wanted).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}
