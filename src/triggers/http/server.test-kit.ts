// A server on a free port around a handler, and the answers and bodies that handlers give, for tests.
import { after } from 'node:test';
import { bytesBody } from '../../host/bytes-body.ts';
import type { ByteSource, HttpRequest, HttpResponse } from '../../host/http-message.ts';
import { dispatcherOf, testLog } from './app.test-kit.ts';
import type { HttpHandler } from './dispatcher.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './server.ts';

const servers: HttpServer[] = [];
after(() => Promise.all(servers.map((server) => server.stop({ timeoutMs: 0 }))));

export interface Served {
  port: number;
  server: HttpServer;
  /** The lines that were logged. */
  lines: string[];
  /** The requests that reached the handler. */
  seen: HttpRequest[];
}

export async function serve(
  handler: HttpHandler,
  limits: HttpServerOptions['limits'] = {},
  options: Partial<HttpServerOptions> = {},
): Promise<Served> {
  const log = testLog();
  const seen: HttpRequest[] = [];
  const dispatcher = dispatcherOf((request, context) => {
    seen.push(request);
    return handler(request, context);
  }, log);
  const server = createHttpServer({ dispatcher, limits, ...options });
  servers.push(server);
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, server, lines: log.lines, seen };
}

export const answer = (text: string, parts: Partial<HttpResponse> = {}): HttpResponse => ({
  status: 200,
  headers: [],
  body: bytesBody(Buffer.from(text)),
  ...parts,
});
export const hello: HttpHandler = async () => answer('hello');
export const echo: HttpHandler = async ({ body }) => ({ status: 200, headers: [], body });

/** Makes a body of chunks that come one by one; an Error among them breaks it. */
export function later(...chunks: (string | Error)[]): ByteSource {
  return {
    async read() {
      await new Promise(setImmediate);
      const chunk = chunks.shift();
      if (chunk instanceof Error) throw chunk;
      return chunk === undefined ? undefined : Buffer.from(chunk);
    },
    cancel() {},
  };
}

/** Makes a body with as much as anybody takes, all of it there at once. */
export function endless(): ByteSource & { cancelled: boolean; taken: number } {
  const chunk = Buffer.alloc(65_536, 'x');
  return {
    cancelled: false,
    taken: 0,
    read() {
      this.taken += chunk.length;
      return chunk;
    },
    cancel() {
      this.cancelled = true;
    },
  };
}
