// `npm run hostile -- [suite…] [--seconds <n>] [--seed <n>]`: attacks what docs/security.md promises, for a bounded time,
// and prints what held with counts. Exits with 1 when something did not.
import { parseArgs } from 'node:util';
import type { HostileSuite, Outcome } from './suite.ts';
import { suites } from './suites.ts';

const DEFAULT_SECONDS = 30;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' }, seed: { type: 'string' } },
});
const seconds = Number(values.seconds ?? DEFAULT_SECONDS);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const unknown = positionals.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0 || !(seconds > 0) || !Number.isInteger(seed)) {
  console.error(`Usage: npm run hostile -- [${suites.map(({ name }) => name).join(' | ')}]… [--seconds n] [--seed n]`);
  process.exit(2);
}

console.log(`Seed ${seed}, ${seconds} s for each suite`);
let failed = false;
for (const suite of suites) {
  if (positionals.length > 0 && !positionals.includes(suite.name)) continue;
  failed = !print(suite, await suite.run({ seconds, seed, say: (text) => console.error(text) })) || failed;
}
process.exit(failed ? 1 : 0);

/** True when all held. */
function print({ name, promise }: HostileSuite, { counts, notes }: Outcome): boolean {
  console.log(`\n${name}: ${promise}`);
  let good = true;
  for (const [kind, { tried, held, failure }] of counts) {
    console.log(`  ${held === tried ? 'held  ' : 'BROKEN'} ${held} of ${tried}  ${kind}`);
    if (failure !== undefined) console.log(`         first: ${failure}`);
    good &&= held === tried;
  }
  for (const note of notes) console.log(`  ${note}`);
  return good;
}
