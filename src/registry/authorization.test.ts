// A registry that asks who one is gets an answer: Basic, or a token of its token server, asked for once for all who wait,
// and never over a connection that more people can read than the registry's own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { Authorizer, denied } from './authorization.ts';
import type { Credentials } from './credentials.ts';
import { type Answer, defaultDownloadLimits } from './download.ts';

const pull = { scope: 'repository:a:pull', takesTheirs: false };

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

async function tokenServer(t: TestContext, answer: (response: ServerResponse, asked: Asked) => void) {
  const asked: Asked[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
    const { method, url, headers } = request;
    const one = { method, url, authorization: headers.authorization, body: Buffer.concat(chunks).toString() };
    asked.push(one);
    answer(response, one);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  return { asked, realm: `http://127.0.0.1:${(server.address() as { port: number }).port}/token` };
}

const authorizer = (credentials?: Credentials) =>
  new Authorizer({ registry: 'r.example', findCredentials: async () => credentials, limits: defaultDownloadLimits });

function refusal(challenge: string | undefined, url = 'http://r.example/v2/') {
  let cancelled = 0;
  const headers = new Headers(challenge === undefined ? {} : { 'www-authenticate': challenge });
  const answer = { url: new URL(url), headers, cancel: async () => void cancelled++ } as unknown as Answer;
  return { answer, cancelled: () => cancelled };
}

const login: Credentials = { kind: 'password', user: 'me', password: 'p:w' };
const basic = `Basic ${Buffer.from('me:p:w').toString('base64')}`;
const given = (token: string) => (response: ServerResponse) => void response.end(JSON.stringify({ token }));

test('Basic takes the login, and is of no use without one', async () => {
  const known = authorizer(login);
  const one = refusal('Basic realm="x"');
  assert.equal(known.headerFor(pull), undefined);
  assert.equal(await known.answer(one.answer, pull, undefined), true);
  assert.deepEqual([known.headerFor(pull), one.cancelled()], [basic, 1]);
  assert.equal(await known.answer(refusal('basic').answer, pull, basic), false, 'there is nothing else to ask with');
  for (const credentials of [undefined, { kind: 'identity-token', token: 't' } as const]) {
    assert.equal(await authorizer(credentials).answer(refusal('Basic').answer, pull, undefined), false);
  }
  for (const challenge of [undefined, '', 'Digest realm="x"', 'Bearers realm="x"']) {
    assert.equal(await authorizer(login).answer(refusal(challenge).answer, pull, undefined), false);
  }
  assert.deepEqual([await known.hasLogin(), await authorizer().hasLogin()], [true, false]);
});

test('a token is asked for with the login and the scope that is meant, or with theirs', async (t) => {
  const { asked, realm } = await tokenServer(t, given('abc'));
  const challenge = `Bearer realm="${realm}",service="s x",scope="repository:a:pull repository:b:pull"`;
  const one = authorizer(login);
  assert.equal(await one.answer(refusal(challenge).answer, pull, undefined), true);
  assert.equal(one.headerFor(pull), 'Bearer abc');
  await authorizer().answer(refusal(challenge).answer, { ...pull, takesTheirs: true }, undefined);
  await authorizer().answer(refusal(`Bearer realm="${realm}"`).answer, { ...pull, takesTheirs: true }, undefined);
  assert.deepEqual(
    asked.map(({ method, url, authorization }) => [method, url, authorization]),
    [
      ['GET', '/token?service=s+x&scope=repository%3Aa%3Apull', basic],
      ['GET', '/token?service=s+x&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull', undefined],
      ['GET', '/token?scope=repository%3Aa%3Apull', undefined],
    ],
  );
});

test('an identity token is sent in a form', async (t) => {
  const { asked, realm } = await tokenServer(t, (response) => void response.end('{"access_token":"xyz"}'));
  const one = authorizer({ kind: 'identity-token', token: 'secret' });
  await one.answer(refusal(`Bearer realm="${realm}",service="s"`).answer, pull, undefined);
  await one.answer(refusal(`Bearer realm="${realm}"`).answer, pull, 'Bearer xyz');
  assert.equal(one.headerFor(pull), 'Bearer xyz');
  const form = 'grant_type=refresh_token&refresh_token=secret&client_id=mayfly';
  assert.deepEqual(
    asked.map(({ method, authorization, body }) => [method, authorization, body]),
    [
      ['POST', undefined, `${form}&service=s&scope=repository%3Aa%3Apull`],
      ['POST', undefined, `${form}&scope=repository%3Aa%3Apull`],
    ],
  );
});

test('several who wait get one token, and one who asked with an older one takes the newer', async (t) => {
  let count = 0;
  const { asked, realm } = await tokenServer(t, (response) => given(`t${++count}`)(response));
  const one = authorizer();
  const challenge = `Bearer realm="${realm}"`;
  const answers = [1, 2, 3].map(() => one.answer(refusal(challenge).answer, pull, undefined));
  assert.deepEqual([await Promise.all(answers), asked.length], [[true, true, true], 1]);
  assert.equal(await one.answer(refusal(challenge).answer, pull, 'Bearer older'), true);
  assert.equal(asked.length, 1);
  assert.equal(await one.answer(refusal(challenge).answer, pull, 'Bearer t1'), true);
  assert.equal(one.headerFor(pull), 'Bearer t2');
  const other = { scope: 'repository:b:push', takesTheirs: false };
  assert.equal(one.headerFor(other), undefined);
  await one.answer(refusal(challenge).answer, other, undefined);
  assert.deepEqual([one.headerFor(other), one.headerFor(pull)], ['Bearer t3', 'Bearer t2']);
});

test('a token server that refuses or fails is told, and asked again the next time', async (t) => {
  let status = 401;
  const { asked, realm } = await tokenServer(t, (response) => void response.writeHead(status).end('{"token":"t"}'));
  const challenge = `Bearer realm="${realm}"`;
  for (const refused of [401, 403]) {
    status = refused;
    await assert.rejects(authorizer(login).answer(refusal(challenge).answer, pull, undefined), {
      code: 'registry-denied',
      message: 'r.example refuses the login that there is for it',
    });
    await assert.rejects(authorizer().answer(refusal(challenge).answer, pull, undefined), {
      message: 'r.example wants a login, and there is none for it',
      hint: "Run 'mayfly registry login r.example'",
    });
  }
  status = 404;
  const one = authorizer();
  await assert.rejects(one.answer(refusal(challenge).answer, pull, undefined), {
    code: 'source-unavailable',
    message: /the token server answers with the status 404/,
  });
  status = 200;
  assert.equal(await one.answer(refusal(challenge).answer, pull, undefined), true);
  assert.equal(asked.length, 6);
  assert.equal(denied('r', true).code, 'registry-denied');
});

test('a token that is none, and a token server that must not be asked', async (t) => {
  const answers = ['{}', '{"token":7}', '{"token":""}', '{"token":"a b"}', '{"token":"a\\nb"}', 'null', '[]'];
  for (const text of answers) {
    const { realm } = await tokenServer(t, (response) => void response.end(text));
    await assert.rejects(authorizer().answer(refusal(`Bearer realm="${realm}"`).answer, pull, undefined), {
      code: 'source-unavailable',
      message: /it gives no token/,
    });
  }
  const unsafe = /names no token server that can be asked/;
  for (const [challenge, url] of [
    ['Bearer realm="http://127.0.0.1:1/"', 'https://r.example/v2/'],
    ['Bearer', 'http://r.example/v2/'],
    ['Bearer realm="/token"', 'http://r.example/v2/'],
    ['Bearer realm="ftp://r.example/"', 'http://r.example/v2/'],
  ] as const) {
    const asking = authorizer(login).answer(refusal(challenge, url).answer, pull, undefined);
    await assert.rejects(asking, { message: unsafe }, challenge);
  }
});
