// Each limit of the table in src/limits.ts reaches each part of the code where it holds: set in a manifest to a value that
// nothing else has, it is seen at work. A limit without a proof does not pass the type check.
import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allLimits, type LimitName, type LimitPart, limitKinds } from '../../src/limits.ts';
import {
  assertLogged,
  type GuestSettings,
  type SandboxApp,
  sandboxApp,
  sandboxServer,
} from '../support/sandbox-app.ts';
import { up } from '../support/up.ts';
import { assemble } from '../support/wat.ts';
import { webSocketProofs } from '../support/websocket-limits.ts';

type Proof = () => Promise<void>;
type Proofs = { readonly [Name in LimitName]: Readonly<Record<(typeof limitKinds)[Name]['parts'][number], Proof>> };

const MiB = 2 ** 20;

/** `text`: the value of the limit as the manifest has it. */
function limited(name: LimitName, text: string, guest = 'hoard-c', more: Partial<GuestSettings> = {}) {
  const settings = `[component.one.tool.mayfly.limits]\n${limitKinds[name].key} = ${text}`;
  return { one: { guest, settings, ...more } };
}

async function withApp(guests: Readonly<Record<string, GuestSettings>>, use: (app: SandboxApp) => Promise<void>) {
  const app = await sandboxApp(guests, { reset: 'copy' });
  try {
    await use(app);
  } finally {
    await app.close();
  }
}

/** The guest is asked for `path` and fails; the log names the limit with its value. */
function logs(name: LimitName, text: string, path: string, logged: RegExp, guest?: string): Proof {
  return () =>
    withApp(limited(name, text, guest), async (app) => {
      assert.ok((await app.get(`/one${path}`)).status >= 500);
      assertLogged(app, logged);
    });
}

/** The component is refused when its app is loaded. */
function refuses(name: LimitName, text: string, message: RegExp): Proof {
  return () => assert.rejects(sandboxApp(limited(name, text), { reset: 'copy' }), { message });
}

/** A server elsewhere, for as long as `use` takes. */
async function withUpstream(answer: (res: ServerResponse) => void, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((_, res) => answer(res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const outward = { allowedHosts: ['http://127.0.0.1:*'] };
const forward = (url: string): string => `/one/forward?url=${encodeURIComponent(url)}`;

/** A response with a header that is too long, or one too many, is an error for the guest that asked for it. */
function refusesResponse(name: LimitName, text: string, headers: Readonly<Record<string, string>>): Proof {
  return () =>
    withUpstream(
      (res) => res.writeHead(200, headers).end(),
      (url) =>
        withApp(limited(name, text, 'hoard-c', outward), async (app) => {
          const { status, text: said } = await app.get(forward(url));
          assert.deepEqual([status, said], [502, 'HTTP-response-header-section-size']);
        }),
    );
}

/** So is a request: 431. */
function refusesRequest(name: LimitName, text: string, headers: Readonly<Record<string, string>>): Proof {
  return async () => {
    const server = await sandboxServer(limited(name, text), { reset: 'copy' });
    try {
      assert.equal((await fetch(`${server.url}/one/wait?ms=1`, { headers })).status, 431);
      assert.equal((await fetch(`${server.url}/one/wait?ms=1`)).status, 200);
    } finally {
      await server.stop();
    }
  };
}

/** Waits until a socket brings nothing more, and says how much it has brought. */
async function readAtRest(socket: Socket): Promise<number> {
  for (let before = -1; before !== socket.bytesRead; ) {
    before = socket.bytesRead;
    await sleep(300);
  }
  return socket.bytesRead;
}

/** The sockets of requests that this process sends or serves, as node:http announces them. */
async function firstSocket(channel: string, during: () => unknown): Promise<Socket> {
  const found = Promise.withResolvers<Socket>();
  const listen = (message: unknown): void => {
    const { response, socket } = message as { response?: IncomingMessage; socket?: Socket };
    const one = socket ?? response?.socket;
    if (one) found.resolve(one);
  };
  diagnostics.subscribe(channel, listen);
  try {
    during();
    return await found.promise;
  } finally {
    diagnostics.unsubscribe(channel, listen);
  }
}

/**
 * A guest passes on a response that nobody takes: what was read for it is the limit twice, in the client and in the body
 * that the guest writes, and what lies in buffers of Node's on the way.
 */
async function readsAhead(): Promise<void> {
  const body = Buffer.alloc(32 * MiB);
  await withUpstream(
    (res) => res.end(body),
    (url) =>
      withApp(limited('bufferedBytes', '"4MiB"', 'hoard-c', outward), async ({ app }) => {
        const client = new AbortController();
        const { signal } = client;
        let answer: Promise<Response> | undefined;
        const socket = await firstSocket('http.client.response.finish', () => {
          answer = app.fetch(new Request(`http://localhost${forward(url)}`, { signal }));
        });
        const read = await readAtRest(socket);
        client.abort();
        await (await answer)?.body?.cancel().catch(() => {});
        assert.ok(read > 7.5 * MiB && read < 9.5 * MiB, `${read} bytes were read`);
      }),
  );
}

/**
 * The server takes the widest limit of all components: it reads more of a body than its own guest's lets it hold. The
 * client takes no answer, so that the guest stands still once the buffers of the system are full, which are smaller.
 */
async function serverReadsAhead(): Promise<void> {
  const guests = { ...limited('bufferedBytes', '"24MiB"'), echo: { guest: 'echo-c' } };
  const server = await sandboxServer(guests, { reset: 'copy' });
  const sending = request(`${server.url}/echo`, { method: 'POST' });
  sending.on('error', () => {}).on('response', () => {});
  try {
    const socket = await firstSocket('http.server.request.start', () => sending.end(Buffer.alloc(64 * MiB)));
    const read = await readAtRest(socket);
    assert.ok(read > 23.5 * MiB && read < 40 * MiB, `${read} bytes were read`);
  } finally {
    sending.destroy();
    await server.stop();
  }
}

const recursive = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "content-type: text/plain\\n\\ndone")
  (func $down (param i32) (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "_start")
    (call $down (i32.const 6000))
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 30))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;

/** The size of stacks is a setting of the process: each value has one of its own. */
async function limitsStacks(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-stack-'));
  const file = join(folder, 'deep.wasm');
  await writeFile(file, await assemble(recursive));
  const statusWith = async (...limit: string[]): Promise<number> => {
    const served = await up(['-f', file, ...limit]);
    const { status } = await fetch(served.url);
    await served.stop();
    return status;
  };
  try {
    assert.deepEqual([await statusWith(), await statusWith('--limit', 'stack=64KiB')], [200, 500]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function queues(): Promise<void> {
  const limits = '[component.one.tool.mayfly.limits]\nconcurrency = 2\nqueue_length = 1\nqueue_time = "43ms"';
  await withApp({ one: { guest: 'hoard-c', settings: limits } }, async (app) => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => app.get('/one/wait?ms=300')));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 503, 503]);
    assertLogged(app, /Limits reached: concurrency \(2\) and queue_length \(1\)/);
    assertLogged(app, /Limit reached: queue_time \(43 ms\)/);
  });
}

