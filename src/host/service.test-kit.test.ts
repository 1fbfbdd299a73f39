// The harness goes the way of an app: manifest, service, component, request, and back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../errors.ts';
import { serviceHarness } from './service.test-kit.ts';
import { defineInterface, type HostService, suspending } from './service.ts';

const guest = '[component.guest]\nsource = "guest.wasm"\nenvironment = { A = "1" }\n';

/** Notes when it is called; refuses components without `A`. */
function noting(notes: string[]): HostService<string, string, string[]> {
  return {
    name: 'noting',
    interfaces: [
      defineInterface<string[]>('noting', 'test:notes/notes', '1.0.0', {
        functions: {
          note: (state, text: string) => state.push(text),
          later: suspending(async (state: string[]) => state.length),
          wrong: async () => undefined,
        },
      }),
    ],
    configureApp: ({ app }) => `app ${app.name}`,
    configureComponent({ component, log, problem }, app) {
      if (!('A' in component.environment)) problem(new MayflyError('guest-trap', 'no A'));
      log.warn({ app }, 'configured');
      return `${app}, ${component.id}`;
    },
    prepare: (configured) => [configured],
    finish: (state) => void notes.push(...state),
    closeComponent: (configured) => void notes.push(`closed ${configured}`),
    closeApp: (app) => void notes.push(`closed ${app}`),
  };
}

test('calls reach the state of one request, and everything is closed in order', async () => {
  const notes: string[] = [];
  const harness = await serviceHarness(noting(notes), guest);
  assert.deepEqual(harness.problems, []);
  assert.equal(harness.call('test:notes/notes@1.0.0', 'note', 'x'), 2);
  assert.equal(await harness.call('test:notes/notes@1.0.0', 'later'), 2);
  assert.throws(() => harness.call('test:notes/notes@1.0.0', 'wrong'), /must not give a promise/);
  assert.throws(
    () => harness.call('test:notes/notes', 'note'),
    /has no test:notes\/notes, but test:notes\/notes@1.0.0/,
  );
  assert.throws(() => harness.call('test:notes/notes@1.0.0', 'none'), /no function none/);
  assert.deepEqual(harness.log, [{ level: 'warn', message: 'configured', fields: { app: 'app test' } }]);
  await harness.close();
  assert.deepEqual(notes, ['app test, guest', 'x', 'closed app test, guest', 'closed app test']);
});

test('mistakes of the manifest, and those that the service reports, are problems', async () => {
  const notes: string[] = [];
  const broken = await serviceHarness(noting(notes), '[component.guest]\nsource = 7\nnonsense = 1\n');
  assert.ok(broken.problems.length > 0);
  assert.throws(() => broken.call('test:notes/notes@1.0.0', 'note', 'x'), /was not loaded/);
  const refused = await serviceHarness(noting(notes), '[component.guest]\nsource = "guest.wasm"\n');
  assert.deepEqual(
    refused.problems.map(({ message }) => message),
    ['no A'],
  );
  await refused.close();
  assert.deepEqual(notes, ['closed app test, guest', 'closed app test']);
});

test('a whole manifest is taken as it stands, and another component can be the one that calls', async () => {
  const whole = `spin_manifest_version = 2
[application]
name = "whole"
[[trigger.http]]
route = "/"
component = "a"
[component.a]
source = "a.wasm"
[component.b]
source = "b.wasm"
environment = { A = "1" }
`;
  const notes: string[] = [];
  const harness = await serviceHarness(noting(notes), whole, { component: 'b' });
  assert.deepEqual(harness.problems, []);
  await harness.close();
  assert.equal(notes[0], 'app whole, b');
});
