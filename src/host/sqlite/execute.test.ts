// Results reach the guest whole or piece by piece, within their limit, and nothing stays open or counted when one ends early.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostByteBudget } from '../../component/types/host-byte-budget.ts';
import type { ProducedStream, StreamWriter } from '../../component/types/streams.ts';
import { type Connection, MOST_RESULT_BYTES, type Query, type RowPiece, SqlFault, type SqlRow } from './database.ts';
import { execute, executeStreaming } from './execute.ts';
import type { OpenConnections } from './open-connections.ts';
import type { WitRow } from './values.ts';

/** What a value takes beside its text, as Spin counts it. */
const VALUE_BYTES = 24;
const tooLarge = { tag: 'err', val: { tag: 'io', val: 'query result exceeds limit of 134217728 bytes' } };
const text = (bytes: number): string => 'x'.repeat(bytes - VALUE_BYTES);

function request(heldBytes = 1_000_000_000) {
  const hostBytes = new HostByteBudget(heldBytes);
  return { state: { signal: new AbortController().signal, hostBytes } as unknown as OpenConnections, hostBytes };
}

/** A result of these pieces; an error among them is thrown in the place of one. */
function inPieces(...pieces: (readonly SqlRow[] | Error)[]) {
  const seen = { closed: 0, asked: 0 };
  const from = (index: number): RowPiece => {
    const rows = pieces[index];
    if (rows instanceof Error) throw rows;
    const next = async (): Promise<RowPiece> => {
      seen.asked += 1;
      return from(index + 1);
    };
    return { rows: rows ?? [], next: index + 1 < pieces.length ? next : undefined };
  };
  const query = (): Query => ({ columns: ['a'], ...from(0), close: () => void seen.closed++ });
  return { seen, query };
}

const giving = (query: () => Query | Promise<Query>): Connection => ({ query }) as unknown as Connection;

test('a result of just as many bytes as it may have comes, one byte more is an error, at once and later', async () => {
  const { state } = request();
  for (const way of [(query: Query) => query, async (query: Query) => query]) {
    const most: Query = { columns: ['a'], rows: [[text(1000)], [text(MOST_RESULT_BYTES - 1000)]], next: undefined };
    const found = await execute(
      state,
      giving(() => way(most)),
      '',
      [],
    );
    assert.equal(found.tag === 'ok' && found.val.rows.length, 2);
    const more: Query = { ...most, rows: [...most.rows, [null]] };
    assert.deepEqual(
      await execute(
        state,
        giving(() => way(more)),
        '',
        [],
      ),
      tooLarge,
    );
  }
});

test('pieces are one result, whose bytes are counted until the guest has it', async () => {
  const { state, hostBytes } = request();
  const { query, seen } = inPieces([[1n], [2n]], [[text(MOST_RESULT_BYTES - 4 * VALUE_BYTES)]], [[3n]]);
  const found = await execute(state, giving(query), '', []);
  assert.equal(found.tag === 'ok' && found.val.rows.length, 4);
  assert.ok(hostBytes.bytes >= MOST_RESULT_BYTES - VALUE_BYTES, `${hostBytes.bytes} bytes`);
  assert.equal(seen.closed, 0);
});

test('a result that is too large, or fails in the middle, is closed, and nothing of it stays counted', async () => {
  for (const [last, expected] of [
    [[[text(MOST_RESULT_BYTES)]], tooLarge],
    [new SqlFault('gone'), { tag: 'err', val: { tag: 'io', val: 'gone' } }],
  ] as const) {
    const { state, hostBytes } = request();
    const { query, seen } = inPieces([[1n]], last, [[2n]]);
    assert.deepEqual(await execute(state, giving(query), '', []), expected);
    assert.deepEqual([seen.closed, seen.asked, hostBytes.bytes], [1, 1, 0]);
  }
  const { state } = request();
  const broken = inPieces([[1n]], new TypeError('of the host'));
  await assert.rejects(async () => execute(state, giving(broken.query), '', []), { message: 'of the host' });
  assert.equal(broken.seen.closed, 1);
});

