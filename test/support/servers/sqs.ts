// A server for tests that keeps messages as Amazon SQS does: received ones are hidden for a while, and come again unless
// they are deleted. It makes the signature of each request itself, with node:crypto, and refuses one that differs.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { TestContext } from 'node:test';

export const credentials = { id: 'AKIATEST', secret: 'a/secret+key', token: 'a-token', region: 'eu-test-1' };

export interface SentMessage {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, object>>;
}

interface StoredMessage extends SentMessage {
  readonly id: string;
  receipt: string;
  visibleAt: number;
  received: number;
}

export interface SqsServer {
  readonly url: string;
  readonly port: number;
  /** The requests that came, by action, with their bodies. */
  readonly requests: { readonly action: string; readonly body: Record<string, unknown> }[];
  send(...messages: readonly (string | SentMessage)[]): void;
  /** The bodies of those that were not deleted. */
  kept(): string[];
  /** Answers an action with an error for as many times; 'hang' answers nothing. */
  fail(action: string, times: number, how?: 'hang' | { status: number; type: string }): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startSqs(t: TestContext, { visibilitySeconds = 30 } = {}): Promise<SqsServer> {
  let messages: StoredMessage[] = [];
  let server: Server | undefined;
  let port = 0;
  const requests: SqsServer['requests'] = [];
  const failures = new Map<string, { times: number; how: 'hang' | { status: number; type: string } }>();
  const wakers = new Set<() => void>();

  const actions: Record<string, (body: Record<string, unknown>) => object | Promise<object>> = {
    GetQueueAttributes: () => ({ Attributes: { VisibilityTimeout: String(visibilitySeconds) } }),
    async ReceiveMessage(body) {
      const { MaxNumberOfMessages: most, WaitTimeSeconds: wait } = body;
      const until = Date.now() + Number(wait) * 1000;
      const visible = () => messages.filter(({ visibleAt }) => visibleAt <= Date.now()).slice(0, Number(most));
      while (visible().length === 0 && Date.now() < until && server) await nextSend(wakers);
      if (!server || visible().length === 0) return {};
      return { Messages: visible().map((message) => received(message, body)) };
    },
    DeleteMessage({ ReceiptHandle }) {
      messages = messages.filter(({ receipt }) => receipt !== ReceiptHandle);
      return {};
    },
    ChangeMessageVisibility({ ReceiptHandle, VisibilityTimeout }) {
      for (const message of messages) {
        if (message.receipt === ReceiptHandle) message.visibleAt = Date.now() + Number(VisibilityTimeout) * 1000;
      }
      return {};
    },
  };

  async function answer(request: IncomingMessage): Promise<{ status: number; body: object } | undefined> {
    const text = await readBody(request);
    const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
    if (request.headers.authorization !== authorization(request, text)) return error(403, 'SignatureDoesNotMatch');
    const body = JSON.parse(text) as Record<string, unknown>;
    requests.push({ action, body });
    const failure = failures.get(action);
    if (failure && failure.times-- > 0) {
      return failure.how === 'hang' ? undefined : error(failure.how.status, failure.how.type);
    }
    if (!String(body.QueueUrl).includes('/queue')) return error(400, 'QueueDoesNotExist');
    const act = actions[action];
    return act ? { status: 200, body: await act(body) } : error(400, 'InvalidAction');
  }

  const sqs: SqsServer = {
    get url() {
      return `http://127.0.0.1:${port}/1234/queue`;
    },
    get port() {
      return port;
    },
    requests,
    send(...sent) {
      for (const one of sent) {
        const message = typeof one === 'string' ? { body: one } : one;
        messages.push({ ...message, id: randomUUID(), receipt: '', visibleAt: 0, received: 0 });
      }
      for (const wake of [...wakers]) wake();
    },
    kept: () => messages.map(({ body }) => body),
    fail: (action, times, how = { status: 500, type: 'InternalFailure' }) => void failures.set(action, { times, how }),
    async stop() {
      const ending = server;
      server = undefined;
      for (const wake of [...wakers]) wake();
      if (!ending) return;
      ending.closeAllConnections();
      ending.close();
      await once(ending, 'close');
    },
    async start() {
      server = createServer((request, response) => {
        answer(request).then(
          (found) => found && response.writeHead(found.status).end(JSON.stringify(found.body)),
          () => response.destroy(),
        );
      }).listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as { port: number }).port;
    },
  };
  await sqs.start();
  t.after(() => sqs.stop());
  return sqs;
}

function received(message: StoredMessage, asked: Record<string, unknown>): object {
  message.visibleAt = Date.now() + Number(asked.VisibilityTimeout) * 1000;
  message.receipt = randomUUID();
  message.received += 1;
  const { MessageAttributeNames: names = [], MessageSystemAttributeNames: systemNames = [] } = asked;
  const wanted = Object.entries(message.attributes ?? {}).filter(([name]) => (names as string[]).includes(name));
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    ...((systemNames as string[]).includes('All') && {
      Attributes: { ApproximateReceiveCount: String(message.received) },
    }),
    ...(wanted.length > 0 && { MessageAttributes: Object.fromEntries(wanted) }),
  };
}

/** Resolves when something is sent, or after a short time. */
function nextSend(wakers: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      wakers.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, 50);
    wakers.add(wake);
  });
}

function error(status: number, type: string): { status: number; body: object } {
  return { status, body: { __type: `com.amazonaws.sqs#${type}`, message: `it is ${type}` } };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The header that the request must have. */
function authorization({ method, url, headers }: IncomingMessage, body: string): string {
  const { id, secret, region } = credentials;
  const time = String(headers['x-amz-date']);
  const signed = ['host', 'x-amz-date', 'x-amz-security-token', 'x-amz-target'];
  const canonical = signed.map((name) => `${name}:${String(headers[name])}\n`).join('');
  const request = [method, url, '', canonical, signed.join(';'), sha256(body)].join('\n');
  const scope = `${time.slice(0, 8)}/${region}/sqs/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n');
  const key = [region, 'sqs', 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, time.slice(0, 8)));
  const signature = hmac(key, text).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${signed.join(';')}, Signature=${signature}`;
}
