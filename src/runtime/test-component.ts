// Components that hold tests, as the plugin spin-test has them: each function with a name of a test is one, or the
// component lists its tests and runs them by name.
import type { LiftedFunction } from '../component/canon/plan.ts';
import { MayflyError } from '../errors.ts';
import { callFunction } from '../invocation/call-function.ts';
import type { Artifact } from '../sandbox/artifact.ts';
import { describeExports, exportedFunction } from '../triggers/find-entry.ts';
import type { TriggerType } from '../triggers/trigger.ts';
import type { LoadedComponent } from './load-component.ts';

/** Before the name of a test, in that of its function. */
const PREFIX = 'spin-test-';

/** Takes the place of the types of triggers where a component of tests is loaded. Nothing but a test calls it. */
export const testComponentType: TriggerType = {
  type: 'command',
  targets: ({ components }) => components.map((component) => ({ component, middleware: [], isNamed: true })),
  findEntry(artifact) {
    const func = exportedFunction(artifact.plan, 'run', 'func(string)') ?? testFunctions(artifact)[0]?.func;
    if (func) return { func };
    throw new MayflyError('guest-no-handler', 'The component has no tests: no "run", and no "spin-test-…"', {
      hint: describeExports(artifact.plan),
    });
  },
  load: () => ({ run: async () => ({}), stop: async () => {} }),
  describe: () => [],
};

/** The names of the tests, in their order. Rejects with what ends the guest that is asked for them. */
export async function namesOfTests({ artifact, guest }: LoadedComponent): Promise<readonly string[]> {
  const functions = testFunctions(artifact);
  if (functions.length > 0) return functions.map(({ name }) => name);
  const list = exportedFunction(artifact.plan, 'list-tests', 'func() -> list<string>');
  if (!list)
    throw new MayflyError('guest-no-handler', 'The component does not say which tests it has: no "list-tests"');
  return (await callFunction(guest, { func: list }, [])) as readonly string[];
}

/** Runs a test in a sandbox of its own. Rejects with what ended it: a test fails by a trap. */
export async function callTest({ artifact, guest }: LoadedComponent, name: string): Promise<void> {
  const own = testFunctions(artifact).find((one) => one.name === name);
  const run = own?.func ?? exportedFunction(artifact.plan, 'run', 'func(string)');
  if (!run) throw new MayflyError('guest-no-handler', `The component has no test "${name}"`);
  await callFunction(guest, { func: run }, own ? [] : [name]);
}

function testFunctions(artifact: Artifact): { readonly name: string; readonly func: LiftedFunction }[] {
  return [...artifact.plan.exports.keys()].flatMap((key) => {
    const func = key.startsWith(PREFIX) ? exportedFunction(artifact.plan, key, 'func()') : undefined;
    return func ? [{ name: key.slice(PREFIX.length), func }] : [];
  });
}
