// SQS triggers call components with the messages of a queue: one sandbox for each. What was handled is deleted, and nothing
// else is, whatever happens to the server, to the guests, or to the app in the middle of it.
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventGuest } from '../support/event-guest.ts';
import { sqsKeys, startSqs } from '../support/servers/sqs.ts';
import { startTriggers } from '../support/trigger-app.ts';

const limit = { timeout: 30_000 };
const guests = { one: await eventGuest('sqs') };

// The trigger reads who it is from the environment of the process, as Amazon's own clients do.
const names = [...Object.keys(sqsKeys), 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_SQS', 'AWS_SESSION_TOKEN'];
const former = Object.fromEntries(names.map((name) => [name, process.env[name]]));
before(() => {
  for (const name of names) delete process.env[name];
  Object.assign(process.env, sqsKeys);
});
after(() => {
  for (const [name, value] of Object.entries(former)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

async function start(t: TestContext, options: Parameters<typeof startSqs>[0] = {}) {
  const server = await startSqs(options);
  t.after(() => server.close());
  return server;
}

const trigger = (url: string, more = ''): string =>
  `[[trigger.sqs]]\ncomponent = "one"\nqueue_url = "${url}"\nidle_wait_seconds = 0\n${more}`;

for (const form of ['sqs', 'sqs-2'] as const) {
  test(`${form}: what was handled is deleted; what was left, failed or trapped stays`, limit, async (t) => {
    const server = await start(t);
    const running = await startTriggers(t, {
      triggers: [trigger(server.queueUrl), '[application.tool.mayfly.limits]\ncpu_slice = "100ms"'].join('\n'),
      guests: { one: await eventGuest(form) },
    });
    assert.deepEqual(running.app.lines, ['Active Queues:', `  127.0.0.1:${server.port}/000000000000/work: [one]`]);
    assert.equal(running.logged('imports-unsupported'), 0);
    const many = Array.from({ length: 25 }, (_, index) => `m${index}`);
    for (const body of ['leave', 'error', 'trap', 'busy', ...many]) server.send(body);
    await running.until('all messages', () => server.left().length === 4 && running.logged('event-failed') === 3);
    assert.deepEqual(server.left(), ['leave', 'error', 'trap', 'busy']);
    assert.deepEqual(running.printed().sort(), ['leave', ...many].sort());
    const [first] = server.asked('ReceiveMessage');
    assert.equal(first?.MaxNumberOfMessages, 10);
  });
}

test('names of attributes are asked for, and a queue may come from a variable', limit, async (t) => {
  const server = await start(t);
  const running = await startTriggers(
    t,
    {
      triggers: `[variables]\nqueue = { required = true }\n${trigger('{{ queue }}', 'max_messages = 3\nsystem_attributes = ["All"]\nmessage_attributes = ["kind", "raw"]')}`,
      guests,
    },
    { variables: { queue: server.queueUrl } },
  );
  server.send('kind', {
    kind: { DataType: 'String', StringValue: 'ä' },
    raw: { DataType: 'Binary', BinaryValue: 'AAH/' },
    none: { DataType: 'Other' },
  });
  await running.until('the message', () => server.left().length === 0);
  const [first] = server.asked('ReceiveMessage');
  assert.deepEqual(
    [first?.MaxNumberOfMessages, first?.MessageSystemAttributeNames, first?.MessageAttributeNames],
    [3, ['All'], ['kind', 'raw']],
  );
});

test('a message that takes long stays hidden, and is handled once', limit, async (t) => {
  const server = await start(t, { visibilitySeconds: 2 });
  const running = await startTriggers(t, { triggers: trigger(server.queueUrl), guests });
  server.send('w9w');
  server.send('w9w');
  await running.until('both messages', () => server.left().length === 0);
  await delay(300);
  assert.deepEqual(running.printed(), ['w9w', 'w9w']);
});

test('a server that goes away and comes back loses no message', limit, async (t) => {
  const server = await start(t);
  const running = await startTriggers(t, { triggers: trigger(server.queueUrl), guests });
  server.send('first');
  await running.until('the first message', () => server.left().length === 0);
  await server.listen(false);
  server.send('meanwhile');
  await running.until('the loss', () => running.logged('broker-lost') === 1);
  assert.match(running.app.trouble ?? '', /no connection to 127\.0\.0\.1/);
  await server.listen(true);
  await running.until('the second message', () => server.left().length === 0);
  assert.equal(running.logged('broker-connected'), 2);
  assert.equal(running.app.trouble, undefined);
});

test('what the server refuses is said: a queue that is not there, reading, deleting', limit, async (t) => {
  const server = await start(t);
  const other = await startTriggers(t, { triggers: trigger(`${server.queueUrl}-other`), guests });
  await other.until('the loss', () => other.logged('broker-lost') === 1);
  assert.match(other.lines.find(({ fields }) => fields.event === 'broker-lost')?.message ?? '', /QueueDoesNotExist/);
  await other.app.stop();

  // Whoever may not ask about the queue may still read it.
  server.refuse('GetQueueAttributes', 'AccessDeniedException');
  server.refuse('DeleteMessage', 'AccessDeniedException');
  const running = await startTriggers(t, { triggers: trigger(server.queueUrl), guests });
  server.send('kept');
  await running.until('the refusal', () => running.logged('queue-refused') === 1);
  assert.deepEqual(server.left(), ['kept']);
});

test('a stop takes nothing more and deletes what is under way', limit, async (t) => {
  const server = await start(t, { waitMs: 5_000 });
  const running = await startTriggers(t, { triggers: trigger(server.queueUrl), guests });
  server.send('w5w');
  await running.until(
    'the message to be taken',
    () => server.actions.filter((one) => one === 'ReceiveMessage').length === 2,
  );
  await running.app.stop();
  assert.deepEqual(server.left(), []);
  server.send('later');
  await delay(100);
  assert.deepEqual(server.left(), ['later']);
});

test('keys that are wrong or missing are said', limit, async (t) => {
  const server = await start(t);
  process.env.AWS_SECRET_ACCESS_KEY = 'another one';
  t.after(() => Object.assign(process.env, sqsKeys));
  const wrong = await startTriggers(t, { triggers: trigger(server.queueUrl), guests });
  await wrong.until('the loss', () => wrong.logged('broker-lost') === 1);
  assert.match(wrong.lines.find(({ fields }) => fields.event === 'broker-lost')?.message ?? '', /InvalidSignature/);
  await assert.rejects(
    startTriggers(t, {
      triggers: trigger('{{ q }}', '').replace('[[', '[variables]\nq = { default = "nonsense" }\n[['),
      guests,
    }),
    { code: 'trigger-start', message: /queue_url/ },
  );
});
