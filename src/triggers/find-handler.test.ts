// A handler is found in the form that its world gives it, or in that of a program's engine; what is missing is said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockedApp, lockedComponent } from '../app/locked-app.test-kit.ts';
import type { LockedTrigger } from '../app/manifest/triggers/all.ts';
import type { Plan } from '../component/canon/plan.ts';
import { parseFuncType } from '../component/types/parse.ts';
import type { Artifact } from '../sandbox/artifact.ts';
import { commandTrigger } from './command/trigger.ts';
import { cronTrigger } from './cron/trigger.ts';
import { exportedFunction, findWanted } from './find-entry.ts';
import { findHandler } from './find-handler.ts';
import { mqttTrigger } from './mqtt/trigger.ts';
import { namedTargets } from './named-targets.ts';
import { isProgram } from './program-events.ts';
import { redisTrigger } from './redis/trigger.ts';
import { sqsTrigger } from './sqs/trigger.ts';
import type { Target, TriggerType } from './trigger.ts';

type Exports = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** A plan that exports functions of these types, alone or in interfaces. */
function plan(exports: Exports): Plan {
  const func = (type: string, name: string) => ({
    kind: 'func',
    func: { type: parseFuncType(type), core: { kind: 'export', name } },
  });
  const entries = Object.entries(exports).map(([name, one]): [string, object] => {
    if (typeof one === 'string') return [name, func(one, name)];
    const inside = Object.entries(one).map(([inner, type]) => [inner, func(type, inner)] as const);
    return [name, { kind: 'instance', exports: new Map(inside) }];
  });
  return { exports: new Map(entries) } as unknown as Plan;
}

const program = { event: 'func(string, list<u8>, string) -> result<_, string>' };

function entryOf(type: TriggerType, exports: Exports): string {
  const artifact = { plan: plan(exports), isCommand: true } as unknown as Artifact;
  const entry = type.findEntry(artifact, lockedApp(), {} as Target);
  return String((entry as { kind?: string }).kind ?? (entry.command ? 'command' : '?'));
}

test('each type of triggers finds its handler, of every world that it knows, and that of a program', () => {
  const payload = 'list<u8>, record{topic: string}';
  const cron = 'record{timestamp: u64}';
  const attribute = 'record{name: string, data-type: option<string>, value: variant{str(string), binary(list<u8>)}}';
  const message = `record{id: option<string>, message-attributes: list<${attribute}>, body: option<string>}`;
  const other = 'variant{other(string)}';
  const redisError = 'variant{invalid-address, too-many-connections, type-error, other(string)}';
  for (const [type, exports, kind] of [
    [
      redisTrigger,
      { 'fermyon:spin/inbound-redis': { 'handle-message': 'func(list<u8>) -> result<_, enum{success, error}>' } },
      'redis',
    ],
    [
      redisTrigger,
      { 'spin:redis/inbound-redis@3.0.0': { 'handle-message': `async func(list<u8>) -> result<_, ${redisError}>` } },
      'redis',
    ],
    [mqttTrigger, { 'handle-message': `async func(${payload}) -> result<_, ${other}>` }, 'mqtt'],
    [mqttTrigger, { 'handle-message': `func(${payload}) -> result<_, ${other}>` }, 'mqtt'],
    [cronTrigger, { 'handle-cron-event': `async func(${cron}) -> result<_, ${other}>` }, 'cron'],
    [cronTrigger, { 'handle-cron-event': `func(${cron}) -> result<_, ${other}>` }, 'cron'],
    [sqsTrigger, { 'handle-queue-message': `async func(${message}) -> result<enum{delete, leave}, ${other}>` }, 'sqs'],
    [sqsTrigger, { 'handle-queue-message': `func(${message}) -> result<enum{delete, leave}, ${other}>` }, 'sqs'],
    [commandTrigger, { 'wasi:cli/run@0.2.6': { run: 'func() -> result' } }, 'command'],
    [commandTrigger, { 'wasi:cli/run@0.3.0': { run: 'async func() -> result' } }, 'command'],
  ] as const) {
    assert.equal(entryOf(type, exports), kind, JSON.stringify(exports));
    if (type === commandTrigger) continue;
    for (const way of ['', 'async '] as const) {
      const engine = { 'mayfly:script/program@0.1.0': { event: `${way}${program.event}` } };
      assert.equal(entryOf(type, engine), 'program');
    }
  }
});

