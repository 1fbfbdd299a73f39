// Redirects are followed to where something may be fetched, a few of them and nowhere else; what takes too long ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import { redirected, request } from './download.ts';
import { collect } from './json.ts';

const leads = (from: string, to: string, isChecked = false): string =>
  redirected('https://example.com/a', new URL(from), to, isChecked).href;

test('a redirect may be relative, lead to another server, and to TLS', () => {
  assert.equal(leads('https://example.com/a/b', '../c'), 'https://example.com/c');
  assert.equal(leads('https://example.com/a', 'https://other.example.com/b'), 'https://other.example.com/b');
  assert.equal(leads('http://example.com/a', 'https://example.com/a'), 'https://example.com/a');
  assert.equal(leads('http://example.com/a', 'http://other.example.com/'), 'http://other.example.com/');
});

test('it leads away from TLS only for what has a digest, and never to another protocol', () => {
  assert.equal(leads('https://example.com/a', 'http://example.com/a', true), 'http://example.com/a');
  for (const to of ['http://example.com/a', 'file:///etc/passwd', 'data:,x', 'http://', 'ftp://example.com/']) {
    assert.throws(() => leads('https://example.com/a', to), { code: 'source-unavailable' }, to);
  }
  assert.throws(() => leads('https://example.com/a', 'file:///etc/passwd', true), { code: 'source-unavailable' });
});

async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const few = { bytes: 10, silenceMs: 300, totalMs: 5_000, redirects: 3 };

test('so many redirects are followed and no more, and a login goes to no other server', {
  timeout: 10_000,
}, async (t) => {
  const seen: (string | undefined)[] = [];
  const other = await serve(t, ({ headers }, response) => {
    seen.push(headers.authorization, headers['x-a'] as string);
    response.end('there');
  });
  const url = await serve(t, ({ url: path = '' }, response) => {
    const left = Number(path.slice(1));
    const location = left > 0 ? `/${left - 1}` : `${other}/`;
    response.writeHead(302, { location }).end();
  });
  const headers = { authorization: 'secret', 'x-a': '1' };
  const answer = await request(`${url}/2`, { limits: few, headers });
  assert.equal(answer.status, 200);
  assert.equal(String(await collect(answer.pieces())), 'there');
  assert.deepEqual(seen, [undefined, '1']);
  await assert.rejects(request(`${url}/3`, { limits: few }), {
    code: 'source-unavailable',
    message: /it leads over more than 3 redirects/,
  });
});

test('silence, a download that takes too long and one that is too long end it', { timeout: 10_000 }, async (t) => {
  const hangs = await serve(t, () => {});
  await assert.rejects(request(hangs, { limits: few }), { message: /the server said nothing for 0\.3 s/ });
  await assert.rejects(request(hangs, { limits: { ...few, silenceMs: 5_000, totalMs: 200 } }), {
    message: /it took longer than 0\.2 s/,
  });
  const stalls = await serve(t, (_, response) => void response.writeHead(200).write('x'));
  const stalled = await request(stalls, { limits: few });
  await assert.rejects(collect(stalled.pieces()), { message: /the server said nothing for 0\.3 s/ });
  const sized = await serve(t, ({ url = '' }, response) => response.end('x'.repeat(Number(url.slice(1)))));
  assert.equal((await collect((await request(`${sized}/10`, { limits: few })).pieces())).length, 10);
  const long = await request(`${sized}/11`, { limits: few });
  await assert.rejects(collect(long.pieces()), { message: /it has more than 10 bytes/ });
  await assert.rejects(request('http://u:p@127.0.0.1:1/', { limits: few }), { message: /a URL with a user/ });
});
