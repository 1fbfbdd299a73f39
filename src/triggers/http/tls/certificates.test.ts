// Certificates by name, and their files when they change: written over, swapped by a link of their folder, broken.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { MayflyError } from '../../../errors.ts';
import { testLog } from '../../../telemetry/log.test-kit.ts';
import { silentLog } from '../../../telemetry/log.ts';
import { dispatcherOf } from '../app.test-kit.ts';
import { hello, serve } from '../server.test-kit.ts';
import { createHttpServer } from '../server.ts';
import { eventually, within } from '../wait.test-kit.ts';
import { one, two } from './certificates.fixture.ts';
import { Certificates } from './certificates.ts';
import { certificateFolder, localhostFiles, writePair } from './files.test-kit.ts';

const LOOK_MS = 10;

/** The name of the certificate that a client gets. */
async function nameAt(port: number, servername?: string): Promise<unknown> {
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port,
    servername: servername ?? '',
    rejectUnauthorized: false,
  });
  await within(once(socket, 'secureConnect'), 'a handshake');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

test('a client gets the certificate of the name that it asks for, and else the first', async () => {
  const certificates = [writePair(certificateFolder(), one), writePair(certificateFolder(), two)];
  const { port } = await serve(hello, {}, { certificates });
  for (const [asked, got] of [
    ['one.example', 'one.example'],
    ['two.example', 'two.example'],
    ['www.two.example', 'two.example'],
    ['a.b.two.example', 'one.example'],
    ['other.example', 'one.example'],
    [undefined, 'one.example'],
  ] as const) {
    assert.equal(await nameAt(port, asked), got, asked ?? 'no name');
  }
});

interface Watched {
  readonly folder: string;
  readonly certificates: Certificates;
  readonly log: ReturnType<typeof testLog>;
  readonly changes: string[];
}

function watched(files: { cert: string; key: string }, folder: string): Watched {
  const log = testLog();
  const certificates = new Certificates([files], log.log);
  after(() => certificates.close());
  const changes: string[] = [];
  certificates.watch(({ cert }) => changes.push(cert), LOOK_MS);
  return { folder, certificates, log, changes };
}

test('files that are written over count from then on', async () => {
  const folder = certificateFolder();
  const { changes, certificates, log } = watched(writePair(folder, one), folder);
  const before = certificates.contextFor('x');
  writePair(folder, two);
  await eventually(() => changes.length > 0, 'the new certificate');
  assert.deepEqual(changes, [two.cert]);
  assert.notEqual(certificates.contextFor('x'), before);
  assert.match(log.messages('info')[0] ?? '', /is new: connections get it from now on/);
});

test('a link of their folder that is swapped, as Kubernetes does it', async () => {
  const folder = certificateFolder();
  const version = (name: string, pair: typeof one): void => {
    mkdirSync(join(folder, name));
    writePair(join(folder, name), pair);
  };
  version('..first', one);
  version('..second', two);
  symlinkSync('..first', join(folder, '..data'));
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(folder, name));
  const { changes } = watched({ cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }, folder);
  symlinkSync('..second', join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  rmSync(join(folder, '..first'), { recursive: true });
  await eventually(() => changes.length > 0, 'the new certificate');
  assert.deepEqual(changes, [two.cert]);
});

test('what cannot be used leaves the old certificate, is told once, and is forgotten when it is mended', async () => {
  const folder = certificateFolder();
  const files = writePair(folder, one);
  const { changes, certificates, log } = watched(files, folder);
  for (const [spoil, reason] of [
    [() => writeFileSync(files.key, two.key), /no certificate and its key: .*mismatch/],
    [() => writeFileSync(files.cert, 'nothing'), /not in the format PEM/],
    [() => rmSync(files.cert), /ENOENT/],
  ] as const) {
    const told = log.messages('error').length;
    spoil();
    await eventually(() => log.messages('error').length > told, 'a line in the log');
    assert.match(log.messages('error').at(-1) ?? '', reason);
  }
  const told = log.messages('error').length;
  await new Promise((resolve) => setTimeout(resolve, 10 * LOOK_MS));
  assert.equal(log.messages('error').length, told);
  assert.equal(certificates.first.cert, one.cert);
  assert.deepEqual(changes, []);
  writePair(folder, two);
  await eventually(() => changes.length > 0, 'the mended certificate');
});

test('a server uses the new certificate for new connections, with a name and without', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const folder = certificateFolder();
  const { port } = await serve(hello, {}, { certificates: [writePair(folder, one)] });
  assert.equal(await nameAt(port), 'one.example');
  writePair(folder, two);
  t.mock.timers.tick(5_000);
  let name: unknown = 'one.example';
  while (name === 'one.example') name = await nameAt(port);
  assert.equal(name, 'two.example');
  assert.equal(await nameAt(port, 'x.example'), 'two.example');
});

test('files that are wrong at the start are an error that names them', async () => {
  const folder = certificateFolder();
  const files = writePair(folder, { cert: one.cert, key: two.key });
  const start = (): Promise<unknown> => {
    const server = createHttpServer({ dispatcher: dispatcherOf(hello, silentLog), certificates: [files] });
    return server.listen({ host: '127.0.0.1', port: 0 });
  };
  const isAbout = (text: string) => (error: unknown) =>
    error instanceof MayflyError && error.code === 'usage' && error.message.includes(text);
  await assert.rejects(start(), isAbout(`"${files.cert}" and "${files.key}" are no certificate and its key`));
  writeFileSync(files.key, 'nothing');
  await assert.rejects(start(), isAbout(`"${files.key}" is not in the format PEM`));
  rmSync(files.key);
  await assert.rejects(start(), isAbout(`Cannot read "${files.key}"`));
});

test('the certificate of localhost still is one', async () => {
  const { port } = await serve(hello, {}, { certificates: [localhostFiles()] });
  assert.equal(await nameAt(port, 'localhost'), 'localhost');
});
