// npm run conformance -- --suite <name> [--path <checkout>] [--only <part of a path>] [--list]
// Runs an official test suite. Exits with 1 when a case fails that is not known to, or one passes that is.

import { parseArgs } from 'node:util';
import { readKnownFailures } from './known-failures.ts';
import { type Tally, tally } from './report.ts';
import type { Suite } from './suite.ts';
import { autobahn } from './suites/autobahn.ts';
import { componentModel } from './suites/component-model.ts';
import { h2spec } from './suites/h2spec.ts';
import { wasiTestsuite } from './suites/wasi-testsuite.ts';
import { wasmtimeComponent } from './suites/wasmtime-component.ts';

const suites: readonly Suite[] = [componentModel, wasmtimeComponent, wasiTestsuite, h2spec, autobahn];

function usage(problem: string): never {
  console.error(
    `${problem}\nUsage: npm run conformance -- --suite <name> [--path <checkout>] [--only <text>] [--list]`,
  );
  console.error(`Suites: ${suites.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

/** With `list`, failures are printed as lines for the known-failures file. */
async function run(suite: Suite, path: string, only: string, list: boolean): Promise<Tally> {
  const known = readKnownFailures(new URL(`known-failures/${suite.name}.txt`, import.meta.url));
  const counts = await tally(suite.run(path, only), known, (line) => console.log(line), list);
  const { passed, failed, skipped } = counts;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return counts;
}

const { values } = parseArgs({
  options: { suite: { type: 'string' }, path: { type: 'string' }, only: { type: 'string' }, list: { type: 'boolean' } },
});
const suite = suites.find(({ name }) => name === values.suite) ?? usage(`Unknown suite "${values.suite ?? ''}"`);
if (!values.path && !suite.needsNoCheckout) usage('The path of a checkout is missing');
const { failed } = await run(suite, values.path ?? '', values.only ?? '', values.list ?? false);
process.exitCode = failed > 0 ? 1 : 0;
