// A WASI state with nothing but wasi:http in it, and calls by the names that stand in a binary: for tests.
import type { SendRequest } from '../../http-message.ts';
import { ioInterfaces } from '../io/bindings-0.2.ts';
import { type HostObject, releaseAll } from '../io/host-object.ts';
import { httpInterfaces } from './bindings-0.2.ts';
import type { HttpLimits, HttpOwner } from './state.ts';

const functions = Object.assign({}, ...[...httpInterfaces, ...ioInterfaces].map((entry) => entry.functions)) as Record<
  string,
  { call: (state: unknown, ...args: unknown[]) => unknown }
>;
const resources = Object.assign({}, ...[...httpInterfaces, ...ioInterfaces].map((entry) => entry.resources)) as Record<
  string,
  { drop?: (state: unknown, object: unknown) => void }
>;

export class TestGuest implements HttpOwner {
  readonly open = new Set<HostObject>();
  readonly configured: { sendRequest: SendRequest | undefined; httpLimits?: HttpLimits };

  constructor(sendRequest?: SendRequest, httpLimits?: HttpLimits) {
    this.configured = httpLimits ? { sendRequest, httpLimits } : { sendRequest };
  }

  /** Calls a function. The result has whatever type the test expects: guests do not check it either. */
  call<T>(name: string, ...args: unknown[]): T {
    const entry = functions[name];
    if (entry === undefined) throw new Error(`no function ${name}`);
    return entry.call(this, ...args) as T;
  }

  drop(resource: string, object: unknown): void {
    resources[resource]?.drop?.(this, object);
  }

  finish(): void {
    releaseAll(this);
  }
}

export const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
export const text = (value: Uint8Array): string => Buffer.from(value).toString('latin1');
