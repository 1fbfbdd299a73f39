// The pages of the operator's port: files that a browser gets as they stand in the folder `dashboard`, and what they ask for.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { home } from '../home.ts';
import { admit } from './admission.ts';
import type { RecentRequests } from './recent-requests.ts';

/** Browsers that may watch at once, and bytes that one may leave lying before it is cut off. */
const MOST_WATCHERS = 16;
const MOST_WAITING = 4 * 2 ** 20;

const types = { html: 'text/html', css: 'text/css', js: 'text/javascript' } as const;
const names = ['index.html', 'dashboard.css', 'dashboard.js'] as const;

interface PageFile {
  readonly type: string;
  readonly text: Buffer;
}

/** Nothing from elsewhere, no scripts in pages, and no page around ours. */
const guarded = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

export interface DashboardRecordings {
  /** The youngest first. */
  list(): Promise<readonly object[]>;
  /** Undefined for one that is not there; `busy` while another one is replayed. */
  replay(name: string): Promise<object | 'busy' | undefined>;
}

/** A field that pages from elsewhere cannot send without being asked whether they may. */
const OWN_FIELD = 'x-mayfly-dashboard';

export interface DashboardOptions {
  /** What is shown of the app that does not change. */
  readonly overview: object;
  readonly recent: RecentRequests;
  /** Recorded requests; undefined where none are recorded. */
  readonly recordings?: DashboardRecordings | undefined;
  /** Who has it may look; undefined on a port that only this machine reaches. */
  readonly token: string | undefined;
}

export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #files: ReadonlyMap<string, PageFile>;
  #watchers = 0;

  constructor(options: DashboardOptions) {
    this.#options = options;
    this.#files = new Map(names.map((name) => [name, readPage(name)]));
  }

  /** Answers a GET for any path, and the POST that replays a recording. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const { overview, recent, token } = this.#options;
    const admission = admit(request, token);
    if (admission === 'refused') {
      response
        .writeHead(token === undefined ? 421 : 401, guarded)
        .end(token === undefined ? '' : 'A token is needed.\n');
      return;
    }
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const [, number] = /^\/api\/requests\/(\d{1,15})$/.exec(path) ?? [];
    const [, recording] = /^\/api\/recordings\/([\w.-]{1,255})$/.exec(path) ?? [];
    if (request.method === 'POST') {
      if (recording !== undefined) this.#replay(recording, request, response);
      else response.writeHead(405, { ...guarded, allow: 'GET, HEAD' }).end();
    } else if (admission !== 'admitted') {
      response.writeHead(303, { ...guarded, 'set-cookie': admission.cookie, location: path }).end();
    } else if (path === '/api/app') sendJson(response, overview);
    else if (path === '/api/events') this.#watch(response);
    else if (path === '/api/recordings') this.#list(response);
    else if (number !== undefined) sendJson(response, recent.detail(Number(number)));
    else this.#sendFile(response, path === '/' ? 'index.html' : path.slice(1));
  }

  #sendFile(response: ServerResponse, name: string): void {
    const file = this.#files.get(name);
    if (file) response.writeHead(200, { ...guarded, 'content-type': `${file.type}; charset=utf-8` }).end(file.text);
    else response.writeHead(404, guarded).end();
  }

  #list(response: ServerResponse): void {
    const { recordings } = this.#options;
    const listed = recordings ? recordings.list() : Promise.resolve(undefined);
    listed.then(
      (list) => sendJson(response, list),
      () => response.writeHead(500, guarded).end(),
    );
  }

  #replay(name: string, { headers }: IncomingMessage, response: ServerResponse): void {
    const { recordings } = this.#options;
    if (!recordings || headers[OWN_FIELD] === undefined) {
      response.writeHead(recordings ? 403 : 404, guarded).end();
      return;
    }
    recordings.replay(name).then(
      (replayed) => {
        if (replayed === 'busy') response.writeHead(429, guarded).end();
        else sendJson(response, replayed);
      },
      () => response.writeHead(500, guarded).end(),
    );
  }

  /** Server-sent events: what there is, then what comes. */
  #watch(response: ServerResponse): void {
    if (this.#watchers >= MOST_WATCHERS) {
      response.writeHead(503, guarded).end();
      return;
    }
    this.#watchers++;
    response.writeHead(200, { ...guarded, 'content-type': 'text/event-stream' });
    const send = (event: string, data: object): void => {
      if (response.writableLength > MOST_WAITING) response.destroy();
      else response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    send('history', this.#options.recent.history());
    const leave = this.#options.recent.watch(send);
    response.on('close', () => {
      this.#watchers--;
      leave();
    });
  }
}

function sendJson(response: ServerResponse, data: object | undefined): void {
  if (data === undefined) response.writeHead(404, guarded).end();
  else response.writeHead(200, { ...guarded, 'content-type': 'application/json' }).end(JSON.stringify(data));
}

function readPage(name: (typeof names)[number]): PageFile {
  const ending = name.split('.')[1] as keyof typeof types;
  return { type: types[ending], text: readFileSync(join(home, 'dashboard', name)) };
}
