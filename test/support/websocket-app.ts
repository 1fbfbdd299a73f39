// An app with a WebSocket at /chat, in the process of a test, and clients of it that remember what came.
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { TestContext } from 'node:test';
import { type ClientOptions, WebSocket } from 'ws';
import type { StartOptions } from '../../src/runtime.ts';
import { guestPath } from '../guests/build.ts';
import { startTriggers, type TriggerApp } from './trigger-app.ts';
import { within } from './within.ts';

export interface WebSocketApp extends TriggerApp {
  /** `ws://host:port` */
  readonly url: string;
  connect(path?: string, options?: ClientOptions & { readonly protocols?: readonly string[] }): Promise<Client>;
}

export interface AppOptions {
  /** Lines of the table, beside the component and the route. */
  readonly table?: string;
  /** Limits of the app, as lines of the manifest. */
  readonly limits?: string;
  /** The component; the guest in C by default. */
  readonly guest?: Uint8Array | string;
  /** Added to the component's table. */
  readonly settings?: string;
  /** More triggers. */
  readonly trigger?: string;
  readonly start?: Partial<StartOptions>;
}

export async function startWebSockets(t: TestContext, options: AppOptions = {}): Promise<WebSocketApp> {
  const { table = '', limits = '', settings = '', trigger = '', start } = options;
  const guest = options.guest ?? (await readFile(await guestPath('websocket-c')));
  const triggers = `[[trigger.http]]
route = "/plain"
static_response = { body = "plain" }
${trigger}
[application.tool.mayfly.limits]
${limits}
[[application.tool.mayfly.websocket]]
component = "chat"
route = "/chat"
${table}`;
  const app = await startTriggers(t, { triggers, guests: { chat: guest }, settings }, start);
  const url = app.app.url.replace(/^http/, 'ws');
  const clients: Client[] = [];
  t.after(() => {
    for (const { ws } of clients) ws.terminate();
  });
  return Object.assign(app, {
    url,
    async connect(path = '/chat', { protocols = [], ...given }: Parameters<WebSocketApp['connect']>[1] = {}) {
      const client = new Client(new WebSocket(`${url}${path}`, [...protocols], { perMessageDeflate: false, ...given }));
      clients.push(client);
      await within(client.opened, `a connection to ${path}`);
      return client;
    },
  });
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class Client {
  readonly ws: WebSocket;
  readonly opened: Promise<void>;
  readonly closed: Promise<Closed>;
  readonly #came: (string | Buffer)[] = [];
  #wake: (() => void) | undefined;

  constructor(ws: WebSocket) {
    this.ws = ws;
    this.opened = new Promise((resolve, reject) => {
      ws.on('open', resolve);
      ws.on('error', reject);
      ws.on('close', (code) => reject(new Error(`closed with ${code}`)));
    });
    this.opened.catch(() => {});
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    ws.on('message', (data: Buffer, isBinary) => {
      this.#came.push(isBinary ? data : data.toString());
      this.#wake?.();
    });
    void this.closed.then(() => this.#wake?.());
  }

  send(data: string | Uint8Array): void {
    this.ws.send(data);
  }

  /** The next message. Rejects when the connection closes, or nothing comes. */
  next(): Promise<string | Buffer> {
    const found = async (): Promise<string | Buffer> => {
      while (this.#came.length === 0) {
        if (this.ws.readyState === WebSocket.CLOSED) throw new Error('the connection is closed, and no message came');
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      return this.#came.shift() ?? '';
    };
    return within(found(), 'a message');
  }

  async ask(text: string): Promise<string | Buffer> {
    this.send(text);
    return this.next();
  }

  end(): Promise<Closed> {
    return within(this.closed, 'the end of a connection');
  }
}

/** The status with which a handshake is refused, with the headers and body; `headers` are beside those of a handshake. */
export function refusalOf(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof refusalOf>>>();
  const req = request(url.replace(/^ws/, 'http'), {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
      ...headers,
    },
  });
  req.on('upgrade', (_res, socket) => {
    socket.destroy();
    reject(new Error('the connection was not refused'));
  });
  req.on('response', (res) => {
    let body = '';
    res.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
  });
  req.on('error', reject);
  req.end();
  return within(promise, 'the answer to a handshake');
}
