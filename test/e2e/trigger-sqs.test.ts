// SQS triggers call components with the messages of a queue: one sandbox for each. What is not handled stays in the
// queue, whatever happens to the queue, to the guests, or to the app in the middle of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { awsEnvironment } from '../support/aws-environment.ts';
import { eventGuest } from '../support/event-guest.ts';
import { startSqs } from '../support/servers/sqs.ts';
import { startTriggers, type TriggerApp } from '../support/trigger-app.ts';

const limit = { timeout: 30_000 };
const guests = { one: await eventGuest('sqs-2') };

const lost = ({ lines }: TriggerApp): string =>
  lines.find(({ fields }) => fields.event === 'broker-lost')?.message ?? '';
const trigger = (url: string, more = '', component = 'one'): string =>
  `[[trigger.sqs]]\ncomponent = "${component}"\nqueue_url = "${url}"\nidle_wait_seconds = 1\n${more}`;

test('messages reach components of both worlds with their attributes, and are deleted', limit, async (t) => {
  awsEnvironment(t);
  const sqs = await startSqs(t);
  const { app, printed, logged, until } = await startTriggers(t, {
    triggers: [
      '[variables]\nhost = { default = "127.0.0.1" }',
      trigger(
        sqs.url.replace('127.0.0.1', '{{ host }}'),
        'message_attributes = ["kind", "bytes"]\nsystem_attributes = ["All"]\nmax_messages = 3',
      ),
    ].join('\n'),
    guests: { one: await eventGuest('sqs') },
  });
  assert.deepEqual(app.lines, ['Active Queues:', `  ${sqs.url}: [one]`]);
  assert.equal(logged('imports-unsupported'), 0);
  assert.equal(logged('broker-connected'), 1);
  sqs.send({
    body: 'hällo',
    attributes: {
      kind: { DataType: 'Number.int', StringValue: '5' },
      bytes: { DataType: 'Binary', BinaryValue: Buffer.from('raw').toString('base64') },
      other: { DataType: 'String', StringValue: 'not asked for' },
    },
  });
  await until('the end of the message', () => sqs.kept().length === 0);
  const attributes = ['kind', 'Number.int', '5', 'bytes', 'Binary', 'raw'];
  assert.deepEqual(printed(), ['ApproximateReceiveCount', '1', ...attributes, 'hällo']);
  const sent = Array.from({ length: 40 }, (_, index) => `m${index}`);
  sqs.send(...sent);
  await until('all of them', () => sqs.kept().length === 0);
  assert.deepEqual(new Set(printed().filter((line) => /^m\d+$/.test(line))), new Set(sent));
  assert.ok(!printed().includes('used'));
  const asked = sqs.requests.filter(({ action }) => action === 'ReceiveMessage').map(({ body }) => body);
  assert.ok(asked.every(({ MaxNumberOfMessages }) => MaxNumberOfMessages === 3 || MaxNumberOfMessages === 1));
  assert.deepEqual(asked[0]?.MessageAttributeNames, ['kind', 'bytes']);
});

test('a message that is left, or whose guest fails, or that is too large, stays and comes again', limit, async (t) => {
  awsEnvironment(t);
  const sqs = await startSqs(t, { visibilitySeconds: 2 });
  const { printed, logged, lines, until } = await startTriggers(t, {
    triggers: [trigger(sqs.url), '[application.tool.mayfly.limits]\ncpu_slice = "100ms"\nheld = "64KiB"'].join('\n'),
    guests,
  });
  const large = 'x'.repeat(70_000);
  sqs.send('trap', 'error', 'busy', 'leave', large, 'delete');
  await until('the second try', () => printed().filter((line) => line === 'leave').length >= 2);
  assert.deepEqual(sqs.kept(), ['trap', 'error', 'busy', 'leave', large]);
  assert.equal(printed().filter((line) => line === 'delete').length, 1);
  const codes = lines.filter(({ fields }) => fields.event === 'event-failed').map(({ fields }) => fields.code);
  assert.deepEqual(new Set(codes), new Set(['guest-trap', 'guest-cpu-limit', 'guest-error']));
  assert.ok(logged('message-left') >= 1);
  assert.match(lines.find(({ fields }) => fields.event === 'message-left')?.message ?? '', /sqs queue: .* held/);
});

test('a queue whose messages are not hidden by itself gives each to one guest all the same', limit, async (t) => {
  awsEnvironment(t);
  const sqs = await startSqs(t, { visibilitySeconds: 0 });
  const { printed, until } = await startTriggers(t, { triggers: trigger(sqs.url), guests });
  sqs.send('w5 w');
  await until('the end', () => sqs.kept().length === 0);
  assert.deepEqual(printed(), ['w5 w']);
  const received = sqs.requests.filter(({ action }) => action === 'ReceiveMessage');
  assert.ok(received.every(({ body }) => body.MaxNumberOfMessages === 10));
});

