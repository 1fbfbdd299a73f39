// Outbound HTTP holds to the runtime configuration: networks that are blocked, connections that are counted, and
// certificates by component and host.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import {
  type ClientTlsConfig,
  defaultRuntimeConfig,
  type RuntimeConfig,
} from '../../app/runtime-config/runtime-config.ts';
import { testLog } from '../../telemetry/log.test-kit.ts';
import { parseAllowedHosts } from '../network/allowed-hosts.ts';
import { createOutboundNetwork, type OutboundNetwork } from '../network/outbound-network.ts';
import type { HttpClient } from './client.ts';
import { createSendRequest } from './send.ts';
import { answers, client, codeOf, exchange, get, OK, settled, upstream, within } from './upstream.test-kit.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-tls-'));
after(() => rmSync(folder, { recursive: true }));

function network(config: Partial<RuntimeConfig>): OutboundNetwork {
  return createOutboundNetwork({ ...defaultRuntimeConfig(), ...config });
}

function blocking(...blockNetworks: string[]): OutboundNetwork {
  const { outboundNetworking } = defaultRuntimeConfig();
  return network({ outboundNetworking: { ...outboundNetworking, blockNetworks } });
}

test('blocked networks are not reached, however the host is written, and the log says so', async () => {
  const { port, connections } = await upstream(answers(OK));
  const { log, lines } = testLog();
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '0.0.0.0']) {
    const made = client({ network: blocking('127.0.0.0/8', '::1') });
    const allowedHosts = parseAllowedHosts(['*://*:*']);
    const dispatch = (): never => assert.fail('no component is meant');
    const send = createSendRequest({ componentId: 'c', allowedHosts, dispatch, log, client: made });
    const code = await codeOf(get(port, { authority: `${host}:${port}` }), {}, { send, close: () => undefined });
    assert.equal(code, 'destination-IP-prohibited', host);
  }
  assert.deepEqual(connections, []);
  assert.deepEqual(new Set(lines.map(({ fields }) => fields.event)), new Set(['network-blocked']));
  assert.equal(await exchange(client({ network: blocking('10.0.0.0/8', 'fc00::/7') }), get(port)), '200 ok');
});

test('without pooling each request has a connection of its own', async () => {
  const { port, connections } = await upstream(answers(OK));
  const made = client({ network: network({ outboundHttp: { connectionPooling: false, maxConnections: undefined } }) });
  for (let count = 0; count < 3; count++) assert.equal(await exchange(made, get(port)), '200 ok');
  assert.equal(connections.length, 3);
  assert.match(connections[0] ?? '', /connection: close/i);
});

const limited = (maxConnections: number): OutboundNetwork =>
  network({ outboundHttp: { connectionPooling: true, maxConnections } });

test('requests beyond max_connections wait, and get a connection when one is free', async () => {
  let open = 0;
  let most = 0;
  const { port } = await upstream((socket) => {
    most = Math.max(most, ++open);
    setTimeout(() => {
      open--;
      socket.write(OK);
    }, 20);
  });
  const shared = limited(2);
  const [one, two] = [client({ network: shared }), client({ network: shared })];
  const all = Array.from({ length: 8 }, (_, at) => exchange(at % 2 === 0 ? one : two, get(port)));
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['200 ok']));
  assert.equal(most, 2);
});

test('a connection that is only kept gives way to a request elsewhere', async () => {
  const [first, second] = [await upstream(answers(OK)), await upstream(answers(OK))];
  const shared = limited(1);
  const [one, two] = [client({ network: shared }), client({ network: shared })];
  assert.equal(await exchange(one, get(first.port)), '200 ok');
  await settled();
  assert.equal(shared.permits.taken('http'), 1, 'it is kept');
  assert.equal(await exchange(two, get(second.port)), '200 ok');
  assert.equal(await exchange(two, get(first.port)), '200 ok');
  two.close();
  await settled();
  assert.equal(shared.permits.taken('http'), 0);
});

