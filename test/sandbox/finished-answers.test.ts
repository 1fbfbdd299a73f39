// What a guest had finished when it failed arrives, whole; what it had not breaks the connection. In both versions of
// wasi:http, over a socket, in the process, and from one component to another.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  type GuestSettings,
  type SandboxApp,
  type SandboxServer,
  sandboxApp,
  sandboxServer,
} from '../support/sandbox-app.ts';
import { handler } from '../support/service-0.2.ts';
import { service } from '../support/service-0.3.ts';

const SLICE_MS = 300;
/** A client that waited so long has waited in vain. */
const PATIENCE_MS = 8_000;
const WALL_MS = 1_000;

/** How a guest ends, or does not. */
const ends = {
  trap: 'unreachable',
  loop: '(loop $l (br $l))',
  wait: {
    '0.2': '(call $block (call $after (i64.const 60000000000)))',
    '0.3': '(call $wait-for (i64.const 60000000000))',
  },
} as const;

/** What it has done by then. */
const answers = {
  empty: { whole: true, length: false, body: false, closed: false },
  length: { whole: true, length: true, body: true, closed: false },
  closed: { whole: true, length: false, body: true, closed: true },
  open: { whole: false, length: false, body: true, closed: false },
} as const;

type Form = (typeof answers)[keyof typeof answers];
const data = 'content-length5hello';
const withLength = (fields: string): string => `(call $append ${fields} (i32.const 0) (i32.const 14)
  (i32.const 14) (i32.const 1) (i32.const 64))`;

const of02 = ({ length, body, closed }: Form, end: string): Promise<Uint8Array> =>
  handler(
    `(local $fields i32) (local $response i32) (local $body i32) (local $stream i32)
     (local.set $fields (call $fields))
     ${length ? withLength('(local.get $fields)') : ''}
     (local.set $response (call $new-response (local.get $fields)))
     ${body ? '(call $body (local.get $response) (i32.const 64)) (local.set $body (i32.load (i32.const 68)))' : ''}
     (call $respond (local.get $out) (local.get $response))
     ${
       body
         ? `(call $stream (local.get $body) (i32.const 64)) (local.set $stream (i32.load (i32.const 68)))
            (call $write (local.get $stream) (i32.const 15) (i32.const 5) (i32.const 64))`
         : ''
     }
     ${closed ? '(call $drop-stream (local.get $stream)) (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 64))' : ''}
     ${end}`,
    data,
  );

const of03 = ({ length, body, closed }: Form, end: string): Promise<Uint8Array> =>
  service(
    'stackful',
    ['fields', 'append', 'newResponse', 'newStream', 'newTrailers', 'write', 'dropWritable', 'taskReturn', 'waitFor'],
    `(local $fields i32) (local $ends i64) (local $out i32)
     (local.set $fields (call $fields))
     ${length ? withLength('(local.get $fields)') : ''}
     (local.set $ends (call $new-stream))
     (local.set $out (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
     (call $new-response (local.get $fields) (i32.const ${body ? 1 : 0}) (i32.wrap_i64 (local.get $ends))
       (i32.wrap_i64 (call $new-trailers)) (i32.const 64))
     (call $respond (i32.load (i32.const 64)))
     ${body ? '(drop (call $write (local.get $out) (i32.const 15) (i32.const 5)))' : ''}
     ${closed ? '(call $drop-writable (local.get $out))' : ''}
     ${end}`,
    `(data (i32.const 0) "${data}")`,
  );

/** Sends its request to that host, and answers with what comes back. */
const passingOn = (host: string): Promise<Uint8Array> =>
  service(
    'stackful',
    ['setAuthority', 'send', 'taskReturn'],
    `(drop (call $set-authority (local.get $request) (i32.const 1) (i32.const 0) (i32.const ${host.length})))
     (call $send (local.get $request) (i32.const 64))
     (call $respond (i32.load (i32.const 72)))`,
    `(data (i32.const 0) "${host}")`,
  );

const makers = { '0.2': of02, '0.3': of03 } as const;
type Version = keyof typeof makers;
const cases = (Object.keys(makers) as Version[]).flatMap((version) =>
  (Object.keys(answers) as (keyof typeof answers)[]).flatMap((answer) =>
    (Object.keys(ends) as (keyof typeof ends)[]).map((end) => ({
      id: `${answer}-${end}-${version.replace('.', '')}`,
      name: `${version}, ${answer}, then ${end}`,
      form: answers[answer],
      text: typeof ends[end] === 'string' ? ends[end] : ends[end][version],
      version,
    })),
  ),
);

