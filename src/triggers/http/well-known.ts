// Serves `/.well-known/spin/` before any route, for health checks and for people who wonder what runs here.
import type { LockedApp } from '../../app/locked-app.ts';
import { bytesBody } from '../../host/bytes-body.ts';
import type { ByteSource, HttpResponse } from '../../host/http-message.ts';
import { printable } from '../../telemetry/printable.ts';
import { emptyResponse } from './failure-response.ts';

const prefix = '/.well-known/spin/';

/** What is told of an app. */
type NamedApp = Pick<LockedApp, 'name' | 'version' | 'imageDigest'>;

/**
 * The response to a well-known path; undefined for every other path. `trouble` says why the app cannot serve now, for
 * `health?ready`.
 */
export function wellKnown(
  app: NamedApp,
  target: string,
  trouble: () => string | undefined = () => undefined,
): HttpResponse | undefined {
  if (!target.startsWith(prefix)) return undefined;
  const [name = '', query] = target.slice(prefix.length).split('?', 2);
  if (name === 'health') {
    const reason = new URLSearchParams(query).has('ready') ? trouble() : undefined;
    return reason === undefined ? { ...emptyResponse(200), body: text('OK') } : notReady(reason);
  }
  if (name === 'info') return info(app);
  return emptyResponse(404);
}

function notReady(reason: string): HttpResponse {
  const headers = [
    ['content-type', 'text/plain; charset=utf-8'],
    ['cache-control', 'no-store'],
    ['retry-after', '1'],
  ] as const;
  return { status: 503, headers, body: text(`Not ready: ${printable(reason)}\n`) };
}

function text(content: string): ByteSource | undefined {
  return bytesBody(Buffer.from(content));
}

function info(app: NamedApp): HttpResponse {
  const { name, version, imageDigest: oci_image_digest } = app;
  const content = JSON.stringify({ name, version, oci_image_digest }, undefined, 2);
  return { status: 200, headers: [['content-type', 'application/json']], body: text(content) };
}
