// The host services that every app gets. Nothing else knows them all: a new one is added here.
import type { LockedComponent } from '../app/locked-app.ts';
import type { SendRequest } from '../host/http-message.ts';
import type { HostService } from '../host/service.ts';
import { httpInterfaces } from '../host/wasi/http/interfaces.ts';
import { createWasiService } from '../host/wasi/service.ts';

export type AnyService = HostService<unknown, unknown>;

export interface ServiceOptions {
  /** Outbound HTTP of a component, after its permissions. */
  readonly sendRequest: (component: LockedComponent) => SendRequest;
}

export function hostServices({ sendRequest }: ServiceOptions): readonly AnyService[] {
  return [createWasiService({ sendRequest, extraInterfaces: httpInterfaces })] as unknown as readonly AnyService[];
}
