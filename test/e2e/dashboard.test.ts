// The dashboard on the operator's port, in a browser: each page shows what it should, dark and light, by keyboard; and
// nothing of it is shown to those who may not see it.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { chromium, openPage } from '../support/browser.ts';
import { until } from '../support/servers/until.ts';
import { type Served, up } from '../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-dashboard-'));
after(() => rmSync(folder, { recursive: true }));

const manifest = join(folder, 'spin.toml');
writeFileSync(
  join(folder, 'app.ts'),
  `export default { fetch(request: Request) {
  console.log('<b>a line</b>');
  if (new URL(request.url).pathname === '/fail') throw new Error('it fell');
  return new Response('hello');
} };\n`,
);
writeFileSync(
  manifest,
  `spin_manifest_version = 2
application = { name = "shown", version = "1.2" }
[variables]
password = { default = "hunter2", secret = true }
[[trigger.http]]
route = "/..."
component = "app"
[component.app]
source = "app.ts"
allowed_outbound_hosts = ["https://example.com"]
variables = { key = "{{ password }}" }
[component.app.tool.mayfly.limits]
wall = "7s"
`,
);

interface Watched extends Served {
  readonly admin: string;
}

async function watched(
  t: TestContext,
  address = '127.0.0.1:0',
  env: NodeJS.ProcessEnv = {},
  more: readonly string[] = [],
): Promise<Watched> {
  const served = await up(['-f', manifest, '--admin', address, ...more], env);
  t.after(() => served.process.kill('SIGKILL'));
  const [, admin = ''] = /Dashboard at (\S+),/.exec(served.output()) ?? [];
  return { ...served, admin };
}

test('each page in a browser', async (t) => {
  if (chromium === undefined) return t.skip('there is no chromium (Debian package chromium)');
  const { url, admin } = await watched(t);
  for (const path of ['/one?secret=1', '/two', '/fail']) await (await fetch(url + path)).text();
  const page = await openPage(chromium);
  t.after(() => page.close());
  const shows = (text: string): Promise<void> =>
    page.until(`document.body?.innerText.includes(${JSON.stringify(text)})`);

  await page.open(admin);
  await shows('Live');
  await page.until(
    "[...document.querySelectorAll('polyline')].some((line) => line.getAttribute('points').includes(' '))",
  );
  assert.equal(await page.evaluate('document.title'), 'shown · Mayfly');
  await shows('shown 1.2');
  assert.ok((await page.evaluate("document.querySelectorAll('figure').length")) === 6);

  await page.evaluate("location.hash = '#requests'");
  for (const text of ['GET /one', 'GET /two', 'GET /fail', '500']) await shows(text);
  assert.equal(await page.evaluate("document.body.innerText.includes('secret')"), false);
  await (await fetch(`${url}/while-you-watch`)).text();
  await shows('GET /while-you-watch');

  // By keyboard alone: from the contents to the filter, the button beside it, and the first request.
  await page.evaluate("document.querySelector('#pause').click(); document.querySelector('#main').focus()");
  for (let count = 0; count < 3; count++) await page.press('Tab');
  assert.match(String(await page.evaluate('document.activeElement.id')), /^request-\d+$/);
  await page.press('Enter');
  await shows('GET http://127.0.0.1');
  await shows('/while-you-watch');
  await shows('<b>a line</b>');

  await page.evaluate("location.hash = '#errors'");
  await page.until("document.querySelectorAll('tbody tr').length === 1");
  await page.evaluate("document.querySelector('tbody button').click()");
  await shows('it fell');
  await shows('app.ts:3');

  await page.evaluate("location.hash = '#components'");
  for (const text of ['https://example.com', 'wall', '7 s', 'the manifest', 'key']) await shows(text);
  assert.equal(await page.evaluate("document.body.innerText.includes('hunter2')"), false);

  for (const hash of ['overview', 'requests', 'errors', 'components']) {
    const images: Buffer[] = [];
    for (const scheme of ['light', 'dark'] as const) {
      await page.scheme(scheme);
      await page.evaluate(`location.hash = '#${hash}'`);
      await page.until(`document.querySelector('nav a[aria-current]').hash === '#${hash}'`);
      images.push(await page.screenshot());
    }
    // A page that drew nothing is a few kilobytes of one colour.
    for (const image of images) assert.ok(image.length > 15_000, `${hash}: ${image.length} bytes`);
    assert.notDeepEqual(images[0], images[1]);
  }
  assert.deepEqual(page.errors, []);
});

