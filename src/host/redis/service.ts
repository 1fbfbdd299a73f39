// The host service 'redis': servers that guests name by address. open-connections.ts has who may reach what,
// connection.ts the protocol, operations.ts the commands, bindings.ts the WIT functions.
import { allowedHostsOf } from '../network/allowed-hosts.ts';
import { ConnectionBound } from '../network/connection-bound.ts';
import { ConnectionPool } from '../network/connection-pool.ts';
import type { HostService } from '../service.ts';
import { redisInterfaces } from './bindings.ts';
import type { RedisConnection } from './connection.ts';
import { OpenConnections, type RedisConfigured } from './open-connections.ts';

/** Of an app at once, unless the runtime configuration says so. */
const MOST_CONNECTIONS = 512;
const MOST_OF_ADDRESS = 256;
const IDLE_MS = 30_000;

type Pool = ConnectionPool<RedisConnection>;

export function createRedisService(): HostService<Pool, RedisConfigured, OpenConnections> {
  return {
    name: 'redis',
    interfaces: redisInterfaces,
    configureApp({ runtimeConfig, network: { permits } }) {
      const { redis: most = MOST_CONNECTIONS } = runtimeConfig.maxConnections;
      const mostOfAddress = runtimeConfig.maxConnections.redis ?? MOST_OF_ADDRESS;
      const bound = new ConnectionBound(undefined, { permits, kind: 'redis' });
      return new ConnectionPool({ most, mostOfAddress, idle: IDLE_MS }, bound);
    },
    configureComponent: (context, pool) => ({
      pool,
      rules: allowedHostsOf(context),
      network: context.network,
      known: new Map(),
    }),
    prepare: (configured, sandbox) => new OpenConnections(configured, sandbox),
    finish: (state) => state.finish(),
    closeApp: (pool) => pool.close(),
  };
}
