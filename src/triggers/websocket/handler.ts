// A component as its WebSockets see it: how it is called for each event, what it may have, and what they share.
import type { HeaderList } from '../../host/http-message.ts';
import type { WebSocketConnections } from '../../host/websocket/connections.ts';
import { type LimitsOf, limitsOf } from '../../limits.ts';
import type { Logger } from '../../telemetry/log.ts';
import { callHandler, type HandlerEvent } from '../handler-call.ts';
import type { InFlight } from '../in-flight.ts';
import type { LoadedTarget, TriggerApp } from '../trigger.ts';
import type { EventKind, WebSocketEntry } from './entry.ts';
import { Held } from './held.ts';
import { Turns } from './turns.ts';

/** Events of a component that are handled at once, over all of its connections. */
const MOST_AT_ONCE = 256;

export interface Handshake {
  readonly url: string;
  readonly headers: HeaderList;
  /** Empty for none. */
  readonly protocol: string;
}

export class Handler {
  readonly component: string;
  readonly limits: LimitsOf<'websocket'>;
  readonly log: Logger;
  readonly held: Held;
  readonly connections: WebSocketConnections;
  readonly #target: LoadedTarget<WebSocketEntry>;
  readonly #turns: Turns;
  readonly #summary: boolean | undefined;
  readonly #inFlight: InFlight;
  /** The connections that there are, those that open or close among them. */
  count = 0;

  constructor(target: LoadedTarget<WebSocketEntry>, app: TriggerApp<WebSocketEntry>, inFlight: InFlight) {
    const { component, guest, log } = target;
    this.component = component.id;
    this.limits = limitsOf('websocket', component.settings.limits, app.locked.settings.limits);
    this.log = log;
    this.held = new Held(this.limits.socketHeldBytes);
    this.connections = app.webSockets;
    this.#target = target;
    this.#turns = new Turns(Math.min(MOST_AT_ONCE, guest.limits.concurrency));
    this.#summary = app.options.summary;
    this.#inFlight = inFlight;
  }

  open(name: string, id: string, { url, headers, protocol }: Handshake, signal: AbortSignal): Promise<boolean> {
    const params = [id, { url, headers, protocol }];
    return this.#call('open', name, params, nothing, { connection: id, url, headers, protocol }, signal);
  }

  message(name: string, id: string, data: Uint8Array, isText: boolean): Promise<boolean> {
    const val = isText ? textOf(data) : data;
    const params = [id, { tag: isText ? 'text' : 'binary', val }];
    return this.#call('message', name, params, data, { connection: id, isText });
  }

  close(name: string, id: string, code: number, reason: string): Promise<boolean> {
    return this.#call('close', name, [id, code, reason], nothing, { connection: id, code, reason });
  }

  /** Resolves when the guest has ended: whether it did what it should. What went wrong is in the log. */
  async #call(
    kind: EventKind,
    name: string,
    params: readonly unknown[],
    payload: Uint8Array,
    facts: object,
    given?: AbortSignal,
  ): Promise<boolean> {
    const target = { ...this.#target, entry: this.#target.entry.entries[kind] };
    const event: HandlerEvent = {
      trigger: 'websocket',
      name,
      params,
      forProgram: { payload, facts: { kind, ...facts } },
    };
    const stopped = this.#inFlight.signal;
    const signal = given ? AbortSignal.any([given, stopped]) : stopped;
    const called = this.#turns.run(() => callHandler(target, event, { summary: this.#summary, signal }));
    this.#inFlight.add(called);
    return (await called) !== undefined;
  }
}

const nothing = new Uint8Array(0);

/** A text message is UTF-8, which was checked when it came. */
function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}
