// The operator's port: what it serves is for those who run the app, and for nobody that the app serves.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorityOf } from '../authority.ts';
import { MayflyError } from '../errors.ts';
import type { Dashboard } from './dashboard.ts';

export interface AdminServer {
  /** Host and port. */
  readonly authority: string;
}

/** What is sent to those who gather metrics. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

/** Without a dashboard there are metrics only. Rejects with `listen-failed`. */
export async function startAdminServer(
  metrics: MetricsText,
  dashboard: Dashboard | undefined,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<AdminServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && path === '/metrics') sendMetrics(metrics, response);
    else if (!dashboard) response.writeHead(404).end('The dashboard is there for an app in one process.\n');
    else if (isRead || request.method === 'POST') dashboard.answer(request, response);
    else response.writeHead(405, { allow: 'GET, HEAD' }).end();
  });
  // A process ends with what it serves, and not with those who look at it.
  server.unref();
  server.on('connection', (socket) => socket.unref());
  await new Promise<void>((resolve, reject) => {
    server.on('error', (cause: Error) => {
      const message = `Cannot listen on ${host}:${port} for the operator: ${cause.message}`;
      reject(new MayflyError('listen-failed', message, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const { port: real } = server.address() as AddressInfo;
  return {
    authority: authorityOf(host, real),
  };
}

/** Whoever gathers metrics needs no token. */
function sendMetrics(metrics: MetricsText, response: ServerResponse): void {
  metrics.text().then(
    (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
    () => response.writeHead(500).end(),
  );
}
