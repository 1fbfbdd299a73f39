// Values through a JavaScript guest: StarlingMonkey lifts and lowers them with bindings of its own, for imports and
// exports both, and what comes back still equals what went in.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { buildComponent } from '../../sdk/js/build.mjs';
import { repository } from '../guests/guests.ts';
import { behaviours, type Exchange, exchangeOf, functions } from '../support/behaviours.ts';
import { api, forwarderWit } from '../support/forwarder.ts';
import { seeded } from '../support/random.ts';
import { bothRuntimes, type Runtime } from '../support/runtimes.ts';
import type { WitFunction } from '../support/wit-source.ts';

/**
 * The bindings of componentize-js 0.23 get u32 of 2^31 and more wrong outside memory, and trap at negative s64: what
 * these give is compared with jco only.
 */
const faulty = ['s32 and u32', 's64 and u64', 'tuples', 'variants with floats only', 'options'];

let ours: Runtime;
let jco: Runtime;

before(async () => {
  const folder = join(repository, '.cache/guests');
  const [entry, output] = [join(folder, 'values-js.js'), join(folder, 'values-js.wasm')];
  const names = functions.map(({ name }) => name);
  await mkdir(folder, { recursive: true });
  await writeFile(
    entry,
    `import * as host from '${api}';
export const api = { ${names.map((name) => `${name}: (...args) => host.${name}(...args)`).join(', ')} };
`,
  );
  const disableFeatures = ['http', 'random', 'clocks', 'stdio', 'fetch-event'];
  await buildComponent(entry, output, { world: forwarderWit(functions), disableFeatures });
  [ours, jco] = await bothRuntimes(await readFile(output));
});

Object.keys(behaviours).forEach((behaviour, index) => {
  test(`JavaScript guest: ${behaviour}`, () => {
    const one = functions[index] as WitFunction;
    for (const seed of [0, 1]) {
      const [mine, theirs] = [ours, jco].map((runtime) =>
        exchangeOf(runtime, functions, one, seeded(seed)),
      ) as Exchange[];
      assert.deepEqual(mine, theirs);
      if (!faulty.includes(behaviour)) assert.deepEqual([mine?.received, mine?.returned], [mine?.args, mine?.answer]);
    }
  });
});
