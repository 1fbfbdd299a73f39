// Variables from a server that answers as Vault does.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { providerContract } from './provider.contract.ts';
import { vaultProvider } from './vault.ts';

let url = '';
let secrets: Readonly<Record<string, string>> = {};
let answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
const asked: string[] = [];

const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers['x-vault-token']}`);
  if (answer) return answer(request, response);
  const name = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
  const found = Object.hasOwn(secrets, name);
  response.writeHead(found ? 200 : 404).end(JSON.stringify(found ? secret({ value: secrets[name] }) : { errors: [] }));
});
const secret = (data: unknown) => ({ data: { data, metadata: { version: 1 } } });

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const vault = (options: { prefix?: string; timeoutMs?: number } = {}) =>
  vaultProvider({ url, token: 'the-token', mount: 'kv', ...options });

providerContract('vault', (values) => {
  secrets = values;
  answer = undefined;
  return vault();
});

test('vault: asks for the secret with its token, below mount and prefix', async () => {
  asked.length = 0;
  answer = (_, response) => response.end(JSON.stringify(secret({ value: 'v' })));
  assert.equal(await vault().get('api_key'), 'v');
  assert.equal(await vaultProvider({ url: `${url}/`, token: 't', mount: '/a b/c/', prefix: '/x/y/' }).get('k'), 'v');
  assert.deepEqual(asked, ['GET /v1/kv/data/api_key the-token', 'GET /v1/a%20b/c/data/x/y/k t']);
});

test('vault: says what went wrong, without the token, and takes it nowhere else', { timeout: 10_000 }, async () => {
  const failing: [typeof answer, RegExp][] = [
    [(_, response) => response.writeHead(403).end('{}'), /the server answered with the status 403/],
    [(_, response) => response.end(JSON.stringify(secret({ other: 'x' }))), /no field "value" with a string/],
    [(_, response) => response.end(JSON.stringify(secret({ value: 1 }))), /no field "value" with a string/],
    [(_, response) => response.end('null'), /no field "value"/],
    [(_, response) => response.end('no JSON'), /JSON/],
    [(_, response) => response.writeHead(307, { location: '/v1/elsewhere' }).end(), /cannot be reached: .*redirect/],
    [(request) => request.socket.destroy(), /cannot be reached/],
    [() => undefined, /cannot be reached: .*timeout/],
  ];
  for (const [wrong, message] of failing) {
    answer = wrong;
    asked.length = 0;
    await assert.rejects(
      async () => vault({ timeoutMs: 300 }).get('a'),
      (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /the-token/);
        return true;
      },
    );
    assert.equal(asked.length, 1, String(message));
  }
});
