// Services see each part of a composition with as much of the component's configuration as it inherits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inheritedOf } from '../app/inherited.ts';
import { lockApp } from '../app/lock.ts';
import { restrict } from '../app/restrict.ts';
import { defaultRuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { createOutboundNetwork } from '../host/network/outbound-network.ts';
import type { HostService, SandboxContext } from '../host/service.ts';
import { RequestContext } from '../sandbox/request-context.ts';
import { silentLog } from '../telemetry/log.ts';
import { AppServices } from './app-services.ts';

const app = await lockApp('test/guests/built/hello-c.wasm');
const component = {
  ...app.components[0]!,
  environment: { MODE: 'test' },
  variables: { key: 'secret' },
  allowedOutboundHosts: ['https://example.com'],
  keyValueStores: ['default'],
  sqliteDatabases: ['default'],
  aiModels: ['llama'],
};

test('each configuration is configured and prepared as its own component; the called part is found by its own', async () => {
  const seen: string[][] = [];
  const prepared: SandboxContext[] = [];
  const service: HostService = {
    name: 'x',
    interfaces: [],
    configureComponent({ component: { variables, environment } }) {
      seen.push([...Object.keys(variables), ...Object.keys(environment)]);
      return seen.length;
    },
    prepare(configured, sandbox) {
      prepared.push(sandbox);
      return configured;
    },
  };
  const runtimeConfig = defaultRuntimeConfig();
  const network = createOutboundNetwork(runtimeConfig);
  const context = { app, runtimeConfig, network, log: silentLog, problem: () => undefined };
  const services = await AppServices.open([service], context);
  const plan = { services: ['x', 'x', 'x'], configurations: [1, 0, 2] };
  const bindings = await services.bind(
    component,
    plan,
    [{ inherits: 'all' }, { inherits: ['variables'] }, { inherits: [], environment: { OWN: '1' } }],
    silentLog,
  );
  assert.deepEqual(seen, [['key'], ['key', 'MODE'], ['OWN']]);
  const states = [0, 1, 2].map((entry) => {
    const request = new RequestContext(component, bindings, silentLog, 1000, entry);
    request.hops = 3;
    return request.stateOf('x');
  });
  assert.deepEqual(states, [2, 1, 3]);
  assert.deepEqual(
    prepared.map((one) => [one.component.keyValueStores.length, one.hops]),
    [
      [1, 3],
      [0, 3],
      [0, 3],
    ],
  );
  const request = new RequestContext(component, bindings, silentLog, 1000, 2);
  request.stateOf('x');
  const joined = prepared.at(-1);
  assert.equal(joined?.hostBytes, request.hostBytes);
  assert.equal(joined?.signal, request.signal);
  await services.close();
});

test('what is inherited is what is named, and nothing else', () => {
  const lists = (inherits: unknown): Record<string, number> => {
    const { environment, variables, allowedOutboundHosts, keyValueStores, sqliteDatabases, aiModels, files } = restrict(
      component,
      { inherits: inheritedOf(inherits) },
    );
    const all = { environment, variables, allowedOutboundHosts, keyValueStores, sqliteDatabases, aiModels, files };
    return Object.fromEntries(
      Object.entries(all).flatMap(([key, value]) => (Object.keys(value).length > 0 ? [[key, 1]] : [])),
    );
  };
  const nothing = {};
  assert.deepEqual([lists(undefined), lists(false), lists([])], [nothing, nothing, nothing]);
  assert.deepEqual(lists(['environment', 'sqlite_databases']), { environment: 1, sqliteDatabases: 1 });
  assert.deepEqual(lists(['allowed_outbound_hosts']), { allowedOutboundHosts: 1 });
  assert.deepEqual(lists(['variables', 'key_value_stores', 'ai_models']), {
    variables: 1,
    keyValueStores: 1,
    aiModels: 1,
  });
  assert.equal(restrict(component, { inherits: inheritedOf(true) }), component);
  const environment = { MODE: 'own', MORE: '1' };
  assert.deepEqual(restrict(component, { inherits: 'all', environment }).environment, environment);
  assert.deepEqual(restrict(component, { inherits: ['environment'], environment }).environment, environment);
  assert.equal(restrict(component, { inherits: 'all', environment }).keyValueStores, component.keyValueStores);
});
