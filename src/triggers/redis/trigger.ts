// The redis trigger: calls components with the messages of channels. There is one connection for each server.
import { type LockedApp, triggersOf } from '../../app/locked-app.ts';
import type { LockedRedisTrigger } from '../../app/manifest/triggers/redis.ts';
import { brokerAddress, shownAddress } from '../broker-address.ts';
import { findHandler } from '../find-handler.ts';
import { InFlight } from '../in-flight.ts';
import { KeptConnection } from '../keep-connected.ts';
import type { Message, MessageQueue } from '../message-queue.ts';
import { endQueues, messageQueue } from '../message-target.ts';
import { namedTargets } from '../named-targets.ts';
import type { LoadedTarget, RunningTrigger, Trigger, TriggerApp, TriggerType } from '../trigger.ts';
import { subscribe } from './connection.ts';
import signatures from './signatures.json' with { type: 'json' };

const ports = { 'redis:': 6379, 'rediss:': 6379 };

export const redisTrigger: TriggerType = {
  type: 'redis',
  runsInOneWorker: true,
  targets: (app) => namedTargets(app, 'redis'),
  findEntry: ({ plan }) =>
    findHandler(plan, 'fermyon:spin/inbound-redis or spin:redis/inbound-redis@3', [
      {
        kind: 'redis',
        interface: 'fermyon:spin/inbound-redis',
        version: undefined,
        name: 'handle-message',
        type: signatures['fermyon:spin/inbound-redis']['handle-message'],
      },
      {
        kind: 'redis',
        interface: 'spin:redis/inbound-redis',
        version: '3.0.0',
        name: 'handle-message',
        type: signatures['spin:redis/inbound-redis@3.0.0']['handle-message'],
      },
    ]),
  load: (app) => new RunnableRedisTrigger(app),
  describe: describeChannels,
};

/** The queues of the triggers of one server, by channel. */
type Channels = Map<string, MessageQueue<Message>[]>;

class RunnableRedisTrigger implements Trigger {
  readonly #app: TriggerApp;
  readonly #inFlight = new InFlight();
  readonly #connections: KeptConnection[] = [];
  readonly #queues: MessageQueue<Message>[] = [];

  constructor(app: TriggerApp) {
    this.#app = app;
  }

  get trouble(): string | undefined {
    return this.#connections.find(({ trouble }) => trouble !== undefined)?.trouble;
  }

  async run(): Promise<RunningTrigger> {
    const servers = new Map<string, Channels>();
    for (const trigger of triggersOf(this.#app.locked, 'redis')) {
      const target = this.#app.find(trigger.component);
      if (target) await this.#add(servers, trigger, target);
    }
    const { log } = this.#app.options;
    for (const [address, channels] of servers) {
      const { origin } = brokerAddress('redis', address, ports);
      const listeners = new Map(
        [...channels].map(([channel, queues]) => [
          channel,
          (payload: Uint8Array) => {
            for (const queue of queues) queue.offer({ payload });
          },
        ]),
      );
      const connect = (signal: AbortSignal) => subscribe(address, listeners, signal);
      this.#connections.push(new KeptConnection({ trigger: 'redis', origin, connect }, log));
    }
    await Promise.all(this.#connections.map((connection) => connection.start()));
    return {};
  }

  async stop(timeoutMs: number): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.stop()));
    await endQueues(this.#queues, this.#inFlight, timeoutMs);
  }

  async #add(servers: Map<string, Channels>, trigger: LockedRedisTrigger, target: LoadedTarget): Promise<void> {
    const [address, channel] = await Promise.all([
      this.#app.expand(trigger.address),
      this.#app.expand(trigger.channel),
    ]);
    brokerAddress('redis', address, ports);
    const queue = messageQueue<Message>({
      trigger: 'redis',
      name: channel,
      target,
      summary: this.#app.options.summary,
      inFlight: this.#inFlight,
      eventOf: ({ payload }) => ({ params: [payload], forProgram: { payload, facts: { channel } } }),
    });
    this.#queues.push(queue);
    const channels = servers.get(address) ?? new Map();
    servers.set(address, channels);
    channels.set(channel, [...(channels.get(channel) ?? []), queue]);
  }
}

/** As Spin prints them, server by server. */
function describeChannels(app: LockedApp): string[] {
  const byServer = Map.groupBy(triggersOf(app, 'redis'), ({ address }) => shownAddress(address));
  return [...byServer].flatMap(([server, triggers]) => [
    `Active Channels on ${server}:`,
    ...[...Map.groupBy(triggers, ({ channel }) => channel)].map(
      ([channel, all]) => `  ${server}/${channel}: [${all.map(({ component }) => component).join(',')}]`,
    ),
  ]);
}