let folder: string;
let server: SandboxServer;
let app: SandboxApp;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-finished-'));
  const guests: Record<string, GuestSettings> = {};
  for (const { id, form, text, version } of cases) {
    const guest = join(folder, `${id}.wasm`);
    await writeFile(guest, await makers[version](form, text));
    // What may still come is waited for, as long as the guest has; what is whole is not.
    const wall = form.body && !form.length ? WALL_MS : 10 * PATIENCE_MS;
    const limits = `cpu_slice = "${SLICE_MS}ms"\nwall = "${wall}ms"`;
    guests[id] = { guest, settings: `[component.${id}.tool.mayfly.limits]\n${limits}` };
    const passer = join(folder, `to-${id}.wasm`);
    await writeFile(passer, await passingOn(`${id}.spin.internal`));
    guests[`to-${id}`] = { guest: passer, allowedHosts: ['http://*.spin.internal'] };
  }
  server = await sandboxServer(guests);
  app = await sandboxApp(guests);
});
after(async () => {
  await server.stop();
  await app.close();
  await rm(folder, { recursive: true });
});

async function textOf(response: Response): Promise<string> {
  assert.equal(response.status, 200);
  return response.text();
}

const ways: Record<string, (id: string) => Promise<string>> = {
  'over a socket': async (id) =>
    textOf(await fetch(`${server.url}/${id}`, { signal: AbortSignal.timeout(PATIENCE_MS) })),
  'in the process': async (id) =>
    textOf(await app.app.fetch(new Request(`http://localhost/${id}`, { signal: AbortSignal.timeout(PATIENCE_MS) }))),
  'to another component': async (id) =>
    textOf(await fetch(`${server.url}/to-${id}`, { signal: AbortSignal.timeout(PATIENCE_MS) })),
};

for (const { id, name, form } of cases) {
  test(`${name}: ${form.whole ? 'the answer arrives' : 'the answer breaks off'}`, async () => {
    for (const [way, ask] of Object.entries(ways)) {
      if (form.whole) assert.equal(await ask(id), form.body ? 'hello' : '', way);
      else await assert.rejects(ask(id), way);
    }
  });
}

test('a call of stream.cancel-read that traps, after the answer was given: it arrives', async () => {
  const guest = join(folder, 'cancel.wasm');
  const bytes = await service(
    'stackful',
    [
      ...(['fields', 'consumeBody', 'resultFuture', 'readLater', 'cancelRead', 'newSet', 'join'] as const),
      ...(['newResponse', 'newStream', 'newTrailers', 'write', 'dropWritable', 'taskReturn'] as const),
    ],
    `(local $ends i64) (local $out i32) (local $in i32)
     (call $consume-body (local.get $request) (i32.wrap_i64 (call $result-future)) (i32.const 80))
     (local.set $in (i32.load (i32.const 80)))
     (drop (call $read-later (local.get $in) (i32.const 1024) (i32.const 10)))
     (call $join (local.get $in) (call $new-set))
     (local.set $ends (call $new-stream))
     (local.set $out (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
     (call $new-response (call $fields) (i32.const 1) (i32.wrap_i64 (local.get $ends))
       (i32.wrap_i64 (call $new-trailers)) (i32.const 64))
     (call $respond (i32.load (i32.const 64)))
     (drop (call $write (local.get $out) (i32.const 15) (i32.const 5)))
     (call $drop-writable (local.get $out))
     (drop (call $cancel-read (local.get $in)))`,
    `(data (i32.const 0) "${data}")`,
  );
  await writeFile(guest, bytes);
  const own = await sandboxApp({ cancel: { guest } });
  try {
    const body = new ReadableStream({ pull: () => new Promise(() => undefined) });
    const answer = await own.get('/cancel', { method: 'POST', body, duplex: 'half' } as RequestInit);
    assert.deepEqual([answer.status, answer.text], [200, 'hello']);
    assert.match(own.log(), /Cannot wait for an end that is in a waitable set/);
  } finally {
    await own.close();
  }
});
