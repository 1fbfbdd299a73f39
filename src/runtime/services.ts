// The host services that every app gets. Nothing else knows them all: a new one is added here.
import { join } from 'node:path';
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import { MayflyError } from '../errors.ts';
import { createAbsentService } from '../host/absent/service.ts';
import { AllowedHostFault } from '../host/allowed-hosts.ts';
import type { SendRequest } from '../host/http-message.ts';
import { createHttpClient } from '../host/outbound-http/client.ts';
import { createSendRequest, type Dispatch, type SelfOrigin } from '../host/outbound-http/send.ts';
import { spinHttpInterface } from '../host/outbound-http/spin-interface.ts';
import type { HostService } from '../host/service.ts';
import { environmentProvider } from '../host/variables/backends/environment.ts';
import { valuesProvider } from '../host/variables/backends/values.ts';
import type { VariableProvider } from '../host/variables/provider.ts';
import { createVariablesService } from '../host/variables/service.ts';
import { createWasiService } from '../host/wasi/service.ts';
import type { LoadOptions } from './load-component.ts';

export type AnyService = HostService<unknown, unknown>;

/** Where app variables come from, in the order in which they are asked. */
export function variableProviders(app: LockedApp, { variables }: LoadOptions): readonly VariableProvider[] {
  return [valuesProvider('--variable', variables), environmentProvider({ dotenvPath: join(app.directory, '.env') })];
}

export interface Inside {
  readonly dispatch: Dispatch;
  /** The app as it is reached from inside: relative URLs and `self.alt` lead there. */
  readonly self: () => SelfOrigin;
}

export function hostServices({ dispatch, self }: Inside, options: LoadOptions): readonly AnyService[] {
  const client = createHttpClient();
  const sendRequest = ({ id, allowedOutboundHosts, location }: LockedComponent): SendRequest => {
    try {
      const allowedHosts = allowedOutboundHosts;
      return createSendRequest({ componentId: id, allowedHosts, dispatch, self, client, log: options.log });
    } catch (cause) {
      if (!(cause instanceof AllowedHostFault)) throw cause;
      throw new MayflyError('manifest-allowed-host', cause.message, { cause, location });
    }
  };
  const services = [
    createWasiService({ sendRequest, extraInterfaces: [spinHttpInterface] }),
    createVariablesService({ providers: (app) => variableProviders(app, options) }),
    createAbsentService(),
  ];
  return services as unknown as readonly AnyService[];
}
