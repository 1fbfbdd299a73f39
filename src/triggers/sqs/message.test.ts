// Messages of a queue as guests and programs have them, whatever the queue leaves out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forProgram, readMessages } from './message.ts';

test('a message has its texts, its attributes and its size', () => {
  const [message] = readMessages({
    Messages: [
      {
        MessageId: 'id',
        ReceiptHandle: 'r',
        Body: 'ä',
        Attributes: { SentTimestamp: '7', Count: 8 },
        MessageAttributes: {
          text: { DataType: 'String', StringValue: 'words' },
          raw: { DataType: 'Binary', BinaryValue: 'AAH/' },
          both: { StringValue: 's', BinaryValue: 'AAH/' },
          neither: { DataType: 'String' },
        },
      },
    ],
  });
  assert.deepEqual(message?.message, {
    id: 'id',
    body: 'ä',
    messageAttributes: [
      { name: 'SentTimestamp', dataType: undefined, value: { tag: 'str', val: '7' } },
      { name: 'Count', dataType: undefined, value: { tag: 'str', val: '8' } },
      { name: 'text', dataType: 'String', value: { tag: 'str', val: 'words' } },
      { name: 'raw', dataType: 'Binary', value: { tag: 'binary', val: Buffer.from([0, 1, 255]) } },
      { name: 'both', dataType: undefined, value: { tag: 'str', val: 's' } },
    ],
  });
  assert.equal(message.receipt, 'r');
  assert.equal(message.size, 2 + 2 + (13 + 1) + (5 + 1) + (4 + 5) + (3 + 3) + (4 + 1));
});

test('a program gets bytes, and what is known of them as JSON has it', () => {
  const messageAttributes = [
    { name: 'a', dataType: undefined, value: { tag: 'str', val: 'words' } },
    { name: '__proto__', dataType: 'Binary', value: { tag: 'binary', val: Uint8Array.of(0, 1, 255) } },
  ] as const;
  const { payload, facts } = forProgram('q', { id: 'i', body: 'ä', messageAttributes });
  assert.deepEqual(payload, Buffer.from('ä'));
  assert.equal(JSON.stringify(facts), '{"queue":"q","id":"i","attributes":{"a":"words","__proto__":"AAH/"}}');
  const bare = forProgram('q', { id: undefined, body: undefined, messageAttributes: [] });
  assert.deepEqual([bare.payload.length, JSON.stringify(bare.facts)], [0, '{"queue":"q","attributes":{}}']);
});

test('an answer without messages has none, and one that is none is an error', () => {
  assert.deepEqual([readMessages({}), readMessages(null), readMessages({ Messages: [] })], [[], [], []]);
  for (const wrong of ['x', {}, null, 7]) {
    assert.throws(() => readMessages({ Messages: wrong }), { message: 'its answer has no list of messages' });
  }
});
