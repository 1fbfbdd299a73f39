// Locked apps and triggers around handlers that are plain functions, for tests.
import { bareComponent } from '../../app/lock-alone.ts';
import type { LockedApp, LockedComponent } from '../../app/locked-app.ts';
import type { LockedHttpTrigger } from '../../app/manifest/triggers/http.ts';
import type { ByteSource, HttpRequest } from '../../host/http-message.ts';
import type { Logger } from '../../telemetry/log.ts';
import { createHttpDispatcher, type HttpDispatcher, type HttpHandler } from './dispatcher.ts';

const component = (id: string): LockedComponent => bareComponent(id, `/nowhere/${id}.wasm`);

export function appOf(
  routes: Readonly<Record<string, LockedHttpTrigger['action']>>,
  privates: string[] = [],
): LockedApp {
  const ids = Object.values(routes).flatMap((action) => (action.kind === 'component' ? [action.component] : []));
  return {
    name: 'test-app',
    version: '1.2.3',
    description: undefined,
    authors: [],
    origin: '/nowhere/spin.toml',
    directory: '/nowhere',
    variables: {},
    triggers: Object.entries(routes).map(([route, action]) => ({ type: 'http', id: route, route, action })),
    components: [...new Set([...ids, ...privates])].map(component),
    settings: { limits: {} },
  };
}

export const to = (id: string): LockedHttpTrigger['action'] => ({ kind: 'component', component: id });

export interface LogLines extends Logger {
  readonly lines: string[];
}

export function testLog(): LogLines {
  const lines: string[] = [];
  const add = (first: unknown, second?: unknown): void => {
    lines.push(String(second ?? first));
  };
  const log = { lines, debug: add, info: add, warn: add, error: add, child: () => log };
  return log as unknown as LogLines;
}

/** Makes a dispatcher with one component at `/...` that does what the handler does. */
export function dispatcherOf(handler: HttpHandler, log: Logger = testLog()): HttpDispatcher {
  return createHttpDispatcher({ app: appOf({ '/...': to('main') }), handlerFor: () => handler, log });
}

export function get(target: string, parts: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', scheme: 'http', authority: 'localhost:3000', target, headers: [], body: undefined, ...parts };
}

export async function textOf(body: ByteSource | undefined): Promise<string> {
  let text = '';
  for (let chunk = await body?.read(); chunk !== undefined; chunk = await body?.read()) {
    text += Buffer.from(chunk).toString('latin1');
  }
  return text;
}
