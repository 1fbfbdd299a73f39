// The host service 'mysql': databases of MySQL and MariaDB servers. address.ts reads where they are, open-connections.ts has
// what a sandbox may reach and has open, session.ts a connection, statement.ts a statement, bindings.ts the WIT functions.
import { allowedHostsOf } from '../network/allowed-hosts.ts';
import { ConnectionBound } from '../network/connection-bound.ts';
import { ConnectionPool } from '../network/connection-pool.ts';
import type { HostService } from '../service.ts';
import { mysqlInterfaces } from './bindings.ts';
import { type Configured, OpenConnections } from './open-connections.ts';

/** Of one component; `idle` in milliseconds. */
const limits = { most: 64, mostOfAddress: 32, idle: 30_000 } as const;

export function createMysqlService(): HostService<ConnectionBound, Configured, OpenConnections> {
  return {
    name: 'mysql',
    interfaces: mysqlInterfaces,
    configureApp: ({ runtimeConfig, network: { permits } }) =>
      new ConnectionBound(runtimeConfig.maxConnections.mysql, { permits, kind: 'mysql' }),
    configureComponent: (context, bound) => ({
      allowed: allowedHostsOf(context),
      network: context.network,
      pool: new ConnectionPool(limits, bound),
    }),
    prepare: (configured, sandbox) => new OpenConnections(configured, sandbox),
    finish: (state) => state.finish(),
    closeComponent: ({ pool }) => pool.close(),
  };
}
