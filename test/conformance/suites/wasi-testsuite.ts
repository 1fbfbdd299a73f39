// WebAssembly/wasi-testsuite, branch prod/testsuite-base: ready modules with a specification of what each must do.

import type { Case, Outcome, Suite } from '../suite.ts';
import { runCase } from '../wasi/run-case.ts';
import { runService } from '../wasi/run-service.ts';
import { readCases, type TestCase } from '../wasi/specification.ts';

const worlds: Readonly<Record<string, (test: TestCase) => Promise<Outcome>>> = {
  'wasi:cli/command': runCase,
  'wasi:http/service': runService,
};

export const wasiTestsuite: Suite = {
  name: 'wasi-testsuite',
  async *run(path, only) {
    for (const test of readCases(path)) if (test.id.includes(only)) yield await caseOf(test);
  },
};

async function caseOf(test: TestCase): Promise<Case> {
  const runner = worlds[test.world];
  const outcome: Outcome = runner ? await runner(test) : { status: 'skipped', reason: `No runner for ${test.world}` };
  return { id: test.id, ...outcome };
}
