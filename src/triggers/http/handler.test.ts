// A request whose body nobody takes: the one who sends it must learn of that, whatever kept the guest from starting.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import type { HttpRequest } from '../../host/http-message.ts';
import { get } from './app.test-kit.ts';
import type { HttpEntry } from './entry.ts';
import { fakeGuest } from './fake-guest.test-kit.ts';
import { createHandler } from './handler.ts';

const client = { clientAddress: '192.0.2.1:5000' };

test('a body whose request never gets to a guest is cancelled, with the reason', async () => {
  for (const kind of ['handler', 'incoming-handler', 'inbound-http', 'command'] as const) {
    const { callee, state } = fakeGuest(() => assert.fail('no guest is called'));
    state.failure = new MayflyError('overloaded', 'full');
    const reasons: unknown[] = [];
    const body = { length: 3, read: () => undefined, cancel: (reason: unknown) => void reasons.push(reason) };
    const request: HttpRequest = get('/', { method: 'POST', body });
    const handler = createHandler(callee, { kind, func: callee.func } as HttpEntry);
    await assert.rejects(handler(request, client), { code: 'overloaded' }, kind);
    if (kind !== 'inbound-http') assert.deepEqual(reasons.length, 1, kind); // That one has read it whole before.
  }
});
