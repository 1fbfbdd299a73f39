// Connections that serve nobody are closed for those who wait for one, whichever agent has them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionPermits } from '../network/connection-permits.ts';
import { createAgents } from './agents.ts';

test('a free connection of any scheme makes room', { timeout: 5_000 }, async () => {
  for (const scheme of ['http', 'https'] as const) {
    const permits = new ConnectionPermits({ http: 1 });
    const agents = createAgents({ keepAliveMs: 1000, ca: undefined, pooling: true, permits });
    const all = { http: agents.for('http', undefined), https: agents.for('https', undefined) };
    assert.equal(agents.for(scheme, undefined), all[scheme]);
    let closed = 0;
    const socket = {
      destroy() {
        closed += 1;
        permits.giveBack('http');
      },
    };
    (all[scheme] as unknown as { freeSockets: Record<string, unknown> }).freeSockets.place = [socket];
    assert.equal(permits.tryTake('http'), true);
    await permits.take('http');
    assert.equal(closed, 1, scheme);
  }
});
