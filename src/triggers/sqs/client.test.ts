// A server that hangs, redirects, or answers something else than SQS does is an error in words, and soon.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import { SqsClient, SqsError } from './client.ts';

const limit = { timeout: 10_000 };
const keys = async () => ({ accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: undefined });

async function client(t: TestContext, answer: RequestListener): Promise<SqsClient> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return SqsClient.create(
    new URL(`http://127.0.0.1:${port}/1/queue`),
    { keys, region: undefined, endpoint: undefined },
    500,
  );
}

const receive = (from: SqsClient, signal = new AbortController().signal) =>
  from.receive({ most: 1, waitSeconds: 0, hiddenSeconds: 30, systemAttributes: [], messageAttributes: [] }, signal);

test('a server that hangs, before its head or in its body, does not answer', limit, async (t) => {
  await assert.rejects(receive(await client(t, () => {})), /^Error: it does not answer$/);
  const stalls = await client(t, (_request, response) => response.writeHead(200).write('{"Messages":'));
  await assert.rejects(receive(stalls), /^Error: it does not answer$/);
  const stopped = AbortSignal.abort(new Error('stopped'));
  await assert.rejects(receive(await client(t, () => {}), stopped), /stopped/);
});

test('answers that are none of SQS are errors', limit, async (t) => {
  const answers: readonly [status: number, body: string, said: RegExp][] = [
    [200, '<html>', /JSON/],
    [200, '{"Messages":{}}', /no list of messages/],
    [502, '<html>', /status 502$/],
    [400, '{"__type":"a#Some","message":5}', /status 400: Some: 5/],
    [400, 'null', /status 400$/],
  ];
  for (const [status, body, said] of answers) {
    const from = await client(t, (_request, response) => response.writeHead(status).end(body));
    await assert.rejects(receive(from), said);
  }
});

test('a redirect is not followed: what is signed is for the host that was asked', limit, async (t) => {
  const asked: (string | undefined)[] = [];
  const from = await client(t, ({ url }, response) => {
    asked.push(url);
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  await assert.rejects(receive(from), /redirect/);
  assert.deepEqual(asked, ['/']);
});

test('what messages lack is absent, and attributes have the names that they have', limit, async (t) => {
  const messages = [{}, { MessageAttributes: JSON.parse('{"__proto__":{"StringValue":"5"},"none":{}}') }, null];
  const from = await client(t, (_request, response) => response.end(JSON.stringify({ Messages: messages })));
  const found = await receive(from);
  assert.deepEqual(
    found.map(({ message }) => message.messageAttributes),
    [[], [{ name: '__proto__', dataType: undefined, value: { tag: 'str', val: '5' } }], []],
  );
  assert.deepEqual(found[0], {
    message: { id: undefined, body: undefined, messageAttributes: [] },
    receipt: undefined,
    size: 0,
  });
  assert.deepEqual(await receive(await client(t, (_request, response) => response.end('{}'))), []);
});

test('a request is sent once, and what SQS says of it keeps its type', limit, async (t) => {
  let asked = 0;
  const from = await client(t, (_request, response) => {
    asked++;
    response.writeHead(500).end('{"__type":"com.amazonaws.sqs#InternalFailure","message":"later"}');
  });
  const error = await receive(from).catch((one: unknown) => one);
  assert.ok(error instanceof SqsError);
  assert.deepEqual([error.type, error.message, asked], ['InternalFailure', 'status 500: InternalFailure: later', 1]);
});

test('attributes are asked for where there are any', limit, async (t) => {
  const asked: object[] = [];
  const from = await client(t, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push(JSON.parse(body));
    response.end('{}');
  });
  const base = { most: 1, waitSeconds: 0, hiddenSeconds: 30 };
  const { signal } = new AbortController();
  await from.receive({ ...base, systemAttributes: [], messageAttributes: [] }, signal);
  await from.receive({ ...base, systemAttributes: ['SentTimestamp'], messageAttributes: ['one'] }, signal);
  const [without, withAttributes] = asked as [Record<string, unknown>, Record<string, unknown>];
  assert.deepEqual(
    Object.keys(without).filter((key) => /Attribute/.test(key)),
    [],
  );
  assert.deepEqual(
    [withAttributes.MessageSystemAttributeNames, withAttributes.MessageAttributeNames],
    [['SentTimestamp'], ['one']],
  );
});

test('an answer has its time beside that which SQS was asked to wait', limit, async (t) => {
  const late = (_request: unknown, response: { end(text: string): void }): void => {
    setTimeout(() => response.end('{}'), 700);
  };
  const from = await client(t, late as RequestListener);
  const { signal } = new AbortController();
  const asked = { most: 1, hiddenSeconds: 30, systemAttributes: [], messageAttributes: [] };
  assert.deepEqual(await from.receive({ ...asked, waitSeconds: 1 }, signal), []);
  await assert.rejects(from.receive({ ...asked, waitSeconds: 0 }, signal), /does not answer/);
});