test('a handler of another type, and one that is absent, are errors that say what there is', () => {
  for (const [type, name, wanted] of [
    [redisTrigger, 'fermyon:spin/inbound-redis', 'fermyon:spin/inbound-redis or spin:redis/inbound-redis@3'],
    [mqttTrigger, 'handle-message', 'handle-message of spin:mqtt-trigger'],
    [cronTrigger, 'handle-cron-event', 'handle-cron-event of spin:cron'],
    [sqsTrigger, 'handle-queue-message', 'handle-queue-message of spin:sqs'],
    [commandTrigger, 'wasi:cli/run@0.2.0', 'wasi:cli/run, which a command has'],
  ] as const) {
    const wrong = name.includes('/')
      ? { [name]: { run: 'func(u8)', 'handle-message': 'func(u8)' } }
      : { [name]: 'func(u8)' };
    assert.throws(() => entryOf(type, wrong), { code: 'guest-handler-type' });
    assert.throws(() => entryOf(type, { other: 'func()' }), {
      code: 'guest-no-handler',
      message: `The component exports no ${wanted}`,
      hint: 'It exports: other',
    });
  }
});

test('the first that is wanted counts, and another type that it may have', () => {
  const one = { kind: 'one', interface: undefined, version: undefined, name: 'one', type: 'func(u8)' } as const;
  const two = { ...one, kind: 'two', name: 'two', orType: 'func(u16)' } as const;
  const both = plan({ two: 'func(u8)', one: 'func(u8)' });
  assert.deepEqual(findWanted(both, [two, one])?.kind, 'two');
  assert.deepEqual(findWanted(both, [one, two])?.kind, 'one');
  assert.equal(findWanted(plan({ two: 'func(u16)' }), [one, two])?.kind, 'two');
  assert.equal(findWanted(plan({}), [one, two]), undefined);
  assert.throws(() => findWanted(plan({ one: 'func(u16)' }), [one]), {
    code: 'guest-handler-type',
    message: 'The component exports "one" as func(u16)',
    hint: 'The interface has func(u8)',
  });
  const inside = { ...one, interface: 'a:b/c', version: '1.2.0' };
  assert.equal(findWanted(plan({ 'a:b/c@1.3.0': { one: 'func(u8)' } }), [inside])?.kind, 'one');
  assert.throws(() => findWanted(plan({ 'a:b/c@1.3.0': {} }), [inside]), {
    message: 'The component exports no "a:b/c@1.3.0 one", which its interface has',
  });
  assert.throws(() => findWanted(plan({ one: {} }), [one]), {
    message: 'The component exports "one", which is no function of its own',
  });
  assert.equal(isProgram(findHandler(plan({ 'mayfly:script/program@0.1.0': program }), 'x', [one])), true);
  assert.equal(isProgram(findHandler(both, 'x', [one])), false);
});

test('the start of a core module gives no result, and only its own name may do so', () => {
  const run = {
    kind: 'run',
    interface: undefined,
    version: undefined,
    name: '_start',
    type: 'func() -> result',
  } as const;
  assert.equal(findWanted(plan({ _start: 'func()' }), [run])?.kind, 'run');
  assert.throws(() => findWanted(plan({ main: 'func()' }), [{ ...run, name: 'main' }]), { code: 'guest-handler-type' });
  assert.throws(() => findWanted(plan({ _start: 'func(u8)' }), [run]), { code: 'guest-handler-type' });
  assert.ok(exportedFunction(plan({ a: 'func()' }), 'a', 'func()'));
  assert.equal(exportedFunction(plan({ a: 'func(u8)' }), 'a', 'func()'), undefined);
  assert.equal(exportedFunction(plan({ a: {} }), 'a', 'func()'), undefined);
  assert.equal(exportedFunction(plan({}), 'a', 'func()'), undefined);
});

test('the targets of a type are the components that its triggers name, once each', () => {
  const cron = (component: string): LockedTrigger => ({
    type: 'cron',
    id: component,
    component,
    expression: '* * * * * *',
  });
  const components = ['a', 'b', 'c'].map((id) => lockedComponent({ id }));
  const app = lockedApp({
    components,
    triggers: [cron('b'), cron('b'), cron('none'), { type: 'command', id: 'x', component: 'c' }],
  });
  assert.deepEqual(namedTargets(app, 'cron'), [{ component: components[1], middleware: [], isNamed: true }]);
  assert.deepEqual(
    namedTargets(app, 'command').map(({ component }) => component.id),
    ['c'],
  );
  assert.deepEqual(namedTargets(app, 'sqs'), []);
});
