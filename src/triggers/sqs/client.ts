// A client of Amazon SQS, as far as a trigger needs it: requests in its JSON protocol, signed with version 4 of Amazon's
// signatures. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
import type { AwsClient } from 'aws4fetch';
import { messageOf } from '../../errors.ts';
import type { AwsSettings } from './aws-settings.ts';
import { readMessages, type SqsMessage } from './message.ts';

export interface ReceiveOptions {
  /** From 1 to 10. */
  readonly most: number;
  /** How long SQS waits for a first message, from 0 to 20. */
  readonly waitSeconds: number;
  /** How long what is received is hidden from others. */
  readonly hiddenSeconds: number;
  readonly systemAttributes: readonly string[];
  readonly messageAttributes: readonly string[];
}

/** What SQS answered to a request that it did not fulfil. */
export class SqsError extends Error {
  /** As in `QueueDoesNotExist`; empty for an answer that is none of SQS. */
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** Ten messages of 1 MiB whose every byte takes six in JSON, as `\u0001` does, are the most that SQS may send. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;
/** Milliseconds for an answer, besides the time that SQS is asked to wait. */
const ANSWER_MS = 10_000;

export class SqsClient {
  readonly #AwsClient: typeof AwsClient;
  readonly #settings: AwsSettings;
  readonly #endpoint: string;
  readonly #queueUrl: URL;
  readonly #answerMs: number;

  private constructor(Client: typeof AwsClient, settings: AwsSettings, queueUrl: URL, answerMs: number) {
    this.#AwsClient = Client;
    this.#settings = settings;
    this.#endpoint = settings.endpoint ?? `${queueUrl.origin}/`;
    this.#queueUrl = queueUrl;
    this.#answerMs = answerMs;
  }

  /** Requests go to the host of the queue's URL, unless the settings have an endpoint. */
  static async create(queueUrl: URL, settings: AwsSettings, answerMs = ANSWER_MS): Promise<SqsClient> {
    return new SqsClient((await import('aws4fetch')).AwsClient, settings, queueUrl, answerMs);
  }

  async #signer(): Promise<AwsClient> {
    const { accessKeyId, secretAccessKey, sessionToken } = await this.#settings.keys();
    const region = this.#settings.region ?? regionOf(this.#queueUrl) ?? 'us-east-1';
    const keys = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
    return new this.#AwsClient({ ...keys, region, service: 'sqs', retries: 0 });
  }

  /** How long a message that was received is hidden from others. */
  async visibilitySeconds(signal: AbortSignal): Promise<number> {
    const answer = await this.#request('GetQueueAttributes', { AttributeNames: ['VisibilityTimeout'] }, signal);
    const { VisibilityTimeout: seconds } = Object(Object(answer).Attributes) as { VisibilityTimeout?: unknown };
    return /^\d{1,5}$/.test(String(seconds)) ? Number(seconds) : DEFAULT_VISIBILITY_SECONDS;
  }

  async receive(options: ReceiveOptions, signal: AbortSignal): Promise<SqsMessage[]> {
    const { most, waitSeconds, hiddenSeconds, systemAttributes, messageAttributes } = options;
    const body = {
      MaxNumberOfMessages: most,
      WaitTimeSeconds: waitSeconds,
      VisibilityTimeout: hiddenSeconds,
      ...(systemAttributes.length > 0 && { MessageSystemAttributeNames: systemAttributes }),
      ...(messageAttributes.length > 0 && { MessageAttributeNames: messageAttributes }),
    };
    return readMessages(await this.#request('ReceiveMessage', body, signal, waitSeconds));
  }

  async delete(receipt: string, signal: AbortSignal): Promise<void> {
    await this.#request('DeleteMessage', { ReceiptHandle: receipt }, signal);
  }

  /** Hides a message for `seconds` from now. */
  async hide(receipt: string, seconds: number, signal: AbortSignal): Promise<void> {
    await this.#request('ChangeMessageVisibility', { ReceiptHandle: receipt, VisibilityTimeout: seconds }, signal);
  }

  /** Resolves to the answer. Rejects with an SqsError, or with what stands in the way in words. */
  async #request(action: string, body: object, stopped: AbortSignal, waitSeconds = 0): Promise<unknown> {
    const patience = AbortSignal.timeout(this.#answerMs + waitSeconds * 1000);
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` };
    try {
      const signer = await this.#signer();
      const response = await signer.fetch(this.#endpoint, {
        method: 'POST',
        headers,
        body: JSON.stringify({ QueueUrl: this.#queueUrl.href, ...body }),
        redirect: 'error',
        signal: AbortSignal.any([stopped, patience]),
      });
      const text = await readText(response);
      if (response.ok) return text === '' ? {} : JSON.parse(text);
      throw errorOf(response.status, text);
    } catch (error) {
      if (error instanceof SqsError) throw error;
      if (patience.aborted) throw new Error('it does not answer');
      throw new Error(reasonOf(error), { cause: error });
    }
  }
}

/** Spin's plugin takes it for a timeout that it cannot learn. */
export const DEFAULT_VISIBILITY_SECONDS = 30;

/** `us-west-2` of `sqs.us-west-2.amazonaws.com`, and of `us-west-2.queue.amazonaws.com`. */
function regionOf({ hostname }: URL): string | undefined {
  return /^(?:sqs(?:-fips)?\.)?([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:queue\.)?amazonaws\.com/.exec(hostname)?.[1];
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MOST_ANSWER_BYTES) throw new Error(`its answer is longer than ${MOST_ANSWER_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function errorOf(status: number, text: string): SqsError {
  let answer: { __type?: unknown; message?: unknown; Message?: unknown } = {};
  try {
    answer = Object(JSON.parse(text));
  } catch {
    // It is no answer of SQS but, for example, one of a proxy.
  }
  const type = String(answer.__type ?? '').replace(/^.*#/, '');
  const said = String(answer.message ?? answer.Message ?? '').slice(0, 300);
  return new SqsError(type, [`status ${status}`, type, said].filter(Boolean).join(': '));
}

/** What fetch says of a connection stands in the cause of its error. */
function reasonOf(error: unknown): string {
  const { cause } = Object(error) as { cause?: unknown };
  return cause === undefined ? messageOf(error) : messageOf(cause) || String((cause as NodeJS.ErrnoException).code);
}
