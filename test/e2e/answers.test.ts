// What guests say in their answers comes out the same, whatever version they are of and whichever way they are asked.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockApp } from '../../src/app/lock.ts';
import { load } from '../../src/library/load.ts';
import { startApp } from '../../src/runtime.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { RawClient } from '../../src/triggers/http/client.test-kit.ts';
import { type Said, versions } from '../support/answering.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-answers-'));
after(() => rmSync(folder, { recursive: true }));

type Case = readonly [name: string, said: Partial<Said>, expected: string];

const length = (value: string): Partial<Said> => ({ headers: [['content-length', value]] });
const cases: readonly Case[] = [
  ['whole', {}, '200 hello'],
  ['as long as it says', length('5'), '200 hello'],
  ['shorter than it says', length('6'), 'fails'],
  ['longer than it says', length('4'), 'fails'],
  ['a length that is none', length('five'), 'fails'],
  ['two lengths', { headers: [...(length('5').headers ?? []), ['content-length', '6']] }, 'fails'],
  ['the same length twice', { headers: [...(length('5').headers ?? []), ['content-length', '5']] }, '200 hello'],
  ['a trap in the middle', { traps: true }, 'fails'],
  ['a trap short of the length', { ...length('6'), traps: true }, 'fails'],
  ['an announced trailer that never comes', { headers: [['trailer', 'x-sum']] }, '200 hello'],
  [
    'a 204 with a trailer and a length',
    {
      status: 204,
      headers: [
        ['trailer', 'x-sum'],
        ['content-length', '5'],
      ],
    },
    '204 ',
  ],
  ['a 304 with a trailer', { status: 304, headers: [['trailer', 'x-sum']] }, '304 '],
  ['te, which is of requests', { headers: [['te', 'trailers']] }, '200 hello'],
  ['an error status', { status: 599 }, '599 hello'],
  ...[99, 100, 101, 199, 600, 999, 1000].map((status): Case => [`status ${status}`, { status }, 'fails']),
];

/** Status and body, or `fails`: 500, or an answer that does not end as it should. */
async function overSocket(port: number, version: string): Promise<string> {
  const client = await RawClient.connect(port);
  client.send(`GET / HTTP/${version}\r\nHost: h\r\nConnection: close\r\n\r\n`);
  const all = await client.end().catch(() => 'HTTP/1.1 500 reset');
  const [head = '', ...rest] = all.split('\r\n\r\n');
  const [, status, text] = /^HTTP\/1\.1 (\d+) ?(.*)/.exec(head) ?? [];
  assert.doesNotMatch(head, /^HTTP\/1\.1 500 OK/);
  assert.doesNotMatch(head, /\r\nte:/i);
  if (status === '500' || all === '') return 'fails';
  assert.equal(typeof text, 'string');
  const body = rest.join('\r\n\r\n');
  const declared = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (status === '304' || status === '204') return `${status} ${body}`;
  if (declared !== undefined) return Number(declared) === body.length ? `${status} ${body}` : 'fails';
  if (version === '1.0') return `${status} ${body}`;
  const chunks = /^5\r\n(.*)\r\n0\r\n\r\n$/.exec(body)?.[1];
  return chunks === undefined ? 'fails' : `${status} ${chunks}`;
}

async function inProcess(path: string): Promise<string> {
  const app = await load(path, { log: silentLog, verifyResets: true });
  try {
    const response = await app.fetch(new Request('http://h/'));
    assert.equal(response.headers.get('te'), null);
    return response.status === 500 ? 'fails' : `${response.status} ${await response.text()}`;
  } catch {
    return 'fails';
  } finally {
    await app.close();
  }
}

for (const [version, guest] of Object.entries(versions)) {
  test(`${version}: answers are whole and right, or fail, over HTTP/1.0, HTTP/1.1 and in process`, {
    timeout: 60_000,
  }, async (t) => {
    for (const [name, said, expected] of cases) {
      const path = join(folder, `${version}-${name}.wasm`.replaceAll(' ', '-'));
      writeFileSync(path, await guest({ status: 200, headers: [['x', 'y']], body: 'hello', traps: false, ...said }));
      const listen = { host: '127.0.0.1', port: 0 };
      const app = await startApp(await lockApp(path), { listen, log: silentLog, variables: {}, environment: {} });
      t.after(() => app.stop());
      const port = Number(new URL(app.url).port);
      for (const http of ['1.0', '1.1']) assert.equal(await overSocket(port, http), expected, `${name}, HTTP/${http}`);
      assert.equal(await inProcess(path), expected, `${name}, in process`);
    }
  });
}
