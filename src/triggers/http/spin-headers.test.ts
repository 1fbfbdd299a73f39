// The headers that a guest gets: all that the client sent, but for what is the host's to say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from './app.test-kit.ts';
import { guestHeaders } from './spin-headers.ts';

const match = {
  route: '/:a_B/...',
  matchedRoute: '',
  componentRoute: '/x',
  pathInfo: '/y',
  params: [['a_B', 'v']],
} as const;

test('what the host says comes behind what the client says, in this order', () => {
  const headers = guestHeaders(
    get('/x/y?q', {
      scheme: 'https',
      authority: 'h:1',
      headers: [
        ['b', '2'],
        ['a', '1'],
        ['b', '3'],
      ],
    }),
    match,
    'c:1',
  );
  assert.deepEqual(headers, [
    ['b', '2'],
    ['a', '1'],
    ['b', '3'],
    ['spin-path-info', '/y'],
    ['spin-full-url', 'https://h:1/x/y?q'],
    ['spin-matched-route', '/'],
    ['spin-base-path', '/'],
    ['spin-raw-component-route', '/:a_B/...'],
    ['spin-component-route', '/x'],
    ['spin-client-addr', 'c:1'],
    ['spin-path-match-a-b', 'v'],
  ]);
});

test('which headers of a client reach the guest', () => {
  for (const [name, value, reaches] of [
    ['spin-x', '1', false],
    ['spin-', '1', false],
    ['spin', '1', true],
    ['s', '1', true],
    ['server', '1', true],
    ['connection', 'close', false],
    ['connection-x', '1', true],
    ['cookie', '1', true],
    ['keep-alive', '1', true],
    ['host', 'a.spin.internal', false],
    ['host', 'A.SPIN.INTERNAL:80', false],
    ['host', 'a.spin.internal:', false],
    ['host', 'a.b.spin.internal', true],
    ['host', 'spin.internal', true],
    ['host', 'a.spin.internal.org', true],
    ['host', 'a.spin.internal:x', true],
    ['host', '', true],
    ['hostx', 'a.spin.internal', true],
    ['', '', true],
  ] as const) {
    const found = guestHeaders(get('/', { headers: [[name, value]] }), match, 'c').some(
      ([one, text]) => one === name && text === value,
    );
    assert.equal(found, reaches, `${name}: ${value}`);
  }
});
