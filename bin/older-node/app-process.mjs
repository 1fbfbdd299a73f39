// Runs under Node 26, for a program in an older one: loads apps, answers their requests over a socket that only the program
// knows, and does what it says else by messages.
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../code.mjs';
import { decodeHead, describeError, ERROR, encodeHead, HEAD, MOST_HEAD_BYTES } from './messages.mjs';

const { load } = await import(codeOf('index').href);

const apps = new Map();
const actions = {
  async load({ app, from, options, wants }) {
    const more = {
      ...(wants.log && { log: logOf(app, {}) }),
      ...(wants.onError && { onError: (error, request) => tell({ to: app, error: describeError(error), request }) }),
    };
    apps.set(app, await load(from, { ...options, ...more }));
  },
  call: ({ app, name, given }) => apps.get(app).call(name, ...given),
  async close({ app }) {
    const closing = apps.get(app);
    apps.delete(app);
    await closing?.close();
  },
};

/** A log whose lines the program writes. */
function logOf(app, bindings) {
  const at = (level) => (fields, text) =>
    typeof fields === 'object' && fields !== null
      ? tell({ to: app, level, fields: { ...bindings, ...fields }, text })
      : tell({ to: app, level, fields: bindings, text: String(fields) });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (more) => logOf(app, { ...bindings, ...more }),
  };
}

function tell(message) {
  if (process.connected) process.send(message, () => {});
}

process.on('message', async ({ id, action, ...rest }) => {
  try {
    tell({ id, result: await actions[action](rest) });
  } catch (error) {
    tell({ id, error: describeError(error) });
  }
});
// The program has ended, in whatever way.
process.on('disconnect', () => process.exit());

/** A request of the program, as it was given to `app.fetch`. */
async function answer(incoming, outgoing) {
  const { app, url, method, headers, hasBody } = decodeHead(incoming.headers[HEAD]);
  const gone = new AbortController();
  outgoing.on('close', () => {
    if (!outgoing.headersSent) gone.abort();
  });
  const chunks = incoming.iterator({ destroyOnReturn: false });
  // The next request on the connection comes behind what nobody has read of this one.
  outgoing.on('finish', () => chunks.return().then(() => incoming.resume()));
  try {
    const body = hasBody ? { body: bodyOf(chunks), duplex: 'half' } : {};
    const response = await apps.get(app).fetch(new Request(url, { method, headers, signal: gone.signal, ...body }));
    const head = { status: response.status, statusText: response.statusText, headers: [...response.headers] };
    const isEmpty = response.body === null;
    outgoing.writeHead(200, { [HEAD]: encodeHead({ ...head, isEmpty }), trailer: ERROR });
    outgoing.flushHeaders();
    if (isEmpty) outgoing.end();
    else await send(response.body, outgoing);
  } catch (error) {
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(500, { [ERROR]: encodeHead(describeError(error)) }).end();
  }
}

function bodyOf(chunks) {
  return new ReadableStream(
    {
      async pull(controller) {
        // Where the connection is gone the request ends with it, and its body need not.
        const { done, value } = await chunks.next().catch(() => new Promise(() => {}));
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
    },
    { highWaterMark: 0 },
  );
}

/** What breaks a body off comes behind it. Who closes the connection has cancelled the body. */
async function send(body, outgoing) {
  const reader = body.getReader();
  const gone = new Promise((resolve) => outgoing.once('close', resolve));
  void gone.then(() => reader.cancel()).catch(() => {});
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!outgoing.write(value)) await Promise.race([once(outgoing, 'drain'), gone]);
    }
  } catch (error) {
    outgoing.addTrailers({ [ERROR]: encodeHead(describeError(error)) });
  }
  outgoing.end();
}

const folder = process.platform === 'win32' ? undefined : mkdtempSync(join(tmpdir(), 'mayfly-app-'));
if (folder) chmodSync(folder, 0o700);
process.on('exit', () => folder && rmSync(folder, { recursive: true, force: true }));
const path = folder ? join(folder, 'socket') : `\\\\.\\pipe\\mayfly-${crypto.randomUUID()}`;
const server = createServer({
  maxHeaderSize: 2 * MOST_HEAD_BYTES,
  requestTimeout: 0,
  headersTimeout: 0,
  keepAliveTimeout: 0,
});
server.on('request', (incoming, outgoing) => void answer(incoming, outgoing));
server.listen(path, () => tell({ ready: path }));
