// The host services that every app gets. Nothing else knows them all: a new one is added here.
import { join } from 'node:path';
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import type { HttpRequest, HttpResponse, SendRequest } from '../host/http-message.ts';
import { createSendRequest } from '../host/outbound-http/send.ts';
import type { HostService } from '../host/service.ts';
import { environmentProvider } from '../host/variables/backends/environment.ts';
import { valuesProvider } from '../host/variables/backends/values.ts';
import type { VariableProvider } from '../host/variables/provider.ts';
import { createVariablesService } from '../host/variables/service.ts';
import { httpInterfaces } from '../host/wasi/http/interfaces.ts';
import { createWasiService } from '../host/wasi/service.ts';
import type { LoadOptions } from './load-component.ts';

export type AnyService = HostService<unknown, unknown>;

/** Service chaining: straight to a component of the same app. */
export type Dispatch = (componentId: string, request: HttpRequest) => Promise<HttpResponse>;

/** Where app variables come from, in the order in which they are asked. */
export function variableProviders(app: LockedApp, { variables }: LoadOptions): readonly VariableProvider[] {
  return [valuesProvider('--variable', variables), environmentProvider({ dotenvPath: join(app.directory, '.env') })];
}

export function hostServices(dispatch: Dispatch, options: LoadOptions): readonly AnyService[] {
  const { log } = options;
  const sendRequest = ({ id, allowedOutboundHosts }: LockedComponent): SendRequest =>
    createSendRequest({ componentId: id, allowedHosts: allowedOutboundHosts, dispatch, log });
  const services = [
    createWasiService({ sendRequest, extraInterfaces: httpInterfaces }),
    createVariablesService({ providers: (app) => variableProviders(app, options) }),
  ];
  return services as unknown as readonly AnyService[];
}
