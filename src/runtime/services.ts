// The host services that every app gets. Nothing else knows them all: a new one is added here.

import { join } from 'node:path';
import type { LockedApp } from '../app/locked-app.ts';
import { MayflyError } from '../errors.ts';
import { createAbsentService } from '../host/absent/service.ts';
import { AllowedHostFault } from '../host/allowed-hosts.ts';
import { createKeyValueService } from '../host/key-value/service.ts';
import { createHttpClient } from '../host/outbound-http/client.ts';
import { createSendRequest, type Dispatch, type SelfOrigin } from '../host/outbound-http/send.ts';
import { spinHttpInterface } from '../host/outbound-http/spin-interface.ts';
import type { ComponentContext, HostService } from '../host/service.ts';
import { createSqliteService } from '../host/sqlite/service.ts';
import { environmentProvider } from '../host/variables/backends/environment.ts';
import { valuesProvider } from '../host/variables/backends/values.ts';
import type { VariableProvider } from '../host/variables/provider.ts';
import { createVariablesService } from '../host/variables/service.ts';
import { httpLimitsFrom } from '../host/wasi/http/state.ts';
import { createWasiService } from '../host/wasi/service.ts';
import type { OutboundHttp } from '../host/wasi/state.ts';
import type { LoadOptions } from './load-options.ts';

/** Where app variables come from, in the order in which they are asked. */
export function variableProviders(app: LockedApp, { variables }: LoadOptions): readonly VariableProvider[] {
  return [valuesProvider('--variable', variables), environmentProvider({ dotenvPath: join(app.directory, '.env') })];
}

export interface Inside {
  readonly dispatch: Dispatch;
  /** The app as it is reached from inside: a port without a host and `self.alt` lead there. */
  readonly self: () => SelfOrigin;
}

export function hostServices(inside: Inside, options: LoadOptions): readonly HostService[] {
  return [
    createWasiService({
      outboundHttp: (context) => openOutboundHttp(context, inside),
      extraInterfaces: [spinHttpInterface],
    }),
    createVariablesService({ providers: (app) => variableProviders(app, options) }),
    createKeyValueService({ values: options.keyValues }),
    createSqliteService({ statements: options.sqliteStatements }),
    createAbsentService(),
  ];
}

/** Each component has connections of its own. */
function openOutboundHttp({ app, component, log }: ComponentContext, inside: Inside): OutboundHttp {
  const { id, allowedOutboundHosts, location, settings } = component;
  const client = createHttpClient({ limits: httpLimitsFrom(settings.limits, app.settings.limits) });
  try {
    const send = createSendRequest({ componentId: id, allowedHosts: allowedOutboundHosts, ...inside, client, log });
    return { send, close: () => client.close() };
  } catch (cause) {
    client.close();
    if (!(cause instanceof AllowedHostFault)) throw cause;
    throw new MayflyError('manifest-allowed-host', cause.message, { cause, location });
  }
}
