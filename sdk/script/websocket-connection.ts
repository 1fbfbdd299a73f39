// One WebSocket as programs have it: made of the host's interface, by mayfly/sdk and by the engines, which hand it to the
// handlers of `websocket`.
import type * as connections from 'mayfly:websocket/connections@0.1.0';
import { bytesOf, isBytes, kindOf, ownBytes } from './bytes.ts';
import { asking } from './errors.ts';

type Host = Pick<
  typeof connections,
  'send' | 'subscribe' | 'unsubscribe' | 'close' | 'refuse' | 'getState' | 'setState'
>;
export type Data = string | Uint8Array | ArrayBuffer;

export const ask = <T>(call: () => T): T => asking('websocket', call);

/** A message as the interface has it: texts stay texts. */
export function dataOf(value: Data): Parameters<Host['send']>[1] {
  if (typeof value === 'string') return { tag: 'text', val: value };
  if (isBytes(value) || value instanceof ArrayBuffer) return { tag: 'binary', val: bytesOf(value) };
  throw new TypeError(`A message must be a string, a Uint8Array or an ArrayBuffer, not ${kindOf(value)}`);
}

export class WebSocketConnection {
  readonly id: string;
  readonly #host: Host;

  constructor(host: Host, id: string) {
    this.#host = host;
    this.id = id;
  }

  send(data: Data): void {
    const message = dataOf(data);
    ask(() => this.#host.send(this.id, message));
  }

  subscribe(topic: string): void {
    ask(() => this.#host.subscribe(this.id, topic));
  }

  unsubscribe(topic: string): void {
    ask(() => this.#host.unsubscribe(this.id, topic));
  }

  close(code = 1000, reason = ''): void {
    ask(() => this.#host.close(this.id, code, reason));
  }

  refuse(status = 403): void {
    ask(() => this.#host.refuse(this.id, status));
  }

  getState<T = unknown>(): T | undefined {
    const bytes = ask(() => this.#host.getState(this.id));
    return bytes.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(ownBytes(bytes)));
  }

  setState(value: unknown): void {
    const text = value === undefined ? '' : JSON.stringify(value);
    if (text === undefined) throw new TypeError('JSON cannot hold the value');
    const bytes = new TextEncoder().encode(text);
    ask(() => this.#host.setState(this.id, bytes));
  }
}