test('who waits in vain, or gives up, takes no connection', async () => {
  const { port, connections } = await upstream(() => undefined);
  const made = client({ network: limited(1) });
  const holder = new AbortController();
  const held = made.send(get(port), { signal: holder.signal }).catch(() => undefined);
  assert.equal(await codeOf(get(port), { connectTimeoutMs: 30 }, made), 'connection-timeout');
  const gone = new AbortController();
  const waiting = codeOf(get(port), { signal: gone.signal }, made);
  gone.abort();
  assert.equal(await waiting, 'connection-terminated');
  holder.abort();
  await within(held, 'the first request to end');
  await settled();
  assert.equal(connections.length, 1);
});

/** Makes a private authority with a server's and a client's certificate. */
function makeCertificates(): void {
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe', timeout: 20_000 });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority', '-days', '2');
  for (const [name, alternative] of [
    ['server', 'DNS:localhost,IP:127.0.0.1'],
    ['client', 'DNS:client'],
  ] as const) {
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', `subjectAltName=${alternative}`, '-days', '2'];
    openssl('req', '-x509', ...ec, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`, ...signed);
  }
}

async function mutualServer(): Promise<number> {
  const pem = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const options = { key: pem('server.key'), cert: pem('server.pem'), ca: pem('ca.pem'), requestCert: true };
  const server = createHttpsServer({ ...options, rejectUnauthorized: false }, (req, res) => {
    const socket = req.socket as TLSSocket;
    const { subject } = socket.getPeerCertificate();
    res.end(socket.authorized ? String(subject.CN) : 'a stranger');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const entry = (parts: Partial<ClientTlsConfig>): ClientTlsConfig => ({
  componentIds: ['mine'],
  hosts: ['localhost'],
  caUsePlatformRoots: false,
  caUseWebpkiRoots: false,
  caRootsFile: join(folder, 'ca.pem'),
  clientCertFile: undefined,
  clientPrivateKeyFile: undefined,
  ...parts,
});

test('authorities and certificates count for the components and hosts that they are for', async () => {
  makeCertificates();
  const port = await mutualServer();
  const own = { clientCertFile: join(folder, 'client.pem'), clientPrivateKeyFile: join(folder, 'client.key') };
  const shared = network({
    clientTls: [
      entry(own),
      entry({ componentIds: ['*'], hosts: ['127.0.0.0', '127.0.0.1'] }),
      entry({ componentIds: ['strict'], hosts: ['*'], caRootsFile: undefined }),
    ],
  });
  const of = (componentId: string): HttpClient => client({ network: shared, componentId });
  const at = (host: string) => get(port, { scheme: 'https', authority: `${host}:${port}` });
  assert.equal(await exchange(of('mine'), at('localhost')), '200 client');
  assert.equal(await exchange(of('mine'), at('127.0.0.1')), '200 a stranger');
  assert.equal(await codeOf(at('localhost'), {}, of('other')), 'TLS-certificate-error');
  assert.equal(await exchange(of('other'), at('127.0.0.1')), '200 a stranger');
  assert.equal(await codeOf(at('localhost'), {}, of('strict')), 'TLS-certificate-error');
  // One component does both in turn: a connection with a certificate does not serve where none is to be shown.
  const mine = of('mine');
  for (const [host, who] of [
    ['localhost', 'client'],
    ['127.0.0.1', 'a stranger'],
    ['LOCALHOST', 'client'],
  ] as const) {
    assert.equal(await exchange(mine, at(host)), `200 ${who}`);
  }
});

test('an entry is for hosts as they are written, with * before a domain or for all', () => {
  makeCertificates();
  const tlsFor = (hosts: string[]) => network({ clientTls: [entry({ hosts })] }).tlsFor;
  const fits = (pattern: string, host: string): boolean => tlsFor([pattern])('mine', host) !== undefined;
  assert.deepEqual(
    [
      ['a.example', 'A.example'],
      ['*.example', 'a.b.EXAMPLE'],
      ['*', 'x'],
      ['::1', '[::1]'],
      ['[::1]', '[0::1]'],
    ].map(([pattern, host]) => fits(pattern!, host!)),
    [true, true, true, true, true],
  );
  assert.deepEqual(
    [
      ['a.example', 'b.a.example'],
      ['*.example', 'example'],
      ['*.example', 'anexample'],
      ['127.0.0.1', '[::1]'],
    ].map(([pattern, host]) => fits(pattern!, host!)),
    [false, false, false, false],
  );
});
