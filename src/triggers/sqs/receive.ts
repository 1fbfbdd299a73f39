// Takes messages from a queue for as long as it answers. A message stays hidden from others while it is handled, and is deleted
// when its handler says so; any other comes again when its time is over.
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { BrokerConnection } from '../keep-connected.ts';
import { DEFAULT_VISIBILITY_SECONDS, SqsError, type SqsMessage, type SqsQueue } from './queue.ts';

export interface Reception {
  readonly queue: Pick<SqsQueue, 'visibilitySeconds' | 'receive' | 'delete' | 'hide'>;
  /** The most messages that are fetched at once. */
  readonly most: number;
  readonly idleMs: number;
  readonly systemAttributes: readonly string[];
  readonly messageAttributes: readonly string[];
  /** Handles a message; resolves to whether it is to be deleted, and must not reject. */
  handle(message: SqsMessage): Promise<boolean>;
  /** Notes what is under way until it settles: the handling of a message, and its deletion. */
  track(running: Promise<void>): void;
  /** Says that the queue refused what was asked of it about a message: it may come again. */
  refused(message: SqsMessage, reason: string): void;
}

/** Messages of one trigger that are handled at once: Spin bounds them not at all. */
const MOST_AT_ONCE = 32;

/** Begins to take messages. Rejects with what stands in the way. */
export async function receiveFrom(reception: Reception, signal: AbortSignal): Promise<BrokerConnection> {
  const { queue, most, idleMs, systemAttributes, messageAttributes } = reception;
  const closing = new AbortController();
  const ends = AbortSignal.any([signal, closing.signal]);
  const visibilitySeconds = await visibilityOf(queue, ends);
  const running = new Set<Promise<void>>();
  const take = (message: SqsMessage): void => {
    const handled = handleOne(reception, message, visibilitySeconds).finally(() => running.delete(handled));
    running.add(handled);
    reception.track(handled);
  };
  const receive = async (): Promise<void> => {
    for (;;) {
      while (running.size >= MOST_AT_ONCE) await Promise.race([...running, aborted(ends)]);
      const room = Math.min(most, MOST_AT_ONCE - running.size);
      const messages = await queue.receive({ most: room, systemAttributes, messageAttributes }, ends);
      for (const message of messages) take(message);
      if (messages.length === 0) await delay(idleMs, undefined, { signal: ends });
    }
  };
  const lost = receive().then(
    () => 'closed',
    (error: unknown) => (ends.aborted ? 'closed' : reasonOf(error)),
  );
  return { lost, close: () => closing.abort() };
}

/** A policy may allow to read a queue and not to ask about it. */
async function visibilityOf(queue: Reception['queue'], signal: AbortSignal): Promise<number> {
  try {
    return await queue.visibilitySeconds(signal);
  } catch (error) {
    if (error instanceof SqsError && /AccessDenied/.test(error.type)) return DEFAULT_VISIBILITY_SECONDS;
    throw new Error(reasonOf(error), { cause: error });
  }
}

/** A fetch that failed says why in its cause. */
function reasonOf(error: unknown): string {
  const { cause } = Object(error) as { readonly cause?: unknown };
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function handleOne(
  { queue, handle, refused }: Reception,
  message: SqsMessage,
  visibilitySeconds: number,
): Promise<void> {
  const { receipt } = message;
  const ask = async (asked: Promise<void>): Promise<void> => {
    await asked.catch((error: unknown) => refused(message, reasonOf(error)));
  };
  const renew = (): void => void (receipt !== undefined && ask(queue.hide(receipt, visibilitySeconds)));
  const renewal =
    visibilitySeconds > 0 ? setInterval(renew, Math.max(1, Math.floor(visibilitySeconds / 2)) * 1000) : undefined;
  try {
    const isDone = await handle(message);
    clearInterval(renewal);
    if (isDone && receipt !== undefined) await ask(queue.delete(receipt));
  } finally {
    clearInterval(renewal);
  }
}