/** Reads `most` pieces of a stream, and drops it then. */
function reader(most: number, hostBytes: HostByteBudget) {
  const seen = { rows: 0, closed: 0, held: [] as number[] };
  const writer = {
    dropped: false,
    async write(rows: readonly WitRow[]) {
      seen.held.push(hostBytes.bytes);
      seen.rows += rows.length;
      writer.dropped = seen.held.length >= most;
      return rows.length;
    },
    close: () => void seen.closed++,
  };
  return { seen, read: (rows: ProducedStream<WitRow>) => rows.produce(writer as unknown as StreamWriter<WitRow>) };
}

test('a stream counts the piece that it is at, and no other', async () => {
  const { state, hostBytes } = request();
  const { query, seen } = inPieces([[text(1000)]], [[text(3000)]], [[text(2000)]]);
  const started = await executeStreaming(state, giving(query), '', []);
  assert.ok(started.tag === 'ok');
  const [columns, rows, end] = started.val;
  assert.deepEqual([columns, hostBytes.bytes], [['a'], 1000]);
  const all = reader(10, hostBytes);
  all.read(rows);
  assert.deepEqual(await end, { tag: 'ok', val: undefined });
  assert.deepEqual(all.seen, { rows: 3, closed: 1, held: [1000, 3000, 2000] });
  assert.deepEqual([hostBytes.bytes, seen.closed, seen.asked], [0, 0, 2]);
});

test('a stream that is dropped closes its result, and asks for nothing more of it', async () => {
  for (const most of [1, 2]) {
    const { state, hostBytes } = request();
    const { query, seen } = inPieces([[1n]], [[2n]], [[3n]]);
    const started = await executeStreaming(
      state,
      giving(async () => query()),
      '',
      [],
    );
    assert.ok(started.tag === 'ok');
    const some = reader(most, hostBytes);
    some.read(started.val[1]);
    assert.deepEqual(await started.val[2], { tag: 'ok', val: undefined });
    assert.deepEqual([some.seen.rows, some.seen.closed], [most, 1]);
    assert.deepEqual([seen.closed, seen.asked, hostBytes.bytes], [1, most - 1, 0]);
  }
});

test('an error in the middle of a stream comes at its end; one of the host says no more than that it is one', async () => {
  for (const [error, val] of [
    [new SqlFault('gone'), 'gone'],
    [new TypeError('of the host'), 'the rows could not be read'],
  ] as const) {
    const { state, hostBytes } = request();
    const { query, seen } = inPieces([[1n]], error);
    const started = await executeStreaming(state, giving(query), '', []);
    assert.ok(started.tag === 'ok');
    const all = reader(10, hostBytes);
    all.read(started.val[1]);
    assert.deepEqual(await started.val[2], { tag: 'err', val: { tag: 'io', val } });
    assert.deepEqual([all.seen.rows, all.seen.closed, seen.closed, hostBytes.bytes], [1, 1, 1, 0]);
  }
});

test('an error before the first row is the end of an empty stream; one of the host ends the guest', async () => {
  for (const fail of [
    () => {
      throw new SqlFault('no');
    },
    () => Promise.reject(new SqlFault('no')),
  ]) {
    const { state, hostBytes } = request();
    const started = await executeStreaming(state, giving(fail), '', []);
    assert.ok(started.tag === 'ok');
    const none = reader(1, hostBytes);
    none.read(started.val[1]);
    assert.deepEqual([started.val[0], none.seen.rows, none.seen.closed], [[], 0, 1]);
    assert.deepEqual(await started.val[2], { tag: 'err', val: { tag: 'io', val: 'no' } });
  }
  for (const broken of [
    () => {
      throw new TypeError('of the host');
    },
    () => Promise.reject(new TypeError('of the host')),
  ]) {
    await assert.rejects(async () => executeStreaming(request().state, giving(broken), '', []), {
      message: 'of the host',
    });
  }
});

test('a first piece that is more than may be held ends the guest', async () => {
  const { query } = inPieces([[text(1001)]]);
  await assert.rejects(async () => executeStreaming(request(1000).state, giving(query), '', []), { message: /held/ });
  const fits = inPieces([[text(1000)]]);
  assert.equal((await executeStreaming(request(1000).state, giving(fits.query), '', [])).tag, 'ok');
});
