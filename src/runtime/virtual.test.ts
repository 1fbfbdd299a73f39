// The surroundings that a test makes: outbound requests come to it whole, and stores and databases are filled and read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import type { HttpRequest } from '../host/http-message.ts';
import { type OutboundRequest, VirtualData, virtualClient } from './virtual.ts';

const request = (chunks: readonly Uint8Array[]): HttpRequest => {
  const left = [...chunks];
  return {
    method: 'POST',
    scheme: 'https',
    authority: 'a.example:8443',
    target: '/x?y=1',
    headers: [['a', '1']],
    body: chunks.length > 0 ? { read: () => left.shift(), cancel: () => {} } : undefined,
  };
};

test('a request comes whole, whatever becomes of its pieces, and is answered once', async () => {
  const asked: OutboundRequest[] = [];
  const answer = (one: OutboundRequest) => {
    asked.push(one);
    return { status: 201, headers: [['b', '2']] as const, body: Buffer.from('fine') };
  };
  const client = virtualClient({ answer });
  const piece = Uint8Array.of(1, 2);
  const sending = client.send(request([piece, Uint8Array.of(3)]), {});
  await new Promise(setImmediate);
  piece.fill(9);
  const { status, headers, body } = await sending;
  assert.deepEqual(asked, [
    { method: 'POST', url: 'https://a.example:8443/x?y=1', headers: [['a', '1']], body: Buffer.from([1, 2, 3]) },
  ]);
  assert.deepEqual([status, headers, body?.length], [201, [['b', '2']], 4]);
  assert.deepEqual([String(body?.read()), body?.read()], ['fine', undefined]);
  await client.send(request([]), {});
  assert.equal(asked[1]?.body.length, 0);
  client.close();
});

test('an answer without a body has nothing to read, and no answer is a connection that is refused', async () => {
  const empty = virtualClient({ answer: async () => ({ status: 204, headers: [], body: new Uint8Array() }) });
  const { body } = await empty.send(request([]), {});
  assert.deepEqual([body?.length, body?.read()], [0, undefined]);
  const silent = virtualClient({ answer: () => undefined });
  await assert.rejects(async () => silent.send(request([]), {}), { code: 'connection-refused' });
});

test('stores and databases are filled, and read', async () => {
  const data = new VirtualData(defaultRuntimeConfig(undefined));
  await data.setKeys('default', [
    ['a', Buffer.from('1')],
    ['b', Buffer.from('2')],
  ]);
  assert.equal(Buffer.from((await data.valueOf('default', 'b')) ?? []).toString(), '2');
  assert.deepEqual([await data.valueOf('default', 'c'), await data.valueOf('none', 'a')], [undefined, undefined]);
  await assert.rejects(data.setKeys('none', []), { code: 'test-invalid', message: /key-value store "none"/ });
  await data.run('default', "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, NULL), (2.5, x'07')");
  assert.deepEqual(await data.rows('default', 'SELECT a, b FROM t'), [
    [1n, null],
    [2.5, Uint8Array.of(7)],
  ]);
  const many = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) SELECT i FROM n';
  const rows = await data.rows('default', many);
  assert.deepEqual([rows.length, rows[0], rows[2499]], [2500, [1n], [2500n]]);
  await assert.rejects(data.rows('none', 'SELECT 1'), { code: 'test-invalid', message: /SQLite database "none"/ });
  await assert.rejects(data.rows('default', 'nonsense'), { code: 'test-invalid', message: /^"nonsense" fails: near/ });
  await assert.rejects(data.run('default', 'nonsense'), { code: 'service-start' });
  assert.deepEqual(await data.rows('default', 'SELECT count(*) FROM t'), [[2n]]);
  await data.close();
});
