// The connections of an app: found by their own component alone, subscribed to topics of it, forgotten with all of that; and a
// part of a component that inherits not everything has none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockedComponent } from '../../app/locked-app.test-kit.ts';
import { restrict } from '../../app/restrict.ts';
import type { ComponentContext } from '../service.ts';
import { type OutgoingMessage, type Peer, WebSocketConnections } from './connections.ts';
import { broadcast, close, getState, send, setState, subscribe } from './operations.ts';
import { createWebSocketService } from './service.ts';

const limits = { socketStateBytes: 4, socketTopics: 2 };

function peer(): Peer & { isOpen: boolean; readonly sent: string[] } {
  const sent: string[] = [];
  return {
    isOpen: true,
    isOpening: false,
    sent,
    send: ({ bytes }: OutgoingMessage) => void sent.push(Buffer.from(bytes).toString()),
    close: () => undefined,
    refuse: () => undefined,
  };
}

const text = (val: string) => ({ tag: 'text', val }) as const;

test('a connection is found by its component alone, and not when it is forgotten', () => {
  const all = new WebSocketConnections();
  const one = all.add('a', peer(), limits);
  assert.match(one.id, /^[\w-]{22}$/);
  assert.notEqual(all.add('a', peer(), limits).id, one.id);
  assert.equal(all.find('a', one.id), one);
  assert.equal(all.find('b', one.id), undefined);
  all.subscribe(one, 'x');
  all.remove(one);
  assert.equal(all.find('a', one.id), undefined);
  assert.equal(all.subscribers('a', 'x').size, 0);
});

test('names of the language are topics like others', () => {
  const all = new WebSocketConnections();
  const own = { component: 'a', all };
  const one = peer();
  const { id } = all.add('a', one, limits);
  for (const topic of ['__proto__', 'constructor'])
    assert.deepEqual(subscribe(own, id, topic), { tag: 'ok', val: undefined });
  assert.deepEqual(broadcast(own, '__proto__', text('hello')), { tag: 'ok', val: 1 });
  assert.deepEqual(broadcast(own, 'toString', text('hello')), { tag: 'ok', val: 0 });
  assert.deepEqual(one.sent, ['hello']);
});

test('state can be read when the connection is closed, and nothing can be sent', () => {
  const all = new WebSocketConnections();
  const own = { component: 'a', all };
  const one = peer();
  const { id } = all.add('a', one, limits);
  const state = Uint8Array.of(1, 2, 3, 4);
  assert.equal(setState(own, id, state).tag, 'ok');
  state[0] = 9;
  one.isOpen = false;
  assert.deepEqual(getState(own, id), { tag: 'ok', val: Uint8Array.of(1, 2, 3, 4) });
  for (const answer of [send(own, id, text('x')), subscribe(own, id, 'x'), close(own, id, 1000, '')]) {
    assert.deepEqual(answer, { tag: 'err', val: { tag: 'no-connection' } });
  }
  assert.deepEqual(one.sent, []);
});

test('what is joined to a component reaches no connection unless it inherits everything', async () => {
  const all = new WebSocketConnections();
  const service = createWebSocketService(all);
  const whole = lockedComponent({ id: 'a' });
  const ownOf = (component: typeof whole) =>
    service.configureComponent({ component } as unknown as ComponentContext, undefined);
  const { id } = all.add('a', peer(), limits);
  assert.deepEqual(send(await ownOf(restrict(whole, { inherits: 'all' })), id, text('x')), {
    tag: 'ok',
    val: undefined,
  });
  const part = await ownOf(restrict(whole, { inherits: ['key_value_stores'] }));
  for (const answer of [send(part, id, text('x')), broadcast(part, 'x', text('x')), getState(part, id)]) {
    assert.deepEqual(answer, { tag: 'err', val: { tag: 'access-denied' } });
  }
});
