// Asks a queue for messages as long as it answers. SQS keeps a connection for no longer than a question, so what counts
// as one here is that questions are answered: the first that is not ends it.
import { setTimeout as delay } from 'node:timers/promises';
import type { LockedSqsTrigger } from '../../app/manifest/triggers/sqs.ts';
import { messageOf } from '../../errors.ts';
import type { BrokerConnection } from '../keep-connected.ts';
import { DEFAULT_VISIBILITY_SECONDS, type SqsClient, SqsError } from './client.ts';
import type { SqsMessage } from './message.ts';

export interface Receiver {
  readonly client: SqsClient;
  readonly trigger: LockedSqsTrigger;
  /** How many messages may be taken now; resolves when it is one at least, or the signal is aborted. */
  room(stopped: AbortSignal): Promise<number>;
  /** Takes a message; it is hidden from others for as long as `hiddenSeconds` says. */
  take(message: SqsMessage, hiddenSeconds: number): void;
}

/** SQS waits for no longer than that. */
const MOST_WAIT_SECONDS = 20;
/** The least pause between two questions when there are no messages: for servers that do not wait. */
const LEAST_PAUSE_MS = 100;

/** Asks a first time, without waiting for messages. Rejects with what stands in the way. */
export async function connectToQueue(receiver: Receiver, signal: AbortSignal): Promise<BrokerConnection> {
  const closing = new AbortController();
  const stopped = AbortSignal.any([signal, closing.signal]);
  // With 0 SQS would hand a message out again while it is handled.
  const hiddenSeconds = (await visibilityOf(receiver.client, stopped)) || DEFAULT_VISIBILITY_SECONDS;
  await ask(receiver, hiddenSeconds, 0, stopped);
  const lost = keepAsking(receiver, hiddenSeconds, stopped).catch((error: unknown) => messageOf(error) || 'no answer');
  return { lost, close: () => closing.abort() };
}

/** Who may receive messages may not always ask for the queue's attributes. */
async function visibilityOf(client: SqsClient, signal: AbortSignal): Promise<number> {
  try {
    return await client.visibilitySeconds(signal);
  } catch (error) {
    if (error instanceof SqsError && /AccessDenied/.test(error.type)) return DEFAULT_VISIBILITY_SECONDS;
    throw error;
  }
}

/** `idle_wait_seconds` are waited by SQS as far as it waits, so that a message that comes meanwhile comes at once. */
async function keepAsking(receiver: Receiver, hiddenSeconds: number, stopped: AbortSignal): Promise<string> {
  const { idleWaitSeconds } = receiver.trigger;
  const waitSeconds = idleWaitSeconds === 0 ? MOST_WAIT_SECONDS : Math.min(idleWaitSeconds, MOST_WAIT_SECONDS);
  while (!stopped.aborted) {
    const since = performance.now();
    if ((await ask(receiver, hiddenSeconds, waitSeconds, stopped)) > 0) continue;
    const restMs = Math.max(LEAST_PAUSE_MS, idleWaitSeconds * 1000 - (performance.now() - since));
    await delay(restMs, undefined, { signal: stopped }).catch(() => {});
  }
  return 'closed';
}

/** Asks once, and gives how many messages came. */
async function ask(receiver: Receiver, hiddenSeconds: number, waitSeconds: number, signal: AbortSignal) {
  const { client, trigger, room, take } = receiver;
  const { systemAttributes, messageAttributes } = trigger;
  const most = Math.min(trigger.maxMessages, await room(signal));
  if (signal.aborted) return 0;
  const messages = await client.receive(
    { most, waitSeconds, hiddenSeconds, systemAttributes, messageAttributes },
    signal,
  );
  for (const message of messages) take(message, hiddenSeconds);
  return messages.length;
}
