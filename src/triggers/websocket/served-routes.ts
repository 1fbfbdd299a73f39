// All WebSockets of an app, once there is a first client: nothing of this is loaded before.
import type { LockedWebSocketTrigger } from '../../app/manifest/triggers/websocket.ts';
import { InFlight } from '../in-flight.ts';
import type { LoadedTarget, TriggerApp } from '../trigger.ts';
import type { WebSocketEntry } from './entry.ts';
import { Handler } from './handler.ts';
import { Heartbeat } from './heartbeat.ts';
import { type Connections, ServedRoute } from './route.ts';

export class ServedRoutes {
  readonly #app: TriggerApp<WebSocketEntry>;
  readonly #inFlight = new InFlight();
  readonly #all: Connections = new Map();
  readonly #handlers = new Map<string, { readonly handler: Handler; readonly heartbeat: Heartbeat }>();
  readonly #routes: ServedRoute[] = [];

  constructor(app: TriggerApp<WebSocketEntry>) {
    this.#app = app;
  }

  add(trigger: LockedWebSocketTrigger, target: LoadedTarget<WebSocketEntry>): ServedRoute {
    const { handler, heartbeat } = this.#handlerOf(trigger.component, target);
    const route = new ServedRoute(trigger, handler, this.#all, heartbeat);
    this.#routes.push(route);
    return route;
  }

  /** Closes all connections when what came on them is handled, at the latest after `timeoutMs`. */
  async stop(timeoutMs: number): Promise<void> {
    for (const route of this.#routes) route.stop();
    for (const { heartbeat } of this.#handlers.values()) heartbeat.stop();
    this.#inFlight.signal.addEventListener('abort', () => {
      for (const connection of this.#all.keys()) connection.terminate();
    });
    for (const connection of this.#all.keys()) this.#inFlight.add(connection.drain());
    await this.#inFlight.end(timeoutMs);
  }

  /** There is one for all routes that lead to a component, since they share its limits. */
  #handlerOf(component: string, target: LoadedTarget<WebSocketEntry>) {
    const known = this.#handlers.get(component);
    if (known) return known;
    const handler = new Handler(target, this.#app, this.#inFlight);
    const made = { handler, heartbeat: new Heartbeat(handler.limits.socketPingMs) };
    this.#handlers.set(component, made);
    return made;
  }
}
