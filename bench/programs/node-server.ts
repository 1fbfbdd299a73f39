// Bare node:http, without any sandbox: `node-server.ts <port>` greets, echoes what is posted to /echo, and answers
// /slow after ?ms= milliseconds.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/echo') echo(request, response);
  else if (pathname === '/slow') setTimeout(() => response.end('late\n'), Number(searchParams.get('ms')));
  else greet(response);
});
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 16_384 });

function greet(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end('Hello from Node\n');
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'application/octet-stream' });
  request.pipe(response);
}
