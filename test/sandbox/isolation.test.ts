// One guest leaves a secret wherever it can write, and its request ends in every way that there is; the next one looks
// for the secret wherever it can read. It must never be found. What is compared byte by byte is in random-guests.test.ts.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { type GuestSettings, type SandboxApp, sandboxApp } from '../support/sandbox-app.ts';
import { strategies } from '../support/strategies.ts';

const limits = '[component.secret.tool.mayfly.limits]\ncpu_slice = "400ms"\nmemory = "4MiB"\nconcurrency = 1';

/** The ways in which the request that plants can end, and the status that its client sees; undefined: it goes away. */
const endings: Readonly<Record<string, number | undefined>> = {
  '': 200,
  '&grow=3': 200,
  '&then=trap': 500,
  '&then=trap&grow=2': 500,
  '&then=recurse': 500,
  '&then=loop': 504,
  '&then=exhaust': 200,
  '&then=wait': undefined,
};

const opened: SandboxApp[] = [];
after(async () => {
  for (const app of opened) await app.close();
});

async function open(secret: GuestSettings, reset: 'scan' | 'madvise' | 'copy'): Promise<SandboxApp> {
  const app = await sandboxApp({ secret }, { reset });
  opened.push(app);
  return app;
}

async function plant(app: SandboxApp, secret: Buffer, ending: string): Promise<number | undefined> {
  const path = `/secret/plant?secret=${secret.toString('hex')}${ending}`;
  if (!ending.includes('wait')) return (await app.get(path)).status;
  const client = new AbortController();
  const asking = app.get(path, { signal: client.signal });
  setTimeout(() => client.abort(), 20);
  return asking.then(
    ({ status }) => status,
    () => undefined,
  );
}

async function search(app: SandboxApp, secret: Buffer): Promise<string> {
  const inverted = secret.map((byte) => byte ^ 0xff);
  return (await app.get(`/secret/search?inverted=${Buffer.from(inverted).toString('hex')}`)).text;
}

/** Plants in each way and searches each time, twice: in the sandbox that comes next, and in the one after. */
async function neverFound(app: SandboxApp): Promise<void> {
  const hash = (await app.get('/secret/hash')).text;
  for (const [ending, status] of Object.entries(endings)) {
    const secret = randomBytes(16);
    assert.equal(await plant(app, secret, ending), status, ending);
    for (let turn = 0; turn < 2; turn++) assert.equal(await search(app, secret), 'found 0 times\n', ending);
    assert.equal((await app.get('/secret/hash')).text, hash, ending);
  }
  assert.doesNotMatch(app.log(), /differs from its image/);
}

for (const reset of strategies) {
  test(`image, reset by ${reset}`, async () => {
    const app = await open({ guest: 'secret-c', settings: limits }, reset);
    assert.match(app.log(), /"It is initialised once; its sandboxes are kept and reset"/);
    await neverFound(app);
  });

  test(`image after a warm-up request, reset by ${reset}`, async () => {
    const app = await open({ guest: 'secret-c', settings: `warm = "/secret/hash"\n${limits}` }, reset);
    assert.match(app.log(), /kept and reset/);
    assert.doesNotMatch(app.log(), /is not warmed/);
    await neverFound(app);
  });
}

test('initialised for each request', async () => {
  const app = await open({ guest: 'secret-c', settings: `preinitialize = false\n${limits}` }, 'copy');
  assert.match(app.log(), /is initialised for each request/);
  await neverFound(app);
});

test('the search finds what is there', async () => {
  const secret = randomBytes(16);
  const app = await open({ guest: 'secret-c', settings: limits }, 'copy');
  // The request brings the secret along here, not inverted: it stands where the library keeps the path.
  const { text } = await app.get(`/secret/search?inverted=${Buffer.alloc(16, 0xff).toString('hex')}`);
  assert.match(text, /^found [1-9]\d* times/);
  assert.equal(await search(app, secret), 'found 0 times\n');
});
