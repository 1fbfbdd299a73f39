// Messages of a queue: as SQS sends them in JSON, and as the world of the trigger has them.
import type { ProgramEvent } from '../program-events.ts';

/** A `message` of `spin:sqs`, in the form of values for guests. */
export interface GuestMessage {
  readonly id: string | undefined;
  readonly messageAttributes: readonly GuestAttribute[];
  readonly body: string | undefined;
}

interface GuestAttribute {
  readonly name: string;
  readonly dataType: string | undefined;
  readonly value: { readonly tag: 'str'; readonly val: string } | { readonly tag: 'binary'; readonly val: Uint8Array };
}

export interface SqsMessage {
  readonly message: GuestMessage;
  /** With it the message is deleted and hidden; undefined for an answer without one. */
  readonly receipt: string | undefined;
  /** Bytes of its texts, and of what else it holds. */
  readonly size: number;
}

/** Reads the answer to `ReceiveMessage`. Throws for one that is none. */
export function readMessages(answer: unknown): SqsMessage[] {
  const { Messages: messages = [] } = Object(answer) as { Messages?: unknown };
  if (!Array.isArray(messages)) throw new Error('its answer has no list of messages');
  return messages.map(readMessage);
}

function readMessage(given: unknown): SqsMessage {
  const { MessageId, ReceiptHandle, Body, Attributes, MessageAttributes } = Object(given) as Record<string, unknown>;
  const message = {
    id: textOf(MessageId),
    messageAttributes: [
      ...Object.entries(Object(Attributes)).map(([name, value]) => systemAttribute(name, value)),
      ...Object.entries(Object(MessageAttributes)).flatMap(([name, value]) => messageAttribute(name, value)),
    ],
    body: textOf(Body),
  };
  return { message, receipt: textOf(ReceiptHandle), size: sizeOf(message) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function systemAttribute(name: string, value: unknown): GuestAttribute {
  return { name, dataType: undefined, value: { tag: 'str', val: String(value) } };
}

/** Numbers are texts in SQS. An attribute that is neither text nor bytes is left out, as in Spin; SQS has none today. */
function messageAttribute(name: string, given: unknown): GuestAttribute[] {
  const { DataType, StringValue, BinaryValue } = Object(given) as Record<string, unknown>;
  const dataType = textOf(DataType);
  if (typeof StringValue === 'string') return [{ name, dataType, value: { tag: 'str', val: StringValue } }];
  if (typeof BinaryValue !== 'string') return [];
  return [{ name, dataType, value: { tag: 'binary', val: Buffer.from(BinaryValue, 'base64') } }];
}

function sizeOf({ id = '', body = '', messageAttributes }: GuestMessage): number {
  const attributes = messageAttributes.map(({ name, value }) => name.length + value.val.length);
  return attributes.reduce((sum, size) => sum + size, id.length + Buffer.byteLength(body));
}

/** A message for a program: bytes among its attributes are text of base64. */
export function forProgram(queue: string, { id, body = '', messageAttributes }: GuestMessage): ProgramEvent {
  const attributes = messageAttributes.map(({ name, value }) => {
    return [name, value.tag === 'str' ? value.val : Buffer.from(value.val).toString('base64')];
  });
  return { payload: Buffer.from(body), facts: { queue, id, attributes: Object.fromEntries(attributes) } };
}
