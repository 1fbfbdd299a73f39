// One message of a queue: it is hidden from others for as long as its handler takes, and deleted when the handler says so.
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import { logEvent } from '../../telemetry/events.ts';
import { callHandler } from '../handler-call.ts';
import { isProgram } from '../program-events.ts';
import type { LoadedTarget } from '../trigger.ts';
import type { SqsClient } from './client.ts';
import { forProgram, type SqsMessage } from './message.ts';

export interface Queue {
  /** The last part of its URL. */
  readonly name: string;
  readonly target: LoadedTarget;
  readonly summary: boolean | undefined;
  /** Aborted when what is under way is given up. */
  readonly signal: AbortSignal;
}

/** Milliseconds before a message is deleted: at once, and again when that failed. */
const DELETE_AFTER_MS = [0, 200, 1_000, 5_000];

/** Resolves when the message is done with; never rejects. */
export async function handleMessage(
  queue: Queue,
  { message, receipt, size }: SqsMessage,
  client: SqsClient,
  hiddenSeconds: number,
  deleteAfterMs: readonly number[] = DELETE_AFTER_MS,
): Promise<void> {
  const { name, target, summary, signal } = queue;
  const { heldBytes } = target.guest.limits;
  if (size > heldBytes) {
    leave(queue, `a message of ${size} bytes stays in its queue. Limit reached: held (${heldBytes} bytes)`);
    return;
  }
  const ended = new AbortController();
  if (receipt !== undefined) keepHidden(client, receipt, hiddenSeconds, AbortSignal.any([signal, ended.signal]));
  const event = { trigger: 'sqs', name, params: [message], forProgram: forProgram(name, message) };
  const handled = await callHandler(target, event, { summary, signal });
  ended.abort();
  const isDone = handled && (handled.val === 'delete' || isProgram(target.entry));
  if (isDone && receipt !== undefined) await deleteMessage(queue, receipt, client, deleteAfterMs);
}

/** Hides the message anew whenever half of the time has passed, as Spin does. */
function keepHidden(client: SqsClient, receipt: string, seconds: number, signal: AbortSignal): void {
  const hide = (): void => {
    // Where that fails now it is tried again after another half; and if the message comes twice, SQS allows for it.
    client.hide(receipt, seconds, signal).catch(() => {});
  };
  const timer = setInterval(hide, (seconds * 1000) / 2);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

async function deleteMessage(
  queue: Queue,
  receipt: string,
  client: SqsClient,
  afterMs: readonly number[],
): Promise<void> {
  let reason = '';
  for (const ms of afterMs) {
    try {
      await delay(ms, undefined, { signal: queue.signal });
      await client.delete(receipt, queue.signal);
      return;
    } catch (error) {
      reason = messageOf(error);
    }
  }
  leave(queue, `a message that was handled cannot be deleted, and will come again: ${reason}`, reason);
}

function leave({ name, target }: Queue, text: string, reason = text): void {
  logEvent(target.log, 'message-left', { trigger: 'sqs', name, reason }, `sqs ${name}: ${text}`);
}
