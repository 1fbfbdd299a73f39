// The HTTP servers that guests of wasi-testsuite send requests to, as their specifications describe them.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly mode?: 'echo-body' | 'echo-headers';
  readonly response?: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly chunks?: readonly string[];
    readonly trailers?: Readonly<Record<string, string>>;
  };
}

export interface ServerSpecification {
  readonly name: string;
  /** `closed`: an address at which nobody listens. */
  readonly kind?: 'listening' | 'closed';
  readonly endpoints?: readonly Endpoint[];
}

export interface Endpoints {
  /** `HTTP_SERVER_<NAME>`: host and port. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

export async function startEndpoints(specifications: readonly ServerSpecification[]): Promise<Endpoints> {
  const servers: Server[] = [];
  const environment: Record<string, string> = {};
  for (const { name, kind, endpoints = [] } of specifications) {
    const server = createServer((req, res) => void answer(req, res, endpoints));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    environment[`HTTP_SERVER_${name.toUpperCase()}`] = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (kind === 'closed') server.close();
    else servers.push(server);
  }
  return {
    environment,
    close() {
      for (const server of servers) server.close().closeAllConnections();
    },
  };
}

async function answer(req: IncomingMessage, res: ServerResponse, endpoints: readonly Endpoint[]): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of req) chunks.push(chunk as Buffer);
  } catch {
    // A request that the guest gave up.
    return;
  }
  const endpoint = endpoints.find(({ method, path }) => method === req.method && path === req.url);
  res.setHeader('connection', 'close');
  if (endpoint === undefined) res.writeHead(404).end();
  else if (endpoint.mode === 'echo-body') res.end(Buffer.concat(chunks));
  else if (endpoint.mode === 'echo-headers') res.writeHead(200, echoed(req)).end();
  else reply(res, endpoint.response ?? {});
}

function reply(res: ServerResponse, response: NonNullable<Endpoint['response']>): void {
  const { status = 200, headers = {}, body = '', chunks, trailers = {} } = response;
  const names = Object.keys(trailers);
  res.writeHead(status, { ...headers, ...(names.length > 0 ? { trailer: names.join(', ') } : {}) });
  if (chunks === undefined) {
    res.end(body);
    return;
  }
  for (const chunk of chunks) res.write(chunk);
  res.addTrailers(trailers);
  res.end();
}

/** Request line, headers and trailers, as response headers. */
function echoed(req: IncomingMessage): string[] {
  const flat = ['x-request-method', req.method ?? '', 'x-request-path', req.url ?? ''];
  const add = (prefix: string, raw: readonly string[]): void => {
    for (let at = 0; at < raw.length; at += 2) flat.push(`${prefix}${raw[at]?.toLowerCase()}`, raw[at + 1] ?? '');
  };
  add('x-echo-', req.rawHeaders);
  add('x-trailer-', req.rawTrailers);
  return flat;
}
