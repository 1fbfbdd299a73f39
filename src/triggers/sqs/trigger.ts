// The sqs trigger: calls components with the messages of queues of Amazon SQS, as Spin's plugin of that name. A message
// is deleted when its handler says so, and only then.
import { type LockedApp, triggersOf } from '../../app/locked-app.ts';
import type { LockedSqsTrigger } from '../../app/manifest/triggers/sqs.ts';
import { brokerAddress } from '../broker-address.ts';
import { findHandler } from '../find-handler.ts';
import { InFlight } from '../in-flight.ts';
import { KeptConnection } from '../keep-connected.ts';
import { namedTargets } from '../named-targets.ts';
import type { LoadedTarget, RunningTrigger, Trigger, TriggerApp, TriggerType } from '../trigger.ts';
import { awsSettings } from './aws-settings.ts';
import { SqsClient } from './client.ts';
import { handleMessage, type Queue } from './handle.ts';
import type { SqsMessage } from './message.ts';
import { connectToQueue } from './receive.ts';
import { Room } from './room.ts';

/** Messages of one trigger that are under way at once: Spin bounds them not at all. */
const MOST_AT_ONCE = 16;

const ATTRIBUTE = 'record{name: string, data-type: option<string>, value: variant{str(string), binary(list<u8>)}}';
const MESSAGE = `record{id: option<string>, message-attributes: list<${ATTRIBUTE}>, body: option<string>}`;
const TYPE = `func(${MESSAGE}) -> result<enum{delete, leave}, variant{other(string)}>`;

export const sqsTrigger: TriggerType = {
  type: 'sqs',
  runsInOneWorker: true,
  targets: (app) => namedTargets(app, 'sqs'),
  findEntry: ({ plan }) =>
    findHandler(plan, 'handle-queue-message of spin:sqs', [
      {
        kind: 'sqs',
        interface: undefined,
        version: undefined,
        name: 'handle-queue-message',
        type: `async ${TYPE}`,
        orType: TYPE,
      },
    ]),
  load: (app) => new RunnableSqsTrigger(app),
  describe: describeQueues,
};

class RunnableSqsTrigger implements Trigger {
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
    // Without credentials the app does not start.
    await awsSettings();
    for (const trigger of triggersOf(this.#app.locked, 'sqs')) {
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

  async #connectionFor(trigger: LockedSqsTrigger, target: LoadedTarget): Promise<KeptConnection> {
    const { url } = brokerAddress('sqs', await this.#app.expand(trigger.queueUrl), { 'https:': 443, 'http:': 80 });
    const { summary, log } = this.#app.options;
    const queue: Queue = { name: queueName(url.pathname), target, summary, signal: this.#inFlight.signal };
    const room = new Room(MOST_AT_ONCE);
    // Messages of one group of a queue with an order come one by one when they are asked for one by one.
    const most = url.pathname.endsWith('.fifo') ? 1 : trigger.maxMessages;
    const connect = async (signal: AbortSignal) => {
      // Credentials may have changed since the last time.
      const client = await SqsClient.create(url, await awsSettings());
      const take = (message: SqsMessage, hiddenSeconds: number): void => {
        const handled = handleMessage(queue, message, client, hiddenSeconds);
        this.#inFlight.add(handled);
        room.fill(handled);
      };
      return connectToQueue(
        {
          client,
          trigger: { ...trigger, maxMessages: most },
          room: (stopped: AbortSignal) => room.free(stopped),
          take,
        },
        signal,
      );
    };
    return new KeptConnection({ trigger: 'sqs', origin: `${url.host}${url.pathname}`, connect }, log);
  }
}

/** The last part of a queue's URL. */
function queueName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function describeQueues(app: LockedApp): string[] {
  const lines = triggersOf(app, 'sqs').map(({ queueUrl, component }) => `  ${queueUrl}: [${component}]`);
  return lines.length > 0 ? ['Active Queues:', ...lines] : [];
}
