// The operator's port: what it serves is for those who run the app, and for nobody that the app serves.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorityOf } from '../authority.ts';
import { MayflyError } from '../errors.ts';
import type { Dashboard } from './dashboard.ts';
import type { AppMetrics } from './metrics.ts';

export interface AdminServer {
  /** Host and port. */
  readonly authority: string;
  close(): void;
}

/** Rejects with `listen-failed`. */
export async function startAdminServer(
  metrics: AppMetrics,
  dashboard: Dashboard,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<AdminServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && path === '/metrics') sendMetrics(metrics, response);
    else if (isRead || request.method === 'POST') dashboard.answer(request, response);
    else response.writeHead(405, { allow: 'GET, HEAD' }).end();
  });
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
    close: () => void server.close().closeAllConnections(),
  };
}

/** Whoever gathers metrics needs no token. */
function sendMetrics(metrics: AppMetrics, response: ServerResponse): void {
  metrics.text().then(
    (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
    () => response.writeHead(500).end(),
  );
}
