// The mqtt trigger: calls components with the messages of topics, as Spin's plugin of that name. Each trigger has a
// connection of its own.
import { type LockedApp, triggersOf } from '../../app/locked-app.ts';
import type { LockedMqttTrigger } from '../../app/manifest/triggers/mqtt.ts';
import { logEvent } from '../../telemetry/events.ts';
import { brokerAddress, shownAddress } from '../broker-address.ts';
import { findHandler } from '../find-handler.ts';
import { callHandler } from '../handler-call.ts';
import { InFlight } from '../in-flight.ts';
import { KeptConnection } from '../keep-connected.ts';
import { namedTargets } from '../named-targets.ts';
import type { LoadedTarget, RunningTrigger, Trigger, TriggerApp, TriggerType } from '../trigger.ts';
import { type MqttMessage, subscribe } from './connection.ts';

const ports = { 'mqtt:': 1883, 'mqtts:': 8883, 'tcp:': 1883, 'ssl:': 8883 };

const TYPE = 'func(list<u8>, record{topic: string}) -> result<_, variant{other(string)}>';

export const mqttTrigger: TriggerType = {
  type: 'mqtt',
  runsInOneWorker: true,
  targets: (app) => namedTargets(app, 'mqtt'),
  findEntry: ({ plan }) =>
    findHandler(plan, 'handle-message of spin:mqtt-trigger', [
      {
        kind: 'mqtt',
        interface: undefined,
        version: undefined,
        name: 'handle-message',
        type: `async ${TYPE}`,
        orType: TYPE,
      },
    ]),
  load: (app) => new RunnableMqttTrigger(app),
  describe: describeTopics,
};

class RunnableMqttTrigger implements Trigger {
  readonly #app: TriggerApp;
  readonly #inFlight = new InFlight();
  readonly #connections: KeptConnection[] = [];

  constructor(app: TriggerApp) {
    this.#app = app;
  }

  get trouble(): string | undefined {
    return this.#connections.find(({ trouble }) => trouble !== undefined)?.trouble;
  }

  async run(): Promise<RunningTrigger> {
    for (const trigger of triggersOf(this.#app.locked, 'mqtt')) {
      const target = this.#app.find(trigger.component);
      if (target) this.#connections.push(await this.#connectionFor(trigger, target));
    }
    await Promise.all(this.#connections.map((connection) => connection.start()));
    return {};
  }

  async stop(timeoutMs: number): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.stop()));
    await this.#inFlight.end(timeoutMs);
  }

  async #connectionFor(trigger: LockedMqttTrigger, target: LoadedTarget): Promise<KeptConnection> {
    const [address, username, password, topic] = await Promise.all([
      this.#app.expand(trigger.address),
      this.#app.expand(trigger.username),
      this.#app.expand(trigger.password),
      this.#app.expand(trigger.topic),
    ]);
    const { url, origin } = brokerAddress('mqtt', address, ports);
    const { keepAliveSeconds, qos } = trigger;
    const handle = this.#handlerFor(target);
    const subscription = { url: url.href, username, password, topic, keepAliveSeconds, qos, handle };
    const connect = (signal: AbortSignal) => subscribe(subscription, signal);
    return new KeptConnection({ trigger: 'mqtt', origin, connect }, this.#app.options.log);
  }

  /** One message of a trigger at a time, also where one of an earlier connection is still under way. */
  #handlerFor(target: LoadedTarget): (message: MqttMessage) => Promise<unknown> {
    let turn: Promise<unknown> = Promise.resolve();
    return (message) => {
      turn = turn.then(() => this.#handle(target, message));
      this.#inFlight.add(turn);
      return turn;
    };
  }

  async #handle(target: LoadedTarget, { topic, payload }: MqttMessage): Promise<void> {
    const { heldBytes } = target.guest.limits;
    if (payload.byteLength > heldBytes) {
      const text = `mqtt ${topic}: a message of ${payload.byteLength} bytes is dropped. Limit reached: held (${heldBytes} bytes)`;
      logEvent(target.log, 'messages-dropped', { trigger: 'mqtt', name: topic, count: 1 }, text);
      return;
    }
    const { summary } = this.#app.options;
    const forProgram = { payload, facts: { topic } };
    const event = { trigger: 'mqtt', name: topic, params: [payload, { topic }], forProgram };
    await callHandler(target, event, { summary, signal: this.#inFlight.signal });
  }
}

function describeTopics(app: LockedApp): string[] {
  const byBroker = Map.groupBy(triggersOf(app, 'mqtt'), ({ address }) => shownAddress(address));
  return [...byBroker].flatMap(([broker, triggers]) => [
    `Active Topics on ${broker}:`,
    ...triggers.map(({ topic, component, qos }) => `  ${broker}/${topic}: [${component}] (QoS ${qos})`),
  ]);
}
