// The host services that every app gets. Nothing else knows them all: a new one is added here.
import type { LockedComponent } from '../app/locked-app.ts';
import type { HttpRequest, HttpResponse, SendRequest } from '../host/http-message.ts';
import type { HostService } from '../host/service.ts';
import { httpInterfaces } from '../host/wasi/http/interfaces.ts';
import { createWasiService } from '../host/wasi/service.ts';
import type { LoadOptions } from './load-component.ts';

export type AnyService = HostService<unknown, unknown>;

export interface ServiceOptions {
  /** Service chaining: straight to a component of the same app. */
  readonly dispatch: (componentId: string, request: HttpRequest) => Promise<HttpResponse>;
  readonly options: LoadOptions;
}

export function hostServices({ dispatch, options }: ServiceOptions): readonly AnyService[] {
  const sendRequest = (component: LockedComponent): SendRequest => {
    throw new Error(`${component.id} ${typeof dispatch} ${typeof options}`);
  };
  return [createWasiService({ sendRequest, extraInterfaces: httpInterfaces })] as unknown as readonly AnyService[];
}
