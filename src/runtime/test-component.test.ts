// Components that hold tests: each exported test by its name, or a list of names and one function that runs them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockedApp, lockedComponent } from '../app/locked-app.test-kit.ts';
import type { LiftedFunction, Plan } from '../component/canon/plan.ts';
import { parseFuncType } from '../component/types/parse.ts';
import type { Artifact } from '../sandbox/artifact.ts';
import { fakeGuest } from '../triggers/http/fake-guest.test-kit.ts';
import type { Target } from '../triggers/trigger.ts';
import type { LoadedComponent } from './load-component.ts';
import { callTest, namesOfTests, testComponentType } from './test-component.ts';

function component(
  exports: Readonly<Record<string, string>>,
  call: (name: string, params: readonly unknown[]) => unknown = () => undefined,
) {
  const entries = Object.entries(exports).map(([name, type]) => {
    return [name, { kind: 'func', func: { type: parseFuncType(type), name } }] as const;
  });
  const artifact = { plan: { exports: new Map(entries) } as unknown as Plan } as Artifact;
  const called: string[] = [];
  const { callee } = fakeGuest(() => undefined);
  const pool = {
    ...callee.pool,
    acquire: (...given: Parameters<typeof callee.pool.acquire>) => {
      const sandbox = callee.pool.acquire(...given) as object;
      const run = async (func: LiftedFunction & { name?: string }, params: readonly unknown[]): Promise<unknown> => {
        called.push(`${func.name}(${params.join()})`);
        return call(func.name ?? '', params);
      };
      return Object.assign(Object.create(sandbox), { call: run });
    },
  };
  return { loaded: { artifact, guest: { ...callee, pool } } as unknown as LoadedComponent, artifact, called };
}

const entry = (artifact: Artifact) => testComponentType.findEntry(artifact, lockedApp(), {} as Target);

test('functions with the name of a test are tests, each of its own', async () => {
  const { loaded, artifact, called } = component({
    'spin-test-one': 'func()',
    other: 'func()',
    'spin-test-two': 'func()',
    'spin-test-typed': 'func(u8)',
  });
  assert.deepEqual(await namesOfTests(loaded), ['one', 'two']);
  await callTest(loaded, 'two');
  assert.deepEqual(called, ['spin-test-two()']);
  assert.equal((entry(artifact).func as LiftedFunction & { name?: string }).name, 'spin-test-one');
  await assert.rejects(callTest(loaded, 'typed'), {
    code: 'guest-no-handler',
    message: 'The component has no test "typed"',
  });
});

test('a component that lists its tests runs them by their names', async () => {
  const { loaded, artifact, called } = component(
    { 'list-tests': 'func() -> list<string>', run: 'func(string)' },
    (name) => (name === 'list-tests' ? ['a', 'b'] : undefined),
  );
  assert.deepEqual(await namesOfTests(loaded), ['a', 'b']);
  await callTest(loaded, 'b');
  assert.deepEqual(called, ['list-tests()', 'run(b)']);
  assert.equal((entry(artifact).func as LiftedFunction & { name?: string }).name, 'run');
});

test('what ends a test is told, and what has none is an error', async () => {
  const failing = component({ 'spin-test-one': 'func()' }, () => {
    throw new WebAssembly.RuntimeError('unreachable');
  });
  await assert.rejects(callTest(failing.loaded, 'one'), { code: 'guest-trap' });
  const none = component({ other: 'func()' });
  assert.throws(() => entry(none.artifact), { code: 'guest-no-handler', hint: 'It exports: other' });
  await assert.rejects(namesOfTests(none.loaded), { message: /no "list-tests"/ });
  const silent = component({ run: 'func(string)', 'list-tests': 'func() -> string' });
  await assert.rejects(namesOfTests(silent.loaded), { code: 'guest-no-handler' });
});

test('every component is a target of it, which nobody describes', () => {
  const components = ['a', 'b'].map((id) => lockedComponent({ id }));
  const targets = testComponentType.targets(lockedApp({ components }));
  assert.deepEqual(
    targets.map(({ component: one, isNamed, middleware }) => [one.id, isNamed, middleware]),
    [
      ['a', true, []],
      ['b', true, []],
    ],
  );
  assert.deepEqual(testComponentType.describe(lockedApp(), ''), []);
});
