// Which id a request has in the log: a client's when it can be one, the trace's, or one of our own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeaderList } from '../../host/http-message.ts';
import { RequestIdentity } from './request-identity.ts';

const fieldsOf = (...headers: HeaderList) => new RequestIdentity(headers).fields;
const trace = '0af7651916cd43dd8448eb211c80319c';
const parent = `00-${trace}-b7ad6b7169203331-01`;

test('the id that a request brings is its own, beside its trace', () => {
  assert.deepEqual(fieldsOf(['x-request-id', ' a-1_b.C:2 ']), { requestId: 'a-1_b.C:2' });
  assert.deepEqual(fieldsOf(['x-request-id', 'mine'], ['traceparent', parent]), { requestId: 'mine', traceId: trace });
  assert.deepEqual(fieldsOf(['traceparent', parent]), { requestId: trace, traceId: trace });
  assert.deepEqual(fieldsOf(['traceparent', `cc-${trace}-b7ad6b7169203331-01-more`]).traceId, trace);
});

test('what cannot be an id, or is there twice, is not taken', () => {
  const random = /^[0-9a-f]{8}-[0-9a-f]{4}-4/;
  for (const id of ['', 'a b', 'x'.repeat(129), 'a\x1b[31m', 'ä']) {
    assert.match(fieldsOf(['x-request-id', id]).requestId, random, id);
  }
  assert.match(fieldsOf(['x-request-id', 'a'], ['x-request-id', 'b']).requestId, random);
  for (const wrong of [
    parent.toUpperCase(),
    `ff-${trace}-b7ad6b7169203331-01`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace}-b7ad6b7169203331`,
    `x${parent}`,
  ]) {
    assert.deepEqual(Object.keys(fieldsOf(['traceparent', wrong])), ['requestId'], wrong);
  }
});

test('one request has one id, and two have two', () => {
  const one = new RequestIdentity([]);
  assert.equal(one.fields, one.fields);
  assert.notEqual(one.fields.requestId, new RequestIdentity([]).fields.requestId);
});
