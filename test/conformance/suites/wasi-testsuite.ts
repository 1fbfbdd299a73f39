// WebAssembly/wasi-testsuite, branch prod/testsuite-base: ready modules with a specification of what each must do.

import type { Case, Outcome, Suite } from '../suite.ts';
import { runCase } from '../wasi/run-case.ts';
import { readCases, type TestCase, type WasiVersion } from '../wasi/specification.ts';

/** A version that has no runner yet is skipped as a whole. */
const runners: Partial<Record<WasiVersion, (test: TestCase) => Promise<Outcome>>> = {
  'wasm32-wasip1': runCase,
};

export const wasiTestsuite: Suite = {
  name: 'wasi-testsuite',
  async *run(path, only) {
    for (const test of readCases(path)) if (test.id.includes(only)) yield await caseOf(test);
  },
};

async function caseOf(test: TestCase): Promise<Case> {
  const runner = runners[test.version];
  const outcome = runner ? await runner(test) : skipped(test);
  return { id: test.id, ...outcome };
}

function skipped({ version }: TestCase): Outcome {
  return { status: 'skipped', reason: `No runner for ${version} yet` };
}
