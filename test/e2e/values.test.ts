// Values through the canonical ABI: what comes back equals what went in, and ours does what jco does. Forwarding
// components pass every value from the host's caller through the guest's memory to the host's import, and back.
import { test } from 'node:test';
import { compose } from '../guests/support/compose.ts';
import { behaviours, exchange, functionOf, functions, tuple } from '../support/behaviours.ts';
import { api, forwarder, type WitEncoding } from '../support/forwarder.ts';
import { seeded } from '../support/random.ts';
import { randomType } from '../support/random-values.ts';
import { bothRuntimes, ourRuntime, type Runtime } from '../support/runtimes.ts';
import type { WitFunction } from '../support/wit-source.ts';

const encodings: readonly WitEncoding[] = ['utf8', 'utf16', 'compact-utf16'];

for (const encoding of encodings) {
  const component = forwarder(functions, encoding);
  // jco has no latin1+utf16.
  const runtimes = component.then(
    (bytes): Promise<readonly Runtime[]> =>
      encoding === 'compact-utf16' ? Promise.resolve([ourRuntime(bytes)]) : bothRuntimes(bytes),
  );
  Object.keys(behaviours).forEach((behaviour, index) => {
    test(`${behaviour}, ${encoding}`, async () => {
      const one = functions[index] as WitFunction;
      for (const runtime of await runtimes) {
        for (let seed = 0; seed < 12; seed++) exchange(runtime, functions, one, seeded(seed));
      }
    });
  });
}

for (const seed of [1, 2, 3, 4]) {
  test(`random types, seed ${seed}`, async () => {
    const random = seeded(seed);
    const many = Array.from({ length: 10 }, (_, index) => {
      const params = Array.from({ length: random.int(5) }, () => randomType(random, 3));
      // A result at the top is an exception in jco's mapping.
      const answer = random.once(6) ? undefined : tuple(randomType(random, 3));
      return functionOf(`f${index}`, params, answer);
    });
    const encoding = random.pick(['utf8', 'utf16'] as const);
    for (const runtime of await bothRuntimes(await forwarder(many, encoding))) {
      for (const one of many) for (let turn = 0; turn < 4; turn++) exchange(runtime, many, one, random);
    }
  });
}

// A component composed of two forwarders: every value passes from the host through the memories of both, and back.
for (const outer of encodings) {
  for (const inner of encodings) {
    test(`composed: ${outer} calls ${inner}`, async () => {
      const bytes = await compose(await forwarder(functions, outer), await forwarder(functions, inner), api);
      const runtime = ourRuntime(bytes);
      for (const one of functions) for (let seed = 0; seed < 3; seed++) exchange(runtime, functions, one, seeded(seed));
    });
  }
}

test('composed, in jco', async () => {
  const [utf8, utf16] = await Promise.all([forwarder(functions, 'utf8'), forwarder(functions, 'utf16')]);
  for (const runtime of await bothRuntimes(await compose(utf8, utf16, api))) {
    for (const one of functions) exchange(runtime, functions, one, seeded(1));
  }
});
