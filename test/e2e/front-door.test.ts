// How clients reach `mayfly up`, through real sockets: versions of HTTP, TLS and its files, the port that redirects.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import net, { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { one, two } from '../../src/triggers/http/tls/certificates.fixture.ts';
import { eventually, within } from '../../src/triggers/http/wait.test-kit.ts';
import { guestPath } from '../guests/build.ts';
import { freePort } from '../support/servers/free-port.ts';
import { mayfly, root, serve } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-front-door-'));
after(() => rmSync(folder, { recursive: true }));
const timeout = 60_000;
const bin = join(root, 'bin', 'mayfly.mjs');

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

before(async () => {
  const source = JSON.stringify(await guestPath('cgi-c'));
  write(
    'spin.toml',
    `spin_manifest_version = 2\napplication.name = "door"\n[[trigger.http]]\nroute = "/..."\ncomponent = "a"\n[component.a]\nsource = ${source}\n`,
  );
  for (const [name, pair] of Object.entries({ one, two })) {
    write(`${name}.crt`, pair.cert);
    write(`${name}.key`, pair.key);
  }
});

const hasCurl = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout?.includes('HTTP2') ?? false;

/** What curl says of an answer: its version and its status. */
function curl(...args: string[]): string {
  const format = ['-s', '-k', '-o', '/dev/null', '-w', '%{http_version} %{http_code} %{redirect_url}', '-m', '20'];
  const { stdout } = spawnSync('curl', [...format, ...args], { encoding: 'utf8' });
  return stdout.trim();
}

