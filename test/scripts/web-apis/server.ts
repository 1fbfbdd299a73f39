// The server that rows of docs/web-apis.md ask.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

const long = 'hello'.repeat(100);

type Answer = (request: IncomingMessage, response: ServerResponse, away: string) => void | Promise<void>;

const compressed =
  (encoding: string, bytes: Buffer): Answer =>
  (_, response) =>
    void response.writeHead(200, { 'content-encoding': encoding }).end(bytes);

const answers: Readonly<Record<string, Answer>> = {
  '/text': (_, response) => void response.end('hello'),
  '/moved': (_, response) => void response.writeHead(302, { location: '/text' }).end(),
  '/away': (_, response, away) => void response.writeHead(307, { location: `${away}/authorization` }).end(),
  '/authorization': (request, response) => void response.end(request.headers.authorization ?? 'none'),
  '/gzip': compressed('gzip', gzipSync(long)),
  '/deflate': compressed('deflate', deflateSync(long)),
  '/br': compressed('br', brotliCompressSync(long)),
  '/slow': (_, response) => void setTimeout(() => response.end('slow'), 1000).unref(),
  '/drip': (_, response) => {
    response.write('a');
    setTimeout(() => response.end('b'), 1000).unref();
  },
  '/echo': async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const bytes = Buffer.concat(parts);
    response.end(
      JSON.stringify({ type: request.headers['content-type'], hex: bytes.toString('hex'), text: bytes.toString() }),
    );
  },
};

export interface RowServer {
  /** `http://…`, and the same server under another origin. */
  readonly base: string;
  readonly away: string;
  close(): void;
}

export async function startServer(): Promise<RowServer> {
  let away = '';
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void answers[request.url ?? '']?.(request, response, away);
  const servers = await Promise.all([listening(createServer(listener)), listening(createServer(listener))]);
  const [base = '', other = ''] = servers.map((one) => `http://127.0.0.1:${(one.address() as AddressInfo).port}`);
  away = other;
  return {
    base,
    away,
    close: () => {
      for (const one of servers) {
        one.closeAllConnections();
        one.close();
      }
    },
  };
}

async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}