test('sixteen messages at a time, and those of a FIFO queue are asked for one by one', limit, async (t) => {
  awsEnvironment(t);
  const sqs = await startSqs(t);
  const fifo = `${sqs.url}.fifo`;
  const { app, printed, until } = await startTriggers(t, { triggers: trigger(fifo), guests });
  sqs.send(...Array.from({ length: 20 }, (_, index) => `w9 ${index}`));
  const received = () => sqs.requests.filter(({ action }) => action === 'ReceiveMessage');
  await until('sixteen of them', () => received().length >= 17);
  await delay(100);
  await app.stop();
  assert.deepEqual([printed().length, sqs.kept().length], [16, 4]);
  assert.ok(received().every(({ body }) => body.MaxNumberOfMessages === 1 && body.QueueUrl === fifo));
});

test('a message stays hidden for as long as its guest takes', limit, async (t) => {
  awsEnvironment(t);
  const sqs = await startSqs(t, { visibilitySeconds: 1 });
  const { printed, until } = await startTriggers(t, { triggers: trigger(sqs.url), guests });
  sqs.send('w9 w', 'w9 v');
  sqs.send('other');
  await until('the end of all', () => sqs.kept().length === 0);
  assert.deepEqual(printed(), ['other', 'w9 w', 'w9 v']);
  assert.ok(sqs.requests.some(({ action }) => action === 'ChangeMessageVisibility'));
});

test('a queue that is absent, goes away and errs loses neither trigger nor message', limit, async (t) => {
  awsEnvironment(t);
  const sqs = await startSqs(t);
  await sqs.stop();
  const { printed, logged, lines, until } = await startTriggers(t, { triggers: trigger(sqs.url), guests });
  assert.equal(logged('broker-lost'), 1);
  await sqs.start();
  await until('a connection', () => logged('broker-connected') === 1);
  sqs.send('first', 'w5 under way');
  await until('the first message', () => printed().includes('first'));
  await sqs.stop();
  await until('the loss', () => logged('broker-lost') === 2);
  await until('the end of the other', () => printed().includes('w5 under way'));
  sqs.send('meanwhile');
  await sqs.start();
  await until('all of them', () => sqs.kept().length === 0);
  sqs.fail('ReceiveMessage', 1, { status: 400, type: 'OverLimit' });
  sqs.fail('DeleteMessage', 1);
  sqs.send('next');
  await until('the next one', () => sqs.kept().length === 0);
  assert.deepEqual(printed().sort(), ['first', 'meanwhile', 'next', 'w5 under way']);
  const said = lines.filter(({ fields }) => fields.event === 'broker-lost').map(({ message }) => message);
  assert.ok(
    said.some((line) => line.includes('OverLimit: it is OverLimit')),
    said.join('\n'),
  );
});

test('a queue that is refused or does not exist is said; a guest of another type is an error', limit, async (t) => {
  awsEnvironment(t, { AWS_SECRET_ACCESS_KEY: 'another' });
  const sqs = await startSqs(t);
  const refused = await startTriggers(t, { triggers: trigger(sqs.url), guests });
  assert.match(lost(refused), /no connection to 127.0.0.1:\d+\/1234\/queue .*SignatureDoesNotMatch/);
  awsEnvironment(t, { AWS_ENDPOINT_URL: `http://127.0.0.1:${sqs.port}` });
  const absent = await startTriggers(t, { triggers: trigger('https://sqs.eu-test-1.amazonaws.com/1/no'), guests });
  assert.match(lost(absent), /QueueDoesNotExist/);
  const { app } = absent;
  await app.stop();
  await assert.rejects(startTriggers(t, { triggers: trigger(sqs.url), guests: { one: await eventGuest('cron') } }), {
    code: 'guest-no-handler',
  });
  await assert.rejects(startTriggers(t, { triggers: trigger('queue'), guests }), { code: 'trigger-start' });
});

test('a stop takes nothing more, and deletes what was under way', limit, async (t) => {
  awsEnvironment(t);
  const sqs = await startSqs(t);
  const { app, printed, until } = await startTriggers(t, { triggers: trigger(sqs.url), guests });
  sqs.send('w5 under way');
  await until('the receipt', () => sqs.requests.some(({ action }) => action === 'ReceiveMessage'));
  await delay(200);
  await app.stop();
  assert.deepEqual(printed(), ['w5 under way']);
  assert.deepEqual(sqs.kept(), []);
  sqs.send('late');
  await delay(200);
  assert.deepEqual(sqs.kept(), ['late']);
});
