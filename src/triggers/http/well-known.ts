// Serves `/.well-known/spin/` before any route, for health checks and for people who wonder what runs here.
import type { LockedApp } from '../../app/locked-app.ts';
import { bytesBody } from '../../host/bytes-body.ts';
import type { HttpResponse } from '../../host/http-message.ts';
import { emptyResponse } from './failure-response.ts';

const prefix = '/.well-known/spin/';

/** The response to a well-known path; undefined for every other path. */
export function wellKnown(app: LockedApp, path: string): HttpResponse | undefined {
  if (!path.startsWith(prefix)) return undefined;
  const name = path.slice(prefix.length);
  if (name === 'health') return { ...emptyResponse(200), body: bytesBody(Buffer.from('OK')) };
  if (name === 'info') return info(app);
  return emptyResponse(404);
}

function info(app: LockedApp): HttpResponse {
  const content = JSON.stringify({ name: app.name, version: app.version }, undefined, 2);
  return { status: 200, headers: [['content-type', 'application/json']], body: bytesBody(Buffer.from(content)) };
}