async function certificateAt(url: string, servername: string): Promise<unknown> {
  const { port } = new URL(url);
  const socket = connect({ host: '127.0.0.1', port: Number(port), servername, rejectUnauthorized: false });
  await within(once(socket, 'secureConnect'), 'a handshake');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

const tls = ['--tls-cert', 'one.crt', '--tls-key', 'one.key', '--tls-cert', 'two.crt', '--tls-key', 'two.key'];

for (const workers of [[], ['--workers', '2']]) {
  test(`TLS with two certificates, HTTP/2 and the port that redirects ${workers.join(' ')}`, { timeout }, async () => {
    const port = await freePort();
    const app = await serve([...tls, '--http-port', String(port), ...workers], folder);
    assert.equal(await certificateAt(app.url, 'one.example'), 'one.example');
    assert.equal(await certificateAt(app.url, 'www.two.example'), 'two.example');
    const session = connectHttp2(app.url, { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/' });
    const [headers] = await within(once(stream, 'response'), 'an answer of HTTP/2');
    assert.equal(headers[':status'], 200);
    session.destroy();
    const redirected = await fetch(`http://127.0.0.1:${port}/a?b`, { method: 'POST', redirect: 'manual' });
    assert.equal(redirected.status, 308);
    assert.equal(redirected.headers.get('location'), `${app.url}/a?b`);
    assert.equal((await fetch(`http://127.0.0.1:${port}/.well-known/spin/health`)).status, 200);
    if (hasCurl) {
      assert.match(curl('--http2', app.url), /^2 200/);
      assert.match(curl('--http1.1', app.url), /^1\.1 200/);
    }
    app.kill('SIGTERM');
    assert.equal((await app.ended).code, 0);
  });
}

test('HTTP/2 without TLS, on request only', { timeout, skip: hasCurl ? false : 'no curl with HTTP/2' }, async () => {
  const app = await serve(['--http2'], folder);
  assert.match(curl('--http2-prior-knowledge', app.url), /^2 200/);
  assert.match(curl('--http1.1', app.url), /^1\.1 200/);
  app.kill('SIGTERM');
  assert.equal((await app.ended).code, 0);
  const plain = await serve([], folder);
  assert.match(curl('--http2-prior-knowledge', plain.url), /^0 000/);
  assert.match(curl('--http1.1', plain.url), /^1\.1 200/);
  plain.kill('SIGTERM');
});

/** Sends bytes, and gives all that comes back. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connectPlain(port, '127.0.0.1').setEncoding('latin1');
  socket.end(bytes);
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  await within(once(socket, 'close'), 'the end of a connection');
  return text;
}

for (const workers of [[], ['--workers', '2']]) {
  test(`a trusted proxy, by header and by protocol ${workers.join(' ')}`, { timeout }, async () => {
    const request = 'GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n';
    const line = 'PROXY TCP4 127.0.0.1 127.0.0.1 4711 80\r\n';
    const app = await serve(['--trust-proxy', '127.0.0.0/8', '--proxy-protocol', ...workers], folder);
    const port = Number(new URL(app.url).port);
    assert.match(await exchange(port, `${line}${request}`), /^HTTP\/1\.1 200 /);
    assert.equal(await exchange(port, request), '');
    await app.printed(/does not speak the PROXY protocol/);
    app.kill('SIGTERM');
    assert.equal((await app.ended).code, 0);
  });
}

test('a new certificate is used without a new start, and a broken one is not', { timeout }, async () => {
  write('live.crt', one.cert);
  write('live.key', one.key);
  const app = await serve(['--tls-cert', 'live.crt', '--tls-key', 'live.key'], folder);
  write('live.crt', 'broken');
  await app.printed(/The new certificate in "live.crt" cannot be used, the old one stays/);
  assert.equal(await certificateAt(app.url, 'x'), 'one.example');
  write('live.key', two.key);
  write('live.crt', two.cert);
  await app.printed(/The certificate in "live.crt" is new/);
  assert.equal(await certificateAt(app.url, 'x'), 'two.example');
  app.kill('SIGTERM');
  assert.equal((await app.ended).code, 0);
});

/** Asks over a socket with a path. */
async function askAt(socketPath: string): Promise<number | undefined> {
  const asked = request({ socketPath, path: '/' }).end();
  const [response] = await within(once(asked, 'response'), 'an answer over a path');
  response.resume();
  return response.statusCode;
}

for (const workers of [[], ['--workers', '2']]) {
  test(`a socket with a path: its mode, an old one in its place, its end ${workers.join(' ')}`, {
    timeout,
  }, async () => {
    const path = join(folder, 'app.sock');
    const start = (): ReturnType<typeof serve> =>
      serve(['--listen', `unix:${path}`, '--socket-mode', '660', ...workers], folder);
    const first = await start();
    assert.equal(await askAt(path), 200);
    assert.equal(lstatSync(path).mode & 0o777, 0o660);
    const second = mayfly(['up', '--listen', `unix:${path}`], folder);
    assert.match(second.stderr, /error\[listen-failed\]: Cannot listen on .*app\.sock: somebody listens there/);
    assert.equal(await askAt(path), 200);
    first.kill('SIGKILL');
    await first.ended;
    // Workers end a little later than their parent.
    await eventually(() => !existsSync(path) || mayflyIsGone(path), 'the end of all that listened');
    const third = await start();
    assert.equal(await askAt(path), 200);
    third.kill('SIGTERM');
    assert.equal((await third.ended).code, 0);
    assert.equal(existsSync(path), false);
  });
}

function mayflyIsGone(path: string): boolean {
  return (
    spawnSync(process.execPath, [
      '-e',
      `require('net').connect(${JSON.stringify(path)}).on('connect', () => process.exit(1)).on('error', () => process.exit(0))`,
    ]).status === 0
  );
}

interface BoundSocket {
  readonly fd: number;
  getsockname(out: { port?: number }): void;
  close(): void;
}

for (const workers of [[], ['--workers', '2']]) {
  test(`a socket that systemd has opened ${workers.join(' ')}`, { timeout }, async (t) => {
    // It is bound, and nobody else accepts from it.
    const { _createServerHandle } = net as typeof net & { _createServerHandle: (...args: unknown[]) => BoundSocket };
    const socket = _createServerHandle('127.0.0.1', 0, 4);
    t.after(() => socket.close());
    const { fd } = socket;
    const out: { port?: number } = {};
    socket.getsockname(out);
    const { port } = out;
    const command = `LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec '${process.execPath}' '${bin}' up --listen systemd:web ${workers.join(' ')}`;
    const child = spawn('sh', ['-c', command], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit', fd] });
    t.after(() => child.kill('SIGKILL'));
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await eventually(() => printed.includes(`http://127.0.0.1:${port} (`), 'the routes', 60_000);
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
    child.kill('SIGTERM');
    assert.equal((await within(once(child, 'exit'), 'the end'))[0], 0);
  });
}

test('flags that do not go together are told', { timeout }, () => {
  const run = (...args: string[]): string => mayfly(['up', ...args], folder).stderr;
  assert.match(run('--http-port', '8080'), /'--http-port' leads to the port with TLS: it needs '--tls-cert'/);
  assert.match(run('--proxy-protocol'), /'--proxy-protocol' is for proxies that '--trust-proxy' names/);
  assert.match(run('--trust-proxy', 'example.org'), /"example.org" is not an address of a proxy/);
  assert.match(run('--listen', 'systemd'), /No socket was passed to this process/);
  assert.match(run('--listen', 'unix:'), /"unix:" has no path/);
  assert.match(run('--listen', 'unix:a', '--find-free-port'), /'--find-free-port' is for '--listen' with an address/);
  assert.match(run('--socket-mode', '660'), /'--socket-mode' is for a socket with a path/);
  assert.match(run('--listen', 'unix:a', '--socket-mode', 'rw'), /"rw" is no mode/);
  assert.match(run('--http-port', '0'), /"0" is not a port/);
  assert.match(run('--tls-cert', 'one.crt', '--tls-cert', 'two.crt', '--tls-key', 'one.key'), /need each other/);
  assert.match(
    run('--tls-cert', 'one.crt', '--tls-key', 'two.key'),
    /"one.crt" and "two.key" are no certificate and its/,
  );
  assert.match(run('--tls-cert', 'gone.crt', '--tls-key', 'two.key'), /Cannot read "gone.crt"/);
});
