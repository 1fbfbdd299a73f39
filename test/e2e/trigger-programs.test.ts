// Programs take the events of all triggers: a handler for each type, in both engines.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createClient } from '@redis/client';
import { connectAsync } from 'mqtt';
import { engineNames } from '../../src/app/script-file.ts';
import { awsEnvironment } from '../support/aws-environment.ts';
import { mosquittoMissing, startMosquitto } from '../support/servers/brokers.ts';
import { redisMissing, startRedis } from '../support/servers/redis.ts';
import { startSqs } from '../support/servers/sqs.ts';
import { startTriggers, type TriggerApp } from '../support/trigger-app.ts';

const timeout = 60_000;
const program = `
let seen = 0;
const told = (event, ...more) => console.log(++seen, event.type, event.text(), ...more);
export default {
  async redis(event, env, ctx) {
    if (event.text() === 'bad') throw new Error('of the handler');
    ctx.waitUntil(new Promise((go) => setTimeout(go, 20)).then(() => console.log('later')));
    told(event, event.channel, env.greeting, event.payload.length);
  },
  mqtt: (event) => told(event, event.topic),
  scheduled: (event) => told(event, event.cron, typeof event.scheduledTime),
  queue(event) {
    if (event.text() === 'bad') throw new Error('of the handler');
    told(event, event.queue, JSON.stringify(event.attributes), event.json().a);
  },
};`;

for (const engine of engineNames) {
  const start = (t: TestContext, triggers: string): Promise<TriggerApp> =>
    startTriggers(t, {
      triggers: `[variables]\ngreeting = { default = "hello" }\n${triggers}`,
      guests: { one: program },
      settings: `variables = { greeting = "{{ greeting }}" }\ntool.mayfly.engine = "${engine}"`,
    });

  test(`${engine}: redis`, { timeout, skip: redisMissing() }, async (t) => {
    const redis = await startRedis();
    t.after(() => redis.close());
    const address = `[application.trigger.redis]\naddress = "${redis.url}"`;
    const app = await start(t, `${address}\n[[trigger.redis]]\ncomponent = "one"\nchannel = "news"`);
    const client = createClient({ url: redis.url, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    await client.connect();
    t.after(() => client.destroy());
    for (const message of ['one', 'bad', 'zwei \u00e4']) await client.publish('news', message);
    await app.until('all of them', () => app.printed().filter((line) => line === 'later').length === 2);
    const heard = app.printed().filter((line) => line.startsWith('1 '));
    assert.deepEqual(heard, ['1 redis one news hello 3', '1 redis zwei \u00e4 news hello 7']);
    assert.match(app.printed().join('\n'), /Error: of the handler\n.*one\.ts:6:/);
    assert.match(app.messages('error').join(), /redis news: The handler returned an error: of the handler/);
  });

  test(`${engine}: mqtt`, { timeout, skip: mosquittoMissing() }, async (t) => {
    const broker = await startMosquitto();
    t.after(() => broker.close());
    const address = `[application.trigger.mqtt]\naddress = "${broker.url}"\nkeep_alive_interval = "5"`;
    const app = await start(t, `${address}\n[[trigger.mqtt]]\ncomponent = "one"\ntopic = "home/+"\nqos = "1"`);
    const client = await connectAsync(broker.url, { reconnectPeriod: 0 });
    t.after(() => client.endAsync(true));
    await client.publishAsync('home/hall', 'warm', { qos: 1 });
    await app.until('the message', () => app.printed().length === 1);
    assert.deepEqual(app.printed(), ['1 mqtt warm home/hall']);
  });

  test(`${engine}: cron`, { timeout }, async (t) => {
    const app = await start(t, '[[trigger.cron]]\ncomponent = "one"\ncron_expression = "* * * * * *"');
    await app.until('two ticks', () => app.printed().length >= 2);
    assert.deepEqual(new Set(app.printed()), new Set(['1 scheduled  * * * * * * number']));
  });

  test(`${engine}: sqs, where a message is deleted unless the handler throws`, { timeout }, async (t) => {
    awsEnvironment(t);
    const sqs = await startSqs(t);
    const attributes = 'message_attributes = ["kind"]';
    const app = await start(
      t,
      `[[trigger.sqs]]\ncomponent = "one"\nqueue_url = "${sqs.url}"\nidle_wait_seconds = 1\n${attributes}`,
    );
    sqs.send({ body: '{"a":7}', attributes: { kind: { DataType: 'String', StringValue: 'x' } } }, 'bad');
    await app.until('the end of the first', () => sqs.kept().length === 1);
    await app.until('the error of the second', () => app.logged('event-failed') > 0);
    const name = sqs.url.slice(sqs.url.lastIndexOf('/') + 1);
    assert.ok(app.printed().includes(`1 queue {"a":7} ${name} {"kind":"x"} 7`));
    assert.equal(sqs.kept().length, 1);
  });
}

test('a program without a handler for the event says which it should have', { timeout }, async (t) => {
  const app = await startTriggers(t, {
    triggers: '[[trigger.cron]]\ncomponent = "one"\ncron_expression = "* * * * * *"',
    guests: { one: 'export default { fetch: () => new Response() };' },
  });
  await app.until('the error', () => app.logged('event-failed') > 0);
  assert.match(app.messages('error').join(), /no handler for cron: 'export default \{ scheduled\(event, env, ctx\)/);
});
