// Node's own servers, without any sandbox: `node-protocols.ts <https|http2|h2c> <port> <certificate> <key>` greets.
import { readFileSync } from 'node:fs';
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';

const [kind, port, cert = '', key = ''] = process.argv.slice(2);
const files = () => ({ cert: readFileSync(cert), key: readFileSync(key) });
const text = 'Hello from Node\n';
const fields = { 'content-type': 'text/plain' };

function overHttp2(): Http2Server | Http2SecureServer {
  const made = kind === 'http2' ? createSecureServer(files()) : createHttp2Server();
  return made.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200, ...fields });
    stream.end(text);
  });
}

const server =
  kind === 'https'
    ? createHttpsServer(files(), (_, response) => response.writeHead(200, fields).end(text))
    : overHttp2();
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 16_384 });
