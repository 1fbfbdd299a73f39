// The operator's port: what it serves is for those who run the app, and for nobody that the app serves.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorityOf } from '../authority.ts';
import { MayflyError } from '../errors.ts';
import type { AppMetrics } from './metrics.ts';

export interface AdminServer {
  /** Host and port. */
  readonly authority: string;
  close(): void;
}

/** Rejects with `listen-failed`. */
export async function startAdminServer(
  metrics: AppMetrics,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<AdminServer> {
  const server = createServer((request, response) => {
    const end = (status: number, headers: Record<string, string> = {}, text?: string): void => {
      response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : text);
    };
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== '/metrics') return end(404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(405, { allow: 'GET, HEAD' });
    metrics.text().then(
      (text) => end(200, { 'content-type': metrics.contentType }, text),
      () => end(500),
    );
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