test('a recorded request is replayed at the press of a button', async (t) => {
  if (chromium === undefined) return t.skip('there is no chromium (Debian package chromium)');
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-recordings-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { url, admin } = await watched(t, '127.0.0.1:0', {}, ['--record', folder]);
  await (await fetch(`${url}/again?secret=1`)).text();
  await until(() => readdirSync(folder).some((name) => name.endsWith('.jsonl')), 'the recording');
  const page = await openPage(chromium);
  t.after(() => page.close());
  await page.open(`${admin}#recordings`);
  await page.until("document.body?.innerText.includes('GET /again')");
  await page.evaluate("[...document.querySelectorAll('tbody button')][0].click()");
  await page.until("document.querySelector('#outcome') !== null");
  await page.until("document.body.innerText.includes('The same: ')");
  assert.ok((await page.screenshot()).length > 15_000);
  assert.deepEqual(page.errors, []);

  const [name = ''] = readdirSync(folder);
  const replay = (file: string, headers = {}) => fetch(`${admin}api/recordings/${file}`, { method: 'POST', headers });
  assert.equal((await replay(name)).status, 403, 'no page from elsewhere has it replayed');
  const own = { 'x-mayfly-dashboard': '1' };
  const both = await Promise.all([replay(name, own), replay(name, own)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 429]);
  for (const none of ['none.jsonl', '..', '%2e%2e%2fspin.toml'])
    assert.equal((await replay(none, own)).status >= 404, true);
  writeFileSync(join(folder, 'broken.jsonl'), 'nothing');
  const { failure } = (await (await replay('broken.jsonl', own)).json()) as { failure: string };
  assert.match(failure, /recording-corrupt/);
});

/** Asks with header fields that `fetch` does not send. */
function statusOf(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      response.destroy();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

const pages = ['', 'dashboard.js', 'api/app', 'api/events', 'api/requests/1'];

test('on a port of this machine alone, whoever calls it by a name of this machine sees it', async (t) => {
  const { url, admin } = await watched(t);
  await (await fetch(url)).text();
  await until(async () => (await statusOf(`${admin}api/requests/1`)) === 200, 'the request');
  for (const path of pages) {
    assert.equal(await statusOf(admin + path), 200, path);
    assert.equal(await statusOf(admin + path, { host: 'localhost:1' }), 200, path);
    assert.equal(await statusOf(admin + path, { host: 'evil.example' }), 421, path);
  }
  for (const path of ['none', 'api/requests/2', '../package.json', '%2e%2e/package.json', 'index.html/']) {
    assert.equal(await statusOf(admin + path), 404, path);
  }
  const { headers } = await fetch(admin);
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
  assert.equal((await fetch(admin, { method: 'POST' })).status, 405);
});

test('on any other port nobody sees it without the token', async (t) => {
  const { admin } = await watched(t, '0.0.0.0:0');
  const [, base = '', token = ''] =
    /^(http:\S+\/)\?token=([0-9a-f]{32})$/.exec(admin.replace('0.0.0.0', '127.0.0.1')) ?? [];
  for (const path of pages) {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { cookie: 'mayfly-token=wrong' }] as const) {
      assert.equal(await statusOf(base + path, headers), 401, path);
    }
    assert.equal(await statusOf(`${base}${path}?token=wrong`), 401, path);
  }
  assert.equal(await statusOf(`${base}metrics`), 200, 'whoever gathers metrics needs none');
  const response = await fetch(`${base}?token=${token}`, { redirect: 'manual' });
  assert.deepEqual([response.status, response.headers.get('location')], [303, '/']);
  const cookie = response.headers.get('set-cookie') ?? '';
  assert.match(cookie, /; HttpOnly; SameSite=Strict$/);
  assert.equal(await statusOf(`${base}api/app`, { cookie: `other=1; ${cookie.split(';')[0]}` }), 200);
  assert.equal(await statusOf(`${base}api/app`, { authorization: `Bearer ${token}` }), 200);
});

test('the operator may choose the token', async (t) => {
  const { admin, output } = await watched(t, '127.0.0.1:0', { MAYFLY_ADMIN_TOKEN: 'chosen' });
  assert.doesNotMatch(output(), /chosen/);
  assert.equal(await statusOf(admin), 401);
  assert.equal(await statusOf(admin, { authorization: 'Bearer chosen' }), 200);
});

test('only so many may watch at once', async (t) => {
  const { admin } = await watched(t);
  const watching = await Promise.all(Array.from({ length: 16 }, () => fetch(`${admin}api/events`)));
  assert.deepEqual(new Set(watching.map(({ status }) => status)), new Set([200]));
  assert.equal(await statusOf(`${admin}api/events`), 503);
  for (const { body } of watching) await body?.cancel();
  await until(async () => (await statusOf(`${admin}api/events`)) === 200, 'a place');
});
