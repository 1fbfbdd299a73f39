// Messages of one trigger that wait for their turn: they are handled one after the other, in the order in which they came.
// The queue is bounded in messages and in bytes; what finds no room is dropped, and counted in the log.
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';

export interface Message {
  readonly payload: Uint8Array;
}

export interface QueueOptions<M extends Message> {
  /** The type of the trigger. */
  readonly trigger: string;
  /** The channel or topic, for the log. */
  readonly name: string;
  readonly mostMessages: number;
  readonly mostBytes: number;
  readonly log: Logger;
  /** Handles a message; must not reject. */
  handle(message: M): Promise<unknown>;
}

/** Milliseconds in which messages that are dropped are counted before the log says how many. */
const COUNT_MS = 1000;

export class MessageQueue<M extends Message> {
  readonly #options: QueueOptions<M>;
  #waiting: M[] = [];
  #bytes = 0;
  #working: Promise<void> | undefined;
  #dropped = 0;
  #tell: NodeJS.Timeout | undefined;

  constructor(options: QueueOptions<M>) {
    this.#options = options;
  }

  /** Takes a message, or drops it where there is no room. */
  offer(message: M): void {
    const { mostMessages, mostBytes } = this.#options;
    const bytes = message.payload.byteLength;
    if (this.#waiting.length >= mostMessages || this.#bytes + bytes > mostBytes) {
      this.#drop(1);
      return;
    }
    this.#waiting.push(message);
    this.#bytes += bytes;
    this.#working ??= this.#work();
  }

  /** Settles when every message that was taken is handled; undefined when that is so. Never rejects. */
  get working(): Promise<void> | undefined {
    return this.#working;
  }

  /** Drops what waits. */
  clear(): void {
    for (const { payload } of this.#waiting) this.#bytes -= payload.byteLength;
    if (this.#waiting.length > 0) this.#drop(this.#waiting.length);
    this.#waiting = [];
    this.#say();
  }

  async #work(): Promise<void> {
    for (let message = this.#waiting.shift(); message; message = this.#waiting.shift()) {
      await this.#options.handle(message);
      this.#bytes -= message.payload.byteLength;
    }
    this.#working = undefined;
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#tell ??= setTimeout(() => this.#say(), COUNT_MS).unref();
  }

  #say(): void {
    clearTimeout(this.#tell);
    this.#tell = undefined;
    const { trigger, name, log, mostMessages, mostBytes } = this.#options;
    const count = this.#dropped;
    if (count === 0) return;
    this.#dropped = 0;
    const text = `${trigger} ${name}: ${count} messages were dropped, since ${mostMessages} messages or ${mostBytes} bytes wait`;
    logEvent(log, 'messages-dropped', { trigger, name, count }, text);
  }
}
