// The sqs trigger: calls components with the messages of queues of Amazon SQS, as Spin's plugin of that name.
import { type LockedApp, triggersOf } from '../../app/locked-app.ts';
import type { LockedSqsTrigger } from '../../app/manifest/triggers/sqs.ts';
import { MayflyError } from '../../errors.ts';
import { logEvent } from '../../telemetry/events.ts';
import { findHandler } from '../find-handler.ts';
import { callForValue } from '../handler-call.ts';
import { InFlight } from '../in-flight.ts';
import { KeptConnection } from '../keep-connected.ts';
import { namedTargets } from '../named-targets.ts';
import type { LoadedTarget, RunningTrigger, Trigger, TriggerApp, TriggerType } from '../trigger.ts';
import type { Environment } from './credentials.ts';
import { type SqsMessage, SqsQueue } from './queue.ts';
import { type Reception, receiveFrom } from './receive.ts';

const ATTRIBUTE = 'record{name: string, data-type: option<string>, value: variant{str(string), binary(list<u8>)}}';
const MESSAGE = `record{id: option<string>, message-attributes: list<${ATTRIBUTE}>, body: option<string>}`;
const TYPE = `func(${MESSAGE}) -> result<enum{delete, leave}, variant{other(string)}>`;

export const sqsTrigger: TriggerType = {
  type: 'sqs',
  targets: (app) => namedTargets(app, 'sqs'),
  findEntry: ({ plan }) =>
    findHandler(plan, 'handle-queue-message of fermyon:spin-sqs', [
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
  readonly #environment: Environment;
  readonly #inFlight = new InFlight();
  readonly #connections: KeptConnection[] = [];

  constructor(app: TriggerApp, environment: Environment = process.env) {
    this.#app = app;
    this.#environment = environment;
  }

  get trouble(): string | undefined {
    return this.#connections.find(({ trouble }) => trouble !== undefined)?.trouble;
  }

  async run(): Promise<RunningTrigger> {
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
    const url = queueUrl(await this.#app.expand(trigger.queueUrl));
    const reception: Reception = {
      queue: new SqsQueue(url, this.#environment),
      most: trigger.maxMessages,
      idleMs: trigger.idleWaitSeconds * 1000,
      systemAttributes: trigger.systemAttributes,
      messageAttributes: trigger.messageAttributes,
      handle: (message) => this.#handle(target, nameOf(url), message),
      track: (running) => this.#inFlight.add(running),
      refused: ({ id }, reason) => {
        const text = `sqs ${nameOf(url)}: message ${id ?? ''} may come again: ${reason}`;
        logEvent(target.log, 'queue-refused', { trigger: 'sqs', name: nameOf(url), reason }, text);
      },
    };
    const connect = (signal: AbortSignal) => receiveFrom(reception, signal);
    return new KeptConnection({ trigger: 'sqs', origin: shownUrl(url.href), connect }, this.#app.options.log);
  }

  /** Resolves to whether the message is to be deleted. */
  async #handle(target: LoadedTarget, name: string, message: SqsMessage): Promise<boolean> {
    const { summary } = this.#app.options;
    const event = { trigger: 'sqs', name, params: [messageValue(message)] };
    const given = await callForValue(target, event, { summary, signal: this.#inFlight.signal });
    return given?.value === 'delete';
  }
}

/** The record `message`. The data type of an attribute is left out, as in Spin. */
function messageValue({ id, body, attributes }: SqsMessage): object {
  const messageAttributes = attributes.map(({ name, value }) => ({
    name,
    dataType: undefined,
    value: typeof value === 'string' ? { tag: 'str', val: value } : { tag: 'binary', val: value },
  }));
  return { id, messageAttributes, body };
}

function queueUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.pathname !== '/') return url;
  throw new MayflyError('trigger-start', 'The queue_url of the sqs trigger is no URL of a queue', {
    hint: "Write it as 'https://sqs.us-east-1.amazonaws.com/123456789012/queue'",
  });
}

const nameOf = ({ pathname }: URL): string => pathname.slice(pathname.lastIndexOf('/') + 1);
const shownUrl = (template: string): string => template.replace(/^https?:\/\//, '');

function describeQueues(app: LockedApp): string[] {
  const triggers = triggersOf(app, 'sqs');
  if (triggers.length === 0) return [];
  return ['Active Queues:', ...triggers.map(({ queueUrl: url, component }) => `  ${shownUrl(url)}: [${component}]`)];
}
