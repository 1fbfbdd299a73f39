// The host services that every app gets. Only this file knows all of them: a new one is added here.

import { join } from 'node:path';
import type { LockedApp } from '../app/locked-app.ts';
import type { VariablesProviderConfig } from '../app/runtime-config/runtime-config.ts';
import { spinTestKeyValue } from '../host/key-value/bindings-spin-test.ts';
import { createKeyValueService } from '../host/key-value/service.ts';
import { createLlmService } from '../host/llm/service.ts';
import { createMqttService } from '../host/mqtt/service.ts';
import { createMysqlService } from '../host/mysql/service.ts';
import type { AllowedHost } from '../host/network/allowed-hosts.ts';
import { createOtelService } from '../host/otel/service.ts';
import { createHttpClient } from '../host/outbound-http/client.ts';
import { createSendRequest, type Dispatch, type SelfOrigin } from '../host/outbound-http/send.ts';
import { spinHttpInterface } from '../host/outbound-http/spin-interface.ts';
import { createPostgresService } from '../host/postgres/service.ts';
import { createRedisService } from '../host/redis/service.ts';
import type { ComponentContext, HostService } from '../host/service.ts';
import { spinTestSqlite } from '../host/sqlite/bindings.ts';
import { createSqliteService } from '../host/sqlite/service.ts';
import { createTriggerTypesService } from '../host/trigger-types/service.ts';
import { createUnsupportedService } from '../host/unsupported/service.ts';
import { environmentProvider } from '../host/variables/backends/environment.ts';
import { valuesProvider } from '../host/variables/backends/values.ts';
import { vaultProvider } from '../host/variables/backends/vault.ts';
import { spinTestVariables } from '../host/variables/bindings-spin-test.ts';
import type { VariableProvider } from '../host/variables/provider.ts';
import { createVariablesService } from '../host/variables/service.ts';
import { spinTestHttp } from '../host/wasi/http/spin-test.ts';
import { createWasiService } from '../host/wasi/service.ts';
import type { OutboundHttp } from '../host/wasi/state.ts';
import type { WebSocketConnections } from '../host/websocket/connections.ts';
import { createWebSocketService } from '../host/websocket/service.ts';
import { limitsOf } from '../limits.ts';
import { propagatorsOf } from '../telemetry/trace-context.ts';
import type { LoadOptions } from './load-options.ts';
import { tracedSend } from './traced-services.ts';
import { virtualClient } from './virtual.ts';

/** The sources of app variables, in the order in which they are asked: Spin's. */
export function variableProviders(
  app: LockedApp,
  options: Pick<LoadOptions, 'variables' | 'runtimeConfig' | 'virtual'> & Partial<LoadOptions>,
): readonly VariableProvider[] {
  if (options.virtual) return [valuesProvider('the test', options.variables)];
  return [
    valuesProvider('--variable', options.variables),
    ...(options.runtimeConfig?.variablesProviders ?? []).map(configuredProvider),
    environmentProvider({ dotenvPath: join(app.directory, '.env') }),
  ];
}

function configuredProvider(config: VariablesProviderConfig): VariableProvider {
  switch (config.type) {
    case 'env':
      return environmentProvider(config);
    case 'static':
      return valuesProvider('static', config.values);
    case 'vault':
      return vaultProvider(config);
  }
}

/** The ways into the app for requests of its own components, which stay in the process. */
export interface AppLoopback {
  readonly dispatch: Dispatch;
  /** The app's address from inside: a port without a host and `self.alt` lead there. */
  readonly self: () => SelfOrigin;
  /** The WebSockets of the app's clients. */
  readonly webSockets: WebSocketConnections;
}

export function hostServices(loopback: AppLoopback, options: LoadOptions): readonly HostService[] {
  const { harness } = options;
  return [
    createWasiService({
      outboundHttp: (context, allowed) => openOutboundHttp(context, { allowedHosts: allowed, loopback, options }),
      extraInterfaces: [spinHttpInterface, ...(harness ? spinTestHttp(harness) : [])],
    }),
    createVariablesService({
      providers: (app) => variableProviders(app, options),
      extraInterfaces: harness && [spinTestVariables(harness)],
    }),
    createKeyValueService({
      values: options.keyValues,
      record: options.virtual?.record,
      extraInterfaces: harness && [spinTestKeyValue(harness)],
    }),
    createSqliteService({ statements: options.sqliteStatements, extraInterfaces: harness && [spinTestSqlite] }),
    createRedisService(),
    createMqttService(),
    createLlmService(),
    ...(options.wasiOtel ? [createOtelService({ environment: process.env })] : []),
    createTriggerTypesService(),
    createPostgresService(),
    createMysqlService(),
    createWebSocketService(loopback.webSockets),
    createUnsupportedService(),
  ];
}

interface OutboundOptions {
  readonly allowedHosts: readonly AllowedHost[];
  readonly loopback: Pick<AppLoopback, 'dispatch' | 'self'>;
  readonly options: LoadOptions;
}

/** Opens a component's outbound HTTP, with connections of its own. */
function openOutboundHttp(
  { app, component, log, network }: ComponentContext,
  { allowedHosts, loopback, options }: OutboundOptions,
): OutboundHttp {
  const limits = limitsOf('client', component.settings.limits, app.settings.limits);
  const client = options.virtual
    ? virtualClient(options.virtual)
    : createHttpClient({ limits, network, componentId: component.id });
  const { dispatch, self } = loopback;
  const propagators = propagatorsOf(process.env);
  const given = { componentId: component.id, allowedHosts, dispatch, self, client, log, propagators };
  const plain = createSendRequest(given);
  const send = options.tracer ? tracedSend(plain, options.tracer) : plain;
  return { send, close: () => client.close() };
}
