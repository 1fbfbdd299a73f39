// The websocket trigger: calls components when a WebSocket opens, with its messages, and when it closes. Connections come
// from the HTTP trigger; route.ts opens them, connection.ts has one.
import { type LockedApp, triggersOf } from '../../app/locked-app.ts';
import { namedTargets } from '../named-targets.ts';
import type { RunningTrigger, Trigger, TriggerApp, TriggerType, Upgrade, UpgradeRoute } from '../trigger.ts';
import { findWebSocketEntry, type WebSocketEntry } from './entry.ts';
import type { ServedRoutes } from './served-routes.ts';

export const webSocketTrigger: TriggerType<WebSocketEntry> = {
  type: 'websocket',
  targets: (app) => namedTargets(app, 'websocket'),
  findEntry: ({ plan }) => findWebSocketEntry(plan),
  load: (app) => new RunnableWebSocketTrigger(app),
  describe: describeWebSockets,
};

class RunnableWebSocketTrigger implements Trigger {
  readonly upgrades: readonly UpgradeRoute[];
  readonly #app: TriggerApp<WebSocketEntry>;
  #served: Promise<ServedRoutes> | undefined;

  constructor(app: TriggerApp<WebSocketEntry>) {
    this.#app = app;
    this.upgrades = triggersOf(app.locked, 'websocket').flatMap((trigger) => {
      const target = app.find(trigger.component);
      if (!target) return [];
      let taking: Promise<{ take(upgrade: Upgrade): void }> | undefined;
      const take = (upgrade: Upgrade): void => {
        taking ??= this.#serve().then((served) => served.add(trigger, target));
        void taking.then((route) => route.take(upgrade));
      };
      return [{ route: trigger.route, protocol: 'websocket', take }];
    });
  }

  async run(): Promise<RunningTrigger> {
    await this.#serve();
    return {};
  }

  async stop(timeoutMs: number): Promise<void> {
    await (await this.#served)?.stop(timeoutMs);
  }

  #serve(): Promise<ServedRoutes> {
    this.#served ??= import('./served-routes.ts').then(({ ServedRoutes }) => new ServedRoutes(this.#app));
    return this.#served;
  }
}

function describeWebSockets(app: LockedApp, url: string): string[] {
  const lines = triggersOf(app, 'websocket').map(
    ({ component, route }) => `  ${component}: ${url.replace(/^http/, 'ws')}/${route.replace(/^\//, '')}`,
  );
  return lines.length > 0 ? ['WebSockets:', ...lines] : [];
}