const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-${index}`, 'y']));
const long = { x: 'y'.repeat(4000) };

const webSockets = Object.fromEntries(
  Object.entries(webSocketProofs).map(([name, websocket]) => [name, { websocket }]),
) as { readonly [Name in keyof typeof webSocketProofs]: { readonly websocket: Proof } };

const proofs: Proofs = {
  memoryBytes: { sandbox: refuses('memoryBytes', '"64KiB"', /memor/) },
  cpuSliceMs: { sandbox: logs('cpuSliceMs', '"47ms"', '/loop', /Limit reached: cpu_slice \(47 ms\)/, 'spin-c') },
  cpuMs: { sandbox: logs('cpuMs', '"48ms"', '/loop', /Limit reached: cpu \(48 ms\)/, 'spin-c') },
  wallMs: { sandbox: logs('wallMs', '"49ms"', '/wait?ms=60000', /Limit reached: wall \(49 ms\)/) },
  stackBytes: { process: limitsStacks },
  tableElements: { sandbox: refuses('tableElements', '1', /table/) },
  handles: { sandbox: logs('handles', '51', '/pollables?count=60', /Limit reached: handles \(51\)/) },
  bufferedBytes: { wasi: readsAhead, client: readsAhead, server: serverReadsAhead },
  heldBytes: {
    sandbox: logs('heldBytes', '70000', '/fields?count=2&bytes=60000', /Limit reached: held \(70000 bytes\)/),
  },
  logBytes: {
    output: () =>
      withApp(limited('logBytes', '53'), async (app) => {
        assert.equal((await app.get('/one/lines?count=50')).status, 200);
        assertLogged(app, /log limit of 53 bytes a request reached/);
      }),
  },
  concurrency: { sandbox: queues },
  queueLength: { sandbox: queues },
  queueMs: { sandbox: queues },
  headerBytes: {
    wasi: logs('headerBytes', '"1KiB"', '/fields?count=1&bytes=2000', /more than 1024 bytes \(limit header_bytes\)/),
    client: refusesResponse('headerBytes', '"1KiB"', long),
    server: refusesRequest('headerBytes', '"1KiB"', long),
  },
  headerCount: {
    wasi: logs('headerCount', '12', '/entries?count=13', /more than 12 entries \(limit header_count\)/),
    client: refusesResponse('headerCount', '12', many),
    server: refusesRequest('headerCount', '12', many),
  },
  ...webSockets,
};

const proofOf = (name: LimitName, part: LimitPart): Proof | undefined =>
  (proofs[name] as Partial<Record<LimitPart, Proof>>)[part];

const done = new Map<Proof, Promise<void>>();

for (const [name, { key, parts }] of allLimits) {
  for (const part of parts) {
    test(`${key} arrives: ${part}`, { timeout: 120_000 }, async () => {
      const proof = proofOf(name, part);
      assert.ok(proof);
      const known = done.get(proof) ?? proof();
      done.set(proof, known);
      await known;
    });
  }
}
