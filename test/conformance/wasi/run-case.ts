// Carries out the operations of one case. Those that only WASI 0.3 cases have are refused here: see runners in
// suites/wasi-testsuite.ts for where others plug in.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../../src/errors.ts';
import type { Outcome } from '../suite.ts';
import { type GuestProcess, startCommand } from './guest-process.ts';
import type { Operation, TestCase } from './specification.ts';

const TIMEOUT_MS = 30_000;

/** Works on a copy of the case's root folder: the checkout stays as it is. */
export async function runCase(test: TestCase): Promise<Outcome> {
  const { root } = test.run;
  const copy = root ? copyOf(join(dirname(test.path), root)) : undefined;
  try {
    const guest = await startCommand(test.path, test.run, copy);
    for (const operation of test.operations) {
      const reason = await perform(operation, guest);
      if (reason !== undefined) return { status: 'failed', reason };
    }
    return { status: 'passed' };
  } catch (error) {
    return { status: 'failed', reason: messageOf(error).split('\n', 1)[0] as string };
  } finally {
    if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
  }
}

function copyOf(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'mayfly-wasi-'));
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/** What was not as expected; undefined when it was. */
async function perform(operation: Operation, guest: GuestProcess): Promise<string | undefined> {
  switch (operation.type) {
    case 'wait':
      return expectExit(guest, operation.exit_code ?? 0);
    case 'read':
      return expectOutput(guest, operation.id === 'stderr' ? 'stderr' : 'stdout', operation.payload ?? '');
    default:
      return `The runner has no operation "${operation.type}" for commands`;
  }
}

async function expectExit(guest: GuestProcess, wanted: number): Promise<string | undefined> {
  const code = await ended(guest);
  if (code === wanted) return undefined;
  return `Exit code ${code} instead of ${wanted}: ${firstLines(guest.output('stderr'))}`;
}

async function ended(guest: GuestProcess): Promise<number> {
  const code = await Promise.race([guest.exited, delay(TIMEOUT_MS, undefined, { ref: false })]);
  if (code === undefined) throw new Error(`It did not end within ${TIMEOUT_MS} ms`);
  return code;
}

/** Output of a command is complete when it has ended. */
async function expectOutput(
  guest: GuestProcess,
  stream: 'stdout' | 'stderr',
  wanted: string,
): Promise<string | undefined> {
  await ended(guest);
  const output = guest.output(stream);
  return output === wanted ? undefined : `${stream} is ${JSON.stringify(output)} instead of ${JSON.stringify(wanted)}`;
}

function firstLines(text: string): string {
  return text.trim().split('\n').slice(0, 4).join(' | ').slice(0, 500);
}
