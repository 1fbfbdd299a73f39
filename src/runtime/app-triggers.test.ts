// Triggers of several types in one app: what is loaded for them, in which order they start and stop, and what each finds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LockedApp } from '../app/locked-app.ts';
import { MayflyError } from '../errors.ts';
import { WebSocketConnections } from '../host/websocket/connections.ts';
import { silentLog } from '../telemetry/log.ts';
import { appOf, to } from '../triggers/http/app.test-kit.ts';
import { httpTrigger } from '../triggers/http/trigger.ts';
import type { Target, Trigger, TriggerApp, TriggerType } from '../triggers/trigger.ts';
import { AppTriggers } from './app-triggers.ts';
import type { LoadedComponent } from './load-component.ts';
import { unitsOf } from './load-units.ts';

const expand = (template: string) => template;
const webSockets = new WebSocketConnections();
const listen = { host: '127.0.0.1', port: 0 };
const options = { log: silentLog };

interface Recorded {
  readonly type: TriggerType;
  readonly apps: TriggerApp[];
}

/** A type of triggers that writes down what is asked of it. */
function recorder(
  name: string,
  events: string[],
  trigger: Partial<Trigger> = {},
  ids: readonly string[] = [],
): Recorded {
  const apps: TriggerApp[] = [];
  const type = {
    type: name,
    targets: ({ components }: LockedApp): Target[] =>
      components
        .filter(({ id }) => ids.includes(id))
        .map((component) => ({ component, middleware: [], isNamed: true })),
    load(app: TriggerApp): Trigger {
      apps.push(app);
      return {
        async run() {
          events.push(`${name} runs`);
          return {};
        },
        async stop() {
          events.push(`${name} takes no more`);
          await new Promise(setImmediate);
          events.push(`${name} has finished`);
        },
        ...trigger,
      };
    },
  } as unknown as TriggerType;
  return { type, apps };
}

test('all triggers start, in their order; none takes anything new before the first waits for what is in flight', async () => {
  const events: string[] = [];
  const types = [recorder('a', events).type, recorder('b', events).type];
  const triggers = new AppTriggers(types, { locked: appOf({}), options, components: [], expand, webSockets });
  await triggers.run(types, { listen });
  await triggers.stop(1000);
  assert.deepEqual(events, [
    'a runs',
    'b runs',
    'a takes no more',
    'b takes no more',
    'a has finished',
    'b has finished',
  ]);
});

test('one that cannot start is told; the others can be stopped, also where one of them cannot', async () => {
  const events: string[] = [];
  const taken = new MayflyError('listen-failed', 'taken');
  const run = () => Promise.reject(taken);
  const stop = () => Promise.reject(new Error('stuck'));
  const types = [recorder('a', events, { stop }).type, recorder('b', events).type, recorder('c', events, { run }).type];
  const triggers = new AppTriggers(types, { locked: appOf({}), options, components: [], expand, webSockets });
  await assert.rejects(triggers.run(types, { listen }), taken);
  await assert.rejects(triggers.stop(1000), /stuck/);
  assert.deepEqual(events.slice(-2), ['b has finished', 'c has finished']);
});

test('the first that listens gives the address of the app, and the one that takes requests the way in', async () => {
  const run = (authority: string) => () => Promise.resolve({ authority });
  const http = { handle: () => assert.fail(), dispatch: () => assert.fail(), log: silentLog };
  const types = [
    recorder('a', []).type,
    recorder('b', [], { run: run('x:1'), http }).type,
    recorder('c', [], { run: run('y:2') }).type,
  ];
  const triggers = new AppTriggers(types, { locked: appOf({}), options, components: [], expand, webSockets });
  assert.equal(triggers.authority, undefined);
  assert.equal(await triggers.run(types, { listen }), 'x:1');
  assert.equal(triggers.authority, 'x:1');
  assert.equal(triggers.http, http);
});

test('each type finds its own entry of a component, and none where the component has not what it calls', () => {
  const [a, b] = [recorder('a', []), recorder('b', [])];
  const locked = appOf({}, ['one', 'two']);
  const [one] = locked.components;
  const entry = { func: {} };
  const loaded = { component: one, middleware: [], entries: new Map([[a.type, entry]]), guest: {}, log: silentLog };
  const components = [loaded as unknown as LoadedComponent];
  new AppTriggers([a.type, b.type], { locked, options, components, expand, webSockets });
  assert.equal(a.apps[0]?.find('one')?.entry, entry);
  assert.equal(a.apps[0]?.find('one', [{ source: '/middleware.wasm', inherits: 'all' }]), undefined);
  assert.equal(a.apps[0]?.find('two'), undefined);
  assert.equal(b.apps[0]?.find('one'), undefined);
});

test('a component that triggers of two types call is loaded once, for both', () => {
  const other = recorder('other', [], {}, ['both', 'only']);
  const app = appOf({ '/': to('both') }, ['only', 'chained']);
  const units = unitsOf(app, [httpTrigger, other.type]);
  const callers = units.map(({ component, callers: all }) => [
    component.id,
    ...all.map(({ type, isRequired }) => `${type.type}${isRequired ? '' : ' if it can'}`),
  ]);
  assert.deepEqual(callers, [
    ['both', 'http', 'other'],
    // No HTTP trigger names it, but another component may call it.
    ['only', 'http if it can', 'other'],
    ['chained', 'http'],
  ]);
});

test('a chain of middleware is a unit beside its component, however many triggers have it', () => {
  const chained = { kind: 'component', component: 'a', middleware: [{ source: '/m.wasm', inherits: [] }] } as const;
  const units = unitsOf(appOf({ '/': to('a'), '/b': chained, '/c': { ...chained } }), [httpTrigger]);
  assert.deepEqual(
    units.map(({ component, middleware, callers }) => [component.id, middleware, callers.length]),
    [
      ['a', [], 1],
      ['a', [{ source: '/m.wasm', inherits: [] }], 1],
    ],
  );
});

test('an app says why it cannot serve: the process around it, a component, a trigger, or its end', async () => {
  const troubles: { around?: string; pool?: string; trigger?: string } = {};
  const load = (): Trigger => ({
    run: async () => ({}),
    stop: async () => undefined,
    get trouble() {
      return troubles.trigger;
    },
  });
  const type: TriggerType = { ...recorder('a', []).type, load };
  const pool = {
    get trouble() {
      return troubles.pool;
    },
  };
  const component = { component: { id: 'one' }, middleware: [], pool } as unknown as LoadedComponent;
  const { apps, type: http } = recorder('http', []);
  const triggers = new AppTriggers([http, type], {
    locked: appOf({}),
    options: { ...options, notReady: () => troubles.around },
    components: [component],
    expand: (text) => text,
    webSockets,
  });
  const trouble = (): string | undefined => apps[0]?.trouble();
  assert.equal(trouble(), undefined);
  troubles.trigger = 'the broker is gone';
  assert.equal(trouble(), 'trigger a: the broker is gone');
  troubles.pool = 'no memory';
  assert.equal(trouble(), 'component "one": no memory');
  troubles.around = 'workers are still starting';
  assert.equal(trouble(), 'workers are still starting');
  await triggers.stop(1000);
  assert.equal(trouble(), 'the app is draining');
});
