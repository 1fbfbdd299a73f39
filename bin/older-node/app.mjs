// An app in another process, with the interface of those in this one.
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { MayflyError, revived } from './errors.mjs';
import { decodeHead, ERROR, encodeHead, HEAD, MOST_HEAD_BYTES } from './messages.mjs';

/** `apps` is the process, as load.mjs has it; `onError` is told of requests that come too late. */
export function appOf(app, apps, onError) {
  let closing;
  const stopped = () => new MayflyError('overloaded', 'The app was stopped');
  return {
    async fetch(input, init) {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      if (!closing) return fetchFrom(app, apps, request);
      const { pathname, search } = new URL(request.url);
      try {
        onError?.(stopped(), { component: '', method: request.method, target: `${pathname}${search}` });
      } catch {
        // Whoever is told of errors has to see to its own.
      }
      return new Response(null, { status: 503, headers: { 'retry-after': '1' } });
    },
    async call(name, ...given) {
      if (closing) throw stopped();
      return apps.ask('call', { app, name, given });
    },
    close() {
      closing ??= apps.ask('close', { app }).finally(() => apps.leave(app));
      return closing;
    },
  };
}

async function fetchFrom(app, apps, request) {
  const { url, method, headers, signal, body } = request;
  const head = { app, url, method, headers: [...headers], hasBody: body !== null };
  const outgoing = httpRequest({
    socketPath: await apps.socketPath(),
    agent: apps.agent,
    method: 'POST',
    maxHeaderSize: 2 * MOST_HEAD_BYTES,
    headers: { [HEAD]: encodeHead(head) },
  });
  const incoming = await new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason);
      outgoing.destroy();
    };
    signal.addEventListener('abort', abort, { once: true });
    outgoing.on('error', reject);
    outgoing.on('response', resolve);
    outgoing.on('close', () => signal.removeEventListener('abort', abort));
    if (body === null) outgoing.end();
    // A body that fails breaks the request off; the app has seen what came before.
    else upload(body, outgoing);
  });
  const error = incoming.headers[ERROR];
  if (error !== undefined) {
    incoming.resume();
    throw revived(decodeHead(error));
  }
  const { isEmpty, ...answer } = decodeHead(incoming.headers[HEAD]);
  if (isEmpty) incoming.resume();
  return new Response(isEmpty ? null : bodyOf(incoming, outgoing, signal), answer);
}

/** Whoever has the whole answer needs no more of the request. */
function upload(body, outgoing) {
  const source = Readable.fromWeb(body);
  source.on('error', (error) => outgoing.destroy(error));
  outgoing.on('response', (incoming) => incoming.on('end', () => source.destroy()));
  outgoing.on('close', () => source.destroy());
  source.on('close', () => {
    if (!source.readableEnded) outgoing.destroy();
  });
  source.pipe(outgoing);
}

/** A stream that ends as the app's own does: with its error, where it has one. */
function bodyOf(incoming, outgoing, signal) {
  const chunks = incoming[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (!done) return controller.enqueue(new Uint8Array(value));
          const error = incoming.trailers[ERROR];
          if (error !== undefined) return controller.error(revived(decodeHead(error)));
          return controller.close();
        } catch (error) {
          return controller.error(signal.aborted ? signal.reason : error);
        }
      },
      cancel: () => void outgoing.destroy(),
    },
    { highWaterMark: 0 },
  );
}
