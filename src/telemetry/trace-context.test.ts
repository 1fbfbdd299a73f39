// The trace of a request comes in, goes out, and is bounded; what is no trace context is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propagated, propagatorsOf, receivedPropagation } from './trace-context.ts';

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';
const parent = `00-${trace}-${span}-01`;

function sent(received: [string, string][], own: [string, string][] = [], propagators?: string): unknown {
  const propagation = receivedPropagation(received);
  return propagation ? propagated(own, propagation, propagatorsOf({ OTEL_PROPAGATORS: propagators })) : own;
}

test('what came is passed on', () => {
  const fields: [string, string][] = [
    ['traceparent', parent],
    ['tracestate', 'a=1, b=2'],
    ['tracestate', 'c=3'],
    ['baggage', 'user=x;secret , ,y=z'],
  ];
  assert.deepEqual(sent([['accept', '*/*'], ...fields], [['x', 'y']]), [
    ['x', 'y'],
    ['traceparent', parent],
    ['tracestate', 'a=1,b=2,c=3'],
    ['baggage', 'user=x;secret,y=z'],
  ]);
});

test('the operator says what is passed on', () => {
  const received: [string, string][] = [
    ['traceparent', parent],
    ['baggage', 'b=2'],
  ];
  assert.deepEqual(sent(received, [], 'b3, baggage'), [received[1]]);
  assert.deepEqual(sent(received, [], 'tracecontext'), [received[0]]);
  assert.deepEqual(sent(received, [], 'none'), []);
  assert.deepEqual(sent(received, [], ''), received);
});

test('what is no traceparent is none, and its tracestate means nothing', () => {
  const wrong = [
    `ff-${trace}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span}-01-more`,
    `00-${trace}-${span}`,
    `00-${trace}-${span}-0`,
    '',
  ];
  for (const traceparent of wrong) {
    assert.equal(
      receivedPropagation([
        ['traceparent', traceparent],
        ['tracestate', 'a=1'],
      ]),
      undefined,
      traceparent,
    );
  }
  const twice: [string, string][] = [
    ['traceparent', parent],
    ['traceparent', parent],
  ];
  assert.equal(receivedPropagation(twice), undefined);
});

test('a later version is read as far as it is known, and written as ours', () => {
  assert.deepEqual(sent([['traceparent', `cc-${trace}-${span}-01-what-is-new`]]), [['traceparent', parent]]);
});

test("a guest's own fields stay, and those that it passes on are not its own", () => {
  const received: [string, string][] = [
    ['traceparent', parent],
    ['tracestate', 'a=1'],
    ['baggage', 'b=2'],
  ];
  const other = `00-${'1'.repeat(32)}-${span}-00`;
  assert.deepEqual(
    sent(received, [
      ['traceparent', other],
      ['baggage', ''],
    ]),
    [
      ['traceparent', other],
      ['baggage', ''],
    ],
  );
  assert.deepEqual(sent(received, received), [received[2], received[0], received[1]]);
});

test('tracestate and baggage are cut at a member, by number and by length', () => {
  const many = Array.from({ length: 100 }, (_, index) => `k${index}=v`);
  const cut = (received: [string, string][]) => {
    const { context, baggage = '' } = receivedPropagation([['traceparent', parent], ...received]) ?? {};
    return [context?.state, baggage];
  };
  assert.deepEqual(
    cut([
      ['tracestate', many.join()],
      ['baggage', many.join()],
    ]),
    [many.slice(0, 32).join(), many.slice(0, 64).join()],
  );
  const long = 'x'.repeat(500);
  assert.deepEqual(cut([['tracestate', `a=1,${long},${long}`]]), [`a=1,${long}`, '']);
  const longer = 'y'.repeat(8191);
  assert.deepEqual(
    cut([
      ['baggage', `${longer},a`],
      ['baggage', 'b'],
    ]),
    ['', longer],
  );
});
