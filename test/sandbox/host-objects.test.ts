// What the host keeps behind a guest's handles ends with the request: the next guest cannot reach it under any index.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type SandboxApp, sandboxApp } from '../support/sandbox-app.ts';
import { strategies } from '../support/strategies.ts';

const SECRET = 'planted-in-the-host';
const opened: SandboxApp[] = [];
after(async () => {
  for (const app of opened) await app.close();
});

async function open(settings: string, reset: 'scan' | 'madvise' | 'copy'): Promise<SandboxApp> {
  const app = await sandboxApp({ hoard: { guest: 'hoard-c', settings } }, { reset });
  opened.push(app);
  return app;
}

async function lookEverywhere(app: SandboxApp, upTo: number): Promise<void> {
  for (let handle = 0; handle <= upTo; handle++) {
    const { status, text } = await app.get(`/hoard/take?handle=${handle}`);
    assert.ok(!text.includes(SECRET), `handle ${handle} gave ${text}`);
    assert.ok(status === 500 || text === '', `handle ${handle}: ${status} ${text}`);
  }
}

for (const reset of strategies) {
  test(`fields that a guest leaves behind, reset by ${reset}`, async () => {
    const app = await open('', reset);
    const handle = Number((await app.get(`/hoard/leave?value=${SECRET}`)).text);
    assert.ok(handle > 0);
    await lookEverywhere(app, handle + 8);
    assert.equal(Number((await app.get(`/hoard/leave?value=${SECRET}`)).text), handle, 'indices start anew');
  });
}

test('fields that a warm-up request leaves behind are dead in every sandbox', async () => {
  const app = await open(`warm = "/hoard/leave?value=${SECRET}"`, 'copy');
  const handle = Number((await app.get(`/hoard/leave?value=${SECRET}`)).text);
  await lookEverywhere(app, handle + 8);
});

test('requests that wait at the same time have handles of their own', async () => {
  const app = await open('', 'copy');
  const waiting = Array.from({ length: 8 }, () => app.get('/hoard/wait?ms=50'));
  const handle = Number((await app.get(`/hoard/leave?value=${SECRET}`)).text);
  await lookEverywhere(app, handle + 2);
  for (const { text } of await Promise.all(waiting)) assert.equal(text, '0\n');
});
