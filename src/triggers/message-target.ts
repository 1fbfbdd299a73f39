// The way of messages from a broker to a component: a bounded queue, and a call of the handler for one after the other.
import { callHandler, type HandlerEvent } from './handler-call.ts';
import type { InFlight } from './in-flight.ts';
import { type Message, MessageQueue } from './message-queue.ts';
import type { LoadedTarget } from './trigger.ts';

export interface MessageTarget<M extends Message> {
  /** The type of the trigger. */
  readonly trigger: string;
  /** The channel or topic, for people. */
  readonly name: string;
  readonly target: LoadedTarget;
  readonly summary: boolean | undefined;
  readonly inFlight: InFlight;
  /** The parameters of the handler, and what a program gets. */
  eventOf(message: M): Pick<HandlerEvent, 'params' | 'forProgram'>;
}

/** Makes the queue: as many messages as the component's `queue_length`, and as many bytes as its `held`. */
export function messageQueue<M extends Message>(to: MessageTarget<M>): MessageQueue<M> {
  const { trigger, name, target, summary, inFlight, eventOf } = to;
  const { queueLength, heldBytes } = target.guest.limits;
  return new MessageQueue<M>({
    trigger,
    name,
    mostMessages: Math.max(1, queueLength),
    mostBytes: heldBytes,
    log: target.log,
    handle: (message) =>
      callHandler(target, { trigger, name, ...eventOf(message) }, { summary, signal: inFlight.signal }),
  });
}

/** Resolves when the queues have handled what they took, at the latest after `timeoutMs`; then the rest is dropped. */
export async function endQueues(
  queues: readonly Pick<MessageQueue<Message>, 'working' | 'clear'>[],
  inFlight: InFlight,
  timeoutMs: number,
): Promise<void> {
  inFlight.signal.addEventListener('abort', () => {
    for (const queue of queues) queue.clear();
  });
  for (const { working } of queues) if (working) inFlight.add(working);
  await inFlight.end(timeoutMs);
  for (const queue of queues) queue.clear();
}
