// An interface of the host says of each function whether it may suspend its guest, and what happens when its result is copied.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineInterface, lending, resource, suspending } from './service.ts';

test('a function suspends only when it is marked, and lends only then', () => {
  const given: unknown[] = [];
  const noted = (...args: readonly unknown[]): void => void given.push(args);
  const plain = (_state: object, value: number): number => value;
  const { functions, resources, ...rest } = defineInterface('s', 'a:b/c', '1.0.0', {
    functions: {
      plain,
      waits: suspending(plain),
      lends: lending(plain, noted),
      both: lending(suspending(plain), noted),
    },
    resources: [resource('bare'), resource('dropped', noted)],
  });
  assert.deepEqual(
    Object.entries(functions).map(([name, { suspends, lowered }]) => [name, suspends, lowered !== undefined]),
    [
      ['plain', false, false],
      ['waits', true, false],
      ['lends', false, true],
      ['both', true, true],
    ],
  );
  for (const { call } of Object.values(functions)) assert.equal(call({} as never, 7 as never), 7);
  functions.both?.lowered?.(1 as never, 2 as never);
  assert.deepEqual(given, [[1, 2]]);
  assert.deepEqual(Object.keys(resources), ['bare', 'dropped']);
  assert.deepEqual([resources.bare?.drop, resources.dropped?.drop], [undefined, noted]);
  assert.deepEqual(rest, { service: 's', name: 'a:b/c', version: '1.0.0', signatures: undefined });
});
