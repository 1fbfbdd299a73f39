// One queue of Amazon SQS, by its JSON protocol. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference
import { AwsClient } from 'aws4fetch';
import { type Credentials, type Environment, readCredentials, readRegion } from './credentials.ts';

export interface SqsMessage {
  readonly id: string | undefined;
  readonly receipt: string | undefined;
  readonly body: string | undefined;
  readonly attributes: readonly SqsAttribute[];
}

export interface SqsAttribute {
  readonly name: string;
  readonly value: string | Uint8Array;
}

export interface ReceiveOptions {
  readonly most: number;
  readonly systemAttributes: readonly string[];
  readonly messageAttributes: readonly string[];
}

/** What SQS answers with when it refuses; `type` is its name for it, such as `QueueDoesNotExist`. */
export class SqsError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message === '' ? type : `${type}: ${message}`);
    this.type = type;
  }
}

/** Seconds that the server waits for a message: the most that it takes. */
const WAIT_SECONDS = 20;
/** Milliseconds for an answer; for one that waits, beyond that. */
const ANSWER_MS = 10_000;
/** Ten messages of 1 MiB, with room for escapes and attributes. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Credentials are asked for anew so many milliseconds before they end. */
const EARLY_MS = 60_000;

export class SqsQueue {
  readonly #url: URL;
  readonly #environment: Environment;
  readonly #endpoint: string;
  #client: { readonly signer: AwsClient; readonly expiresAt: number | undefined } | undefined;

  constructor(url: URL, environment: Environment) {
    this.#url = url;
    this.#environment = environment;
    const own = environment.AWS_ENDPOINT_URL_SQS || environment.AWS_ENDPOINT_URL;
    this.#endpoint = own ? new URL('/', own).href : new URL('/', url).href;
  }

  /** Seconds for which a message that was received is hidden from others. */
  async visibilitySeconds(signal: AbortSignal): Promise<number> {
    const answer = await this.#call('GetQueueAttributes', { AttributeNames: ['VisibilityTimeout'] }, signal);
    const seconds = Number(tableOf(answer.Attributes).VisibilityTimeout);
    return Number.isInteger(seconds) && seconds >= 0 ? seconds : DEFAULT_VISIBILITY_SECONDS;
  }

  /** Waits for messages for a while; none came when there are none. */
  async receive(
    { most, systemAttributes, messageAttributes }: ReceiveOptions,
    signal: AbortSignal,
  ): Promise<SqsMessage[]> {
    const request = {
      MaxNumberOfMessages: most,
      WaitTimeSeconds: WAIT_SECONDS,
      ...(systemAttributes.length > 0 && { MessageSystemAttributeNames: systemAttributes }),
      ...(messageAttributes.length > 0 && { MessageAttributeNames: messageAttributes }),
    };
    const { Messages: messages } = await this.#call('ReceiveMessage', request, signal, WAIT_SECONDS * 1000);
    return Array.isArray(messages) ? messages.map(messageOf) : [];
  }

  async delete(receipt: string, signal?: AbortSignal): Promise<void> {
    await this.#call('DeleteMessage', { ReceiptHandle: receipt }, signal);
  }

  /** Hides a message for so many seconds from now on. */
  async hide(receipt: string, seconds: number, signal?: AbortSignal): Promise<void> {
    await this.#call('ChangeMessageVisibility', { ReceiptHandle: receipt, VisibilityTimeout: seconds }, signal);
  }

  async #call(action: string, fields: object, signal?: AbortSignal, waitMs = 0): Promise<Record<string, unknown>> {
    const { signer } = await this.#signer();
    const request = await signer.sign(this.#endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
      body: JSON.stringify({ QueueUrl: this.#url.href, ...fields }),
    });
    const patience = AbortSignal.timeout(waitMs + ANSWER_MS);
    const response = await fetch(request, {
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
      redirect: 'error',
    });
    const text = await textOf(response);
    if (response.ok) return tableOf(parsed(text));
    const { __type: type, message, Message: other } = tableOf(parsed(text));
    const name = typeof type === 'string' ? type.slice(type.lastIndexOf('#') + 1) : `status ${response.status}`;
    throw new SqsError(name, String(message ?? other ?? ''));
  }

  async #signer(): Promise<{ readonly signer: AwsClient }> {
    const { expiresAt } = this.#client ?? {};
    if (this.#client && (expiresAt === undefined || expiresAt - EARLY_MS > Date.now())) return this.#client;
    const [credentials, region] = await Promise.all([
      readCredentials(this.#environment),
      readRegion(this.#environment, this.#url),
    ]);
    this.#client = { signer: signerOf(credentials, region), expiresAt: credentials.expiresAt };
    return this.#client;
  }
}

export const DEFAULT_VISIBILITY_SECONDS = 30;

function signerOf({ accessKeyId, secretAccessKey, sessionToken }: Credentials, region: string): AwsClient {
  return new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    region,
    service: 'sqs',
    retries: 0,
  });
}

async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.byteLength;
    if (bytes > MOST_BYTES) throw new Error(`an answer has more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const tableOf = (value: unknown): Record<string, unknown> => Object(value) as Record<string, unknown>;
const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function messageOf(given: unknown): SqsMessage {
  const message = tableOf(given);
  const system = Object.entries(tableOf(message.Attributes)).flatMap(([name, value]) =>
    typeof value === 'string' ? [{ name, value }] : [],
  );
  const own = Object.entries(tableOf(message.MessageAttributes)).flatMap(([name, value]): SqsAttribute[] => {
    const { StringValue: text, BinaryValue: binary } = tableOf(value);
    if (typeof text === 'string') return [{ name, value: text }];
    return typeof binary === 'string' ? [{ name, value: new Uint8Array(Buffer.from(binary, 'base64')) }] : [];
  });
  return {
    id: textIn(message.MessageId),
    receipt: textIn(message.ReceiptHandle),
    body: textIn(message.Body),
    attributes: [...system, ...own],
  };
}
