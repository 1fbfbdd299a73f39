// Guests of Spin 1, in each form that its SDKs made: through the library, and some through a socket.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type App, load } from '../../src/index.ts';
import { type Spin1Form, spin1Forms, spin1Guest } from '../support/spin-1.ts';
import { up } from '../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-spin-1-'));
const upstream = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    response.setHeader('x-given', String(request.headers['x-given']));
    response.setHeader('x-length', String(request.headers['content-length']));
    response.end(Buffer.from(`${request.method} ${request.url} ${Buffer.concat(pieces)}`));
  });
});
await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
const { port } = upstream.address() as AddressInfo;
after(() => {
  upstream.close();
  rmSync(folder, { recursive: true });
});

async function appOf(form: Spin1Form, settings = '', more = ''): Promise<App> {
  const name = form.replaceAll(' ', '-');
  writeFileSync(join(folder, `${name}.wasm`), await spin1Guest(form, more));
  writeFileSync(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2
[application]
name = "guest"
[variables]
word = { default = "wörd" }
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = "${name}.wasm"
variables = { word = "{{ word }}!" }
allowed_outbound_hosts = ["http://127.0.0.1:${port}", "http://self"]
[component.guest.tool.mayfly]
${settings}`,
  );
  return load(folder);
}

for (const form of spin1Forms) {
  describe(form, async () => {
    const app = await appOf(form);
    after(() => app.close());
    const ask = (path: string, init?: RequestInit): Promise<Response> =>
      app.fetch(new Request(`http://localhost${path}`, init));

    test('request and response go through as they are', async () => {
      const answer = await ask('/echo?q=%20', {
        method: 'PUT',
        headers: { 'X-Given': 'Ã©' },
        body: 'x'.repeat(200_000),
      });
      assert.equal(answer.status, 200);
      assert.equal((await answer.text()).length, 200_000);
      assert.equal(answer.headers.get('x-given'), 'Ã©');
      assert.equal(answer.headers.get('spin-full-url'), 'http://localhost/echo?q=%20');
      assert.equal(answer.headers.get('spin-path-info'), '/echo');
      const none = await ask('/none');
      assert.deepEqual([none.status, [...none.headers], await none.text()], [204, [], '']);
    });

    test('methods that the interface has, and those that it has not', async () => {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']) {
        assert.equal((await ask('/echo', { method })).status, 200, method);
      }
      for (const method of ['PROPFIND', 'get2']) {
        const answer = await ask('/echo', { method });
        assert.deepEqual([answer.status, answer.headers.get('allow')?.slice(0, 9)], [405, 'GET, POST'], method);
      }
    });

    test('each request has a sandbox of its own', async () => {
      for (let count = 0; count < 3; count++) assert.equal(await (await ask('/count')).text(), '1');
    });

    test('what cannot be sent is an error, and the length is that of the body', async () => {
      for (const path of ['/trap', '/status', '/header']) assert.equal((await ask(path)).status, 500, path);
      const answer = await ask('/size', { method: 'POST', body: 'abc' });
      assert.deepEqual([answer.status, await answer.text()], [200, 'abc']);
      assert.equal((await ask('/size', { method: 'HEAD' })).headers.get('content-length'), '7');
    });

    test('a store that the manifest does not name', async () => {
      assert.equal((await ask('/store')).status, 562);
    });

    test('variables', async () => {
      const value = await ask('/config', { method: 'POST', body: 'word' });
      assert.deepEqual([value.status, await value.text()], [200, 'wörd!']);
      const provider = await ask('/config', { method: 'POST', body: 'other' });
      assert.equal(provider.status, 550);
      assert.equal((await ask('/config', { method: 'POST', body: 'No Name' })).status, 551);
    });

    test('requests that it sends', async () => {
      const sent = await ask(`/send/http://127.0.0.1:${port}/up?x=1`, {
        method: 'POST',
        headers: { 'x-given': 'given', 'content-length': '99', 'transfer-encoding': 'chunked', te: 'trailers' },
        body: 'body',
      });
      assert.deepEqual([sent.status, await sent.text()], [200, 'POST /up?x=1 body']);
      assert.deepEqual([sent.headers.get('x-given'), sent.headers.get('x-length')], ['given', '4']);
      const bytes = await ask(`/send/http://127.0.0.1:${port}/`, { headers: { 'x-given': 'Ã©' } });
      assert.equal(bytes.headers.get('x-given'), 'Ã©');
      assert.equal(await (await ask(`/send/http://127.0.0.1:${port}`)).text(), 'GET / ');
      assert.equal((await ask('/send//none')).status, 204);
    });

    test('requests that it may not send', async () => {
      const statuses = { denied: 551, 'no URL': 552 };
      const cases: [string, number][] = [
        ['http://127.0.0.1:1/', statuses.denied],
        ['https://127.0.0.1/', statuses.denied],
        [`http://user:word@127.0.0.1:${port}/`, statuses['no URL']],
        ['http://@127.0.0.1/', statuses['no URL']],
        ['ftp://127.0.0.1/', statuses['no URL']],
        ['nothing', statuses['no URL']],
        ['http:///', statuses['no URL']],
        [`http://127.0.0.1:${port}x/`, statuses['no URL']],
      ];
      for (const [url, status] of cases) assert.equal((await ask(`/send/${url}`)).status, status, url);
    });
  });
}

