// Keeps a connection to a broker: makes it anew whenever it is lost, after a pause that grows. The log says each change
// once. What a connection is, is the caller's.
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';

export interface BrokerConnection {
  /** Resolves to the reason when the connection is lost. Never rejects. */
  readonly lost: Promise<string>;
  /** Closes it: nothing comes any more from now on. Must not throw. */
  close(): void;
}

export interface Broker {
  /** The type of the triggers that use it. */
  readonly trigger: string;
  /** Where it is, without a password: for the log. */
  readonly origin: string;
  /** Makes a connection that takes messages. Rejects with what stands in the way; must end when it is told to. */
  connect(signal: AbortSignal): Promise<BrokerConnection>;
}

/** Times in milliseconds. */
export interface Pauses {
  readonly firstMs: number;
  readonly mostMs: number;
  /** How long a connection must have lasted for the pauses to begin anew. */
  readonly wellAfterMs: number;
}

const defaultPauses: Pauses = { firstMs: 100, mostMs: 30_000, wellAfterMs: 10_000 };

/** The pause before the next attempt: it doubles, and half of it is left to chance, so that clients do not come at once. */
export function pauseMs(failures: number, { firstMs, mostMs }: Pauses, random = Math.random): number {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(failures, 30));
  return Math.round(whole / 2 + (whole / 2) * random());
}

export class KeptConnection {
  readonly #broker: Broker;
  readonly #log: Logger;
  readonly #pauses: Pauses;
  readonly #stopped = new AbortController();
  readonly #tried = Promise.withResolvers<void>();
  #connection: BrokerConnection | undefined;
  #isSaidLost = false;
  #running: Promise<void> | undefined;

  constructor(broker: Broker, log: Logger, pauses: Pauses = defaultPauses) {
    this.#broker = broker;
    this.#log = log;
    this.#pauses = pauses;
  }

  /** Why nothing comes, in words; undefined while there is a connection, and before the first attempt. */
  get trouble(): string | undefined {
    return this.#isSaidLost ? `no connection to ${this.#broker.origin}` : undefined;
  }

  /** Resolves when the first attempt has ended, whether or not it brought a connection. */
  async start(): Promise<void> {
    this.#running ??= this.#keep();
    await this.#tried.promise;
  }

  /** Resolves when the connection is closed; nothing comes from the moment of the call. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#connection?.close();
    await this.#running;
  }

  async #keep(): Promise<void> {
    for (let failures = 0; !this.#isOver; ) {
      const since = performance.now();
      const reason = await this.#once();
      this.#tried.resolve();
      if (this.#isOver) return;
      if (performance.now() - since >= this.#pauses.wellAfterMs) failures = 0;
      await this.#pause(reason, pauseMs(failures++, this.#pauses));
    }
  }

  get #isOver(): boolean {
    return this.#stopped.signal.aborted;
  }

  /** Makes a connection and waits until it is lost; gives the reason. */
  async #once(): Promise<string> {
    try {
      this.#connection = await this.#broker.connect(this.#stopped.signal);
    } catch (error) {
      return messageOf(error) || 'no connection';
    }
    this.#tried.resolve();
    if (this.#isOver) this.#connection.close();
    else this.#sayConnected();
    const reason = await this.#connection.lost;
    this.#connection.close();
    this.#connection = undefined;
    return reason;
  }

  async #pause(reason: string, delayMs: number): Promise<void> {
    this.#sayLost(reason, delayMs);
    await delay(delayMs, undefined, { signal: this.#stopped.signal }).catch(() => {});
  }

  #sayConnected(): void {
    const { trigger, origin } = this.#broker;
    this.#isSaidLost = false;
    logEvent(this.#log, 'broker-connected', { trigger, origin }, `${trigger}: connected to ${origin}`);
  }

  #sayLost(reason: string, delayMs: number): void {
    if (this.#isSaidLost) return;
    this.#isSaidLost = true;
    const { trigger, origin } = this.#broker;
    const text = `${trigger}: no connection to ${origin} (${reason}). It is tried again until there is one`;
    logEvent(this.#log, 'broker-lost', { trigger, origin, reason, delayMs }, text);
  }
}
