// Requests that programs send: what reaches a real server, and what comes back.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { engineNames } from '../../src/app/script-file.ts';
import { load } from '../../src/index.ts';
import { within } from '../../src/triggers/http/wait.test-kit.ts';

let server: Server;
let url: string;

before(async () => {
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    if (request.url === '/moved') response.writeHead(302, { location: '/seen' }).end();
    else if (request.url === '/round') response.writeHead(307, { location: '/round' }).end();
    else if (request.url === '/slow') setTimeout(() => response.end('slow'), 2000).unref();
    else if (request.url === '/large') response.end('z'.repeat(500_000));
    else {
      const { method, headers } = request;
      response.setHeader('x-answer', 'yes');
      response.end(
        JSON.stringify({
          method,
          url: request.url,
          body,
          type: headers['content-type'] ?? null,
          a: headers['x-a'] ?? null,
        }),
      );
    }
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const cases = [
  [
    'a request',
    'fetch(base + "/a?b").then(async (r) => [r.status, r.headers.get("x-answer"), (await r.json()).url])',
    [200, 'yes', '/a?b'],
  ],
  [
    'a body and headers',
    'fetch(base + "/p", { method: "POST", body: "äö", headers: { "x-a": "b" } }).then((r) => r.json())',
    { method: 'POST', url: '/p', body: 'äö', type: 'text/plain;charset=UTF-8', a: 'b' },
  ],
  [
    'a body that is a stream',
    'fetch(base + "/p", { method: "PUT", duplex: "half", body: new Blob(["x".repeat(100000)]).stream() }).then(async (r) => (await r.json()).body.length)',
    100_000,
  ],
  ['a large answer', 'fetch(base + "/large").then(async (r) => (await r.text()).length)', 500_000],
  ['a redirect', 'fetch(base + "/moved").then(async (r) => [r.redirected, (await r.json()).url])', [true, '/seen']],
  [
    'a redirect by hand',
    'fetch(base + "/moved", { redirect: "manual" }).then((r) => [r.status, r.headers.get("location")])',
    [302, '/seen'],
  ],
  [
    'a redirect without end',
    'fetch(base + "/round").catch((e) => [e.name, e.message.includes("is the redirect number 21")])',
    ['TypeError', true],
  ],
  [
    'one that is given up',
    'fetch(base + "/slow", { signal: AbortSignal.timeout(30) }).catch((e) => e.name)',
    'TimeoutError',
  ],
  [
    'a body of which a part is read',
    '(async () => { const r = await fetch(base + "/large"); const { value } = await r.body.getReader().read(); return value.length > 0; })()',
    true,
  ],
  ['a body that nobody reads', 'fetch(base + "/large").then((r) => r.status)', 200],
  [
    'many at once',
    'Promise.all([1, 2, 3, 4].map((n) => fetch(base + "/" + n).then(async (r) => (await r.json()).url)))',
    ['/1', '/2', '/3', '/4'],
  ],
  ['a server that is not there', 'fetch("http://127.0.0.1:1/").catch((e) => e.name)', 'TypeError'],
  ['an address that is none', 'fetch("nope").catch((e) => e.name)', 'TypeError'],
] as const;

for (const [engine, name, expression, answer] of engineNames.flatMap((one) =>
  cases.map((given) => [one, ...given] as const),
)) {
  test(`${engine}: ${name}`, async (t) => {
    const script = `const base = ${JSON.stringify(url)}; export default { fetch: async () => Response.json(await (${expression})) };`;
    const app = await load({ script }, { engine, permissions: { allowedOutboundHosts: [url, 'http://127.0.0.1:1'] } });
    t.after(() => app.close());
    const response = await within(app.fetch(new Request('http://app/')), 'the answer');
    assert.deepEqual(await response.json(), answer);
  });
}