test('a module of before components with a main function is no CGI program, and keeps no sandbox', async () => {
  const app = await appOf('before components', 'reuse = 5', '(func (export "_start") unreachable)');
  const count = async (): Promise<string> => (await app.fetch(new Request('http://localhost/count'))).text();
  assert.deepEqual([await count(), await count()], ['1', '1']);
  await app.close();
  const reused = await appOf('component', 'reuse = 5');
  const again = async (): Promise<string> => (await reused.fetch(new Request('http://localhost/count'))).text();
  assert.deepEqual([await again(), await again()], ['1', '2']);
  await reused.close();
});

test('a body over the limit is refused, and so is an answer', async () => {
  const app = await appOf('component', 'limits = { held = "100KiB" }');
  const post = (path: string, body: string | ReadableStream): Promise<Response> =>
    app.fetch(new Request(`http://localhost${path}`, { method: 'POST', body, duplex: 'half' } as RequestInit));
  const pieces = (size: number): ReadableStream =>
    ReadableStream.from([new Uint8Array(size / 2), new Uint8Array(size / 2)]);
  assert.equal((await post('/none', 'x'.repeat(102_401))).status, 413);
  assert.equal((await post('/none', 'x'.repeat(102_400))).status, 204);
  assert.equal((await post('/none', pieces(102_402))).status, 413);
  assert.equal((await post('/none', pieces(102_400))).status, 204);
  assert.equal((await post('/size', 'x'.repeat(90_000))).status, 200);
  assert.equal((await post('/size', 'x'.repeat(102_400))).status, 200);
  assert.equal((await post('/echo', 'x'.repeat(102_400))).status, 500);
  await app.close();
});

test('out of the cache they are the same', async () => {
  const cacheDirectory = join(folder, 'cache');
  for (const form of spin1Forms) {
    for (let time = 0; time < 2; time++) {
      await (await appOf(form)).close();
      const app = await load(folder, { cacheDirectory });
      const answer = await app.fetch(new Request('http://localhost/echo', { method: 'POST', body: form }));
      assert.equal(await answer.text(), form);
      await app.close();
    }
  }
});

test('a warm request is answered before the image is taken', async () => {
  const app = await appOf('component', 'warm = "/count"');
  assert.equal(await (await app.fetch(new Request('http://localhost/count'))).text(), '2');
  await app.close();
});

test('through a socket, with resets verified, and as a bare file', { timeout: 60_000 }, async () => {
  for (const form of ['first section', 'before components'] as const) {
    const file = join(folder, 'bare.wasm');
    writeFileSync(file, await spin1Guest(form));
    const served = await up(['-f', file]);
    for (const body of ['hello', 'x'.repeat(100_000), '']) {
      const answer = await fetch(`${served.url}/echo`, { method: 'POST', headers: { 'x-given': '1' }, body });
      assert.equal(await answer.text(), body);
      assert.equal(answer.headers.get('x-given'), '1');
    }
    assert.equal(`http://${await (await fetch(`${served.url}/host`)).text()}`, served.url);
    assert.equal((await fetch(`${served.url}/trap`)).status, 500);
    assert.equal(await served.stop(), 0);
    assert.doesNotMatch(served.output(), /it imports/);
  }
});
