// The host service 'mqtt': publishing at brokers that guests name by address. open-connections.ts has who may reach what,
// app-connections.ts the connections that requests share, bindings.ts the WIT functions.
import { allowedHostsOf } from '../network/allowed-hosts.ts';
import { ConnectionBound } from '../network/connection-bound.ts';
import type { HostService } from '../service.ts';
import { AppConnections } from './app-connections.ts';
import { mqttInterfaces } from './bindings.ts';
import { type MqttConfigured, OpenConnections } from './open-connections.ts';

/** Of an app at once, unless the runtime configuration says so. */
const MOST_CONNECTIONS = 128;
const IDLE_MS = 30_000;

export function createMqttService(): HostService<AppConnections, MqttConfigured, OpenConnections> {
  return {
    name: 'mqtt',
    interfaces: mqttInterfaces,
    configureApp: ({ runtimeConfig, network: { permits } }) =>
      new AppConnections(
        { most: runtimeConfig.maxConnections.mqtt ?? MOST_CONNECTIONS, idleMs: IDLE_MS },
        new ConnectionBound(undefined, { permits, kind: 'mqtt' }),
      ),
    configureComponent: (context, connections) => ({
      connections,
      rules: allowedHostsOf(context),
      network: context.network,
      mostPayloadBytes: context.runtimeConfig.mqttMaxPayloadBytes,
    }),
    prepare: (configured, sandbox) => new OpenConnections(configured, sandbox),
    finish: (state) => state.finish(),
    closeApp: (connections) => connections.close(),
  };
}
