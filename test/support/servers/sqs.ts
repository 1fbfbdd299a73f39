// A server that speaks the JSON protocol of Amazon SQS as far as the trigger uses it, and checks each signature by itself.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const sqsKeys = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  AWS_REGION: 'eu-central-1',
};

interface Stored {
  readonly id: string;
  readonly body: string;
  readonly attributes: Record<string, object>;
  hiddenUntil: number;
  received: number;
}

export interface SqsServer {
  readonly port: number;
  readonly queueUrl: string;
  send(body: string, attributes?: Record<string, object>): void;
  /** Bodies of the messages that are still in the queue. */
  left(): string[];
  /** The actions that were asked for, in their order. */
  readonly actions: string[];
  /** Fields of the requests of an action. */
  asked(action: string): Record<string, unknown>[];
  /** Answers an action with an error of this type from now on; undefined ends that. */
  refuse(action: string, type: string | undefined): void;
  /** Ends all connections and takes none, until it is called with true. */
  listen(isUp: boolean): Promise<void>;
  close(): Promise<void>;
}

const QUEUE = '/000000000000/work';

export async function startSqs({ visibilitySeconds = 30, waitMs = 200 } = {}): Promise<SqsServer> {
  const messages: Stored[] = [];
  const requests: { action: string; fields: Record<string, unknown> }[] = [];
  const refused = new Map<string, string>();
  let port = 0;
  let last = 0;

  const visible = (most: number): Stored[] =>
    messages.filter(({ hiddenUntil }) => hiddenUntil <= Date.now()).slice(0, most);

  async function receive({
    MaxNumberOfMessages: most,
    MessageAttributeNames: names,
    MessageSystemAttributeNames: system,
  }: Record<string, unknown>) {
    for (const end = Date.now() + waitMs; visible(1).length === 0 && Date.now() < end; )
      await new Promise((go) => setTimeout(go, 5));
    const found = visible(Number(most));
    for (const message of found) {
      message.hiddenUntil = Date.now() + visibilitySeconds * 1000;
      message.received++;
    }
    if (found.length === 0) return {};
    return {
      Messages: found.map(({ id, body, attributes, received }) => ({
        MessageId: id,
        ReceiptHandle: `receipt-${id}`,
        Body: body,
        ...(Array.isArray(names) && { MessageAttributes: attributes }),
        ...(Array.isArray(system) && { Attributes: { ApproximateReceiveCount: String(received) } }),
      })),
    };
  }

  async function act(action: string, fields: Record<string, unknown>): Promise<object> {
    const receipt = String(fields.ReceiptHandle).replace('receipt-', '');
    const found = messages.find(({ id }) => id === receipt);
    switch (action) {
      case 'GetQueueAttributes':
        return { Attributes: { VisibilityTimeout: String(visibilitySeconds) } };
      case 'ReceiveMessage':
        return receive(fields);
      case 'DeleteMessage':
        if (found) messages.splice(messages.indexOf(found), 1);
        return {};
      case 'ChangeMessageVisibility':
        if (found) found.hiddenUntil = Date.now() + Number(fields.VisibilityTimeout) * 1000;
        return {};
      default:
        throw new Error(`the server has no ${action}`);
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await request.setEncoding('utf8').toArray()).join('');
    const fail = (status: number, type: string, message: string): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: `com.amazonaws.sqs#${type}`, message }));
    };
    const fault = signatureFault(request, body);
    if (fault) return fail(403, 'InvalidSignatureException', fault);
    const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
    const fields = JSON.parse(body) as Record<string, unknown>;
    requests.push({ action, fields });
    const type = refused.get(action);
    if (type !== undefined) return fail(400, type, 'refused by the test');
    if (fields.QueueUrl !== `http://127.0.0.1:${port}${QUEUE}`)
      return fail(400, 'QueueDoesNotExist', 'There is no such queue');
    response.end(JSON.stringify(await act(action, fields)));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => response.writeHead(500).end(String(error)));
  });
  const listen = async (isUp: boolean): Promise<void> => {
    if (!isUp) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      return;
    }
    server.listen(port, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    port = (server.address() as AddressInfo).port;
  };
  await listen(true);
  return {
    port,
    queueUrl: `http://127.0.0.1:${port}${QUEUE}`,
    send(body, attributes = {}) {
      messages.push({ id: `m${++last}`, body, attributes, hiddenUntil: 0, received: 0 });
    },
    left: () => messages.map(({ body }) => body),
    get actions() {
      return requests.map(({ action }) => action);
    },
    asked: (wanted) => requests.filter(({ action }) => action === wanted).map(({ fields }) => fields),
    refuse(action, type) {
      if (type === undefined) refused.delete(action);
      else refused.set(action, type);
    },
    listen,
    close: async () => {
      if (server.listening) await listen(false);
    },
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Says what is wrong with the signature (version 4) of a request; undefined when nothing is. */
function signatureFault({ method, url, headers }: IncomingMessage, body: string): string | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/sqs\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, key, day = '', region = '', signed = '', signature] = pattern.exec(headers.authorization ?? '') ?? [];
  if (key !== sqsKeys.AWS_ACCESS_KEY_ID) return `the authorization is ${headers.authorization}`;
  if (region !== sqsKeys.AWS_REGION) return `the region is ${region}`;
  for (const name of ['host', 'x-amz-date']) if (!signed.split(';').includes(name)) return `${name} is not signed`;
  const moment = String(headers['x-amz-date']);
  const names = signed.split(';');
  const lines = names.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}\n`).join('');
  const hash = typeof headers['x-amz-content-sha256'] === 'string' ? headers['x-amz-content-sha256'] : sha256(body);
  if (hash !== sha256(body)) return 'the hash of the body is another one';
  const canonical = [method, url, '', lines, signed, hash].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', moment, `${day}/${region}/sqs/aws4_request`, sha256(canonical)].join('\n');
  const dayKey = hmac(hmac(hmac(hmac(`AWS4${sqsKeys.AWS_SECRET_ACCESS_KEY}`, day), region), 'sqs'), 'aws4_request');
  return hmac(dayKey, toSign).toString('hex') === signature ? undefined : 'the signature is wrong';
}
