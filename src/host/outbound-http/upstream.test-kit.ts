// Upstreams and requests for the tests of the outbound client: servers that say whatever they like, and see every byte.
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { type ByteSource, HttpError, type HttpRequest, type SendOptions } from '../http-message.ts';
import { type ClientOptions, createHttpClient, type HttpClient } from './client.ts';

const closers: (() => void)[] = [];
after(() => {
  for (const close of closers) close();
});

export interface Upstream {
  readonly port: number;
  /** What each connection brought, in latin1, in the order in which the connections were made. */
  readonly connections: string[];
  /** Resolves when the connection of this number has been closed. */
  closed(connection: number): Promise<void>;
}

/** Starts a server. `say` is called each time something comes, with what one connection has brought so far. */
export async function upstream(
  say: (socket: Socket, text: string, connection: number) => void,
  tls: { readonly key: string; readonly cert: string } | undefined = undefined,
): Promise<Upstream> {
  const connections: string[] = [];
  const closed: PromiseWithResolvers<void>[] = [];
  const closedOf = (connection: number): PromiseWithResolvers<void> => {
    closed[connection] ??= Promise.withResolvers();
    return closed[connection];
  };
  const accept = (socket: Socket): void => {
    const connection = connections.push('') - 1;
    closers.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => closedOf(connection).resolve());
    socket.on('data', (chunk) => {
      connections[connection] += chunk.toString('latin1');
      say(socket, connections[connection] ?? '', connection);
    });
  };
  const server: Server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { port, connections, closed: (connection) => within(closedOf(connection).promise, 'a connection to close') };
}

/** Answers each head that comes with the next of the texts; the last text is repeated. */
export function answers(...texts: string[]): (socket: Socket, text: string) => void {
  const answered = new WeakMap<Socket, number>();
  let at = 0;
  return (socket, text) => {
    const heads = text.split('\r\n\r\n').length - 1;
    if (heads <= (answered.get(socket) ?? 0)) return;
    answered.set(socket, heads);
    socket.write(texts[Math.min(at++, texts.length - 1)] ?? '', 'latin1');
  };
}

export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

export function client(options: ClientOptions = {}): HttpClient {
  const made = createHttpClient(options);
  closers.push(() => made.close());
  return made;
}

export const get = (port: number, parts: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  scheme: 'http',
  authority: `127.0.0.1:${port}`,
  target: '/',
  headers: [],
  body: undefined,
  ...parts,
});

export function bodyOf(chunks: (string | Error)[], parts: Partial<ByteSource> = {}): ByteSource {
  return {
    async read() {
      await new Promise(setImmediate);
      const chunk = chunks.shift();
      if (chunk instanceof Error) throw chunk;
      return chunk === undefined ? undefined : Buffer.from(chunk, 'latin1');
    },
    cancel() {},
    ...parts,
  };
}

export async function read(body: ByteSource | undefined): Promise<string> {
  let text = '';
  for (let chunk = await body?.read(); chunk !== undefined; chunk = await body?.read()) {
    text += Buffer.from(chunk).toString('latin1');
  }
  return text;
}

/** Sends the request, and reads the answer to its end. */
export async function exchange(made: HttpClient, request: HttpRequest, options: SendOptions = {}): Promise<string> {
  const response = await within(made.send(request, options), 'a response');
  return `${response.status} ${await within(read(response.body), 'the end of a body')}`;
}

export async function codeOf(request: HttpRequest, options: SendOptions = {}, made = client()): Promise<string> {
  const error = await exchange(made, request, options).then(
    (answer) => new Error(`answered ${answer}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof HttpError, String(error));
  return error.code;
}

/** Waits for so long at most, so that a test which hangs says what it waited for. */
export async function within<T>(promise: Promise<T>, what: string, ms = 5000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Waits some turns of the event loop, since Node gives a connection back only then after its response has ended. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));
