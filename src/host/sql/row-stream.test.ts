// Rows reach a guest at its pace, each piece counted until it was taken; an error comes before the stream, or at its end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostByteBudget } from '../../component/types/host-byte-budget.ts';
import type { StreamWriter } from '../../component/types/streams.ts';
import type { GuestCall } from '../guest-call.ts';
import { allRows, type Piece, type RowRun, type RunStatement, streamRows } from './row-stream.ts';

const piece = (rows: readonly number[], isLast = false): Piece<number> => ({ rows, bytes: 10 * rows.length, isLast });

function run(pieces: readonly (Piece<number> | Error)[]): RowRun<string, number> & { asked: number } {
  return {
    columns: ['a'],
    asked: 0,
    async next() {
      const found = pieces[this.asked++];
      if (found === undefined || found instanceof Error) throw found ?? new Error('there is no more');
      return found;
    },
  };
}

/** Counts each piece as it is read, as a connection does. */
function statement(of: RowRun<string, number>, after = async (): Promise<void> => {}): RunStatement<string, number> {
  return async (call: GuestCall, use) => {
    const next = async (): Promise<Piece<number>> => {
      const found = await of.next();
      call.keep(found.bytes);
      return found;
    };
    await use({ columns: of.columns, next });
    await after();
  };
}

function request() {
  const hostBytes = new HostByteBudget(1000);
  return { hostBytes, calling: { signal: new AbortController().signal, hostBytes } };
}

/** Reads `most` pieces, and drops the stream then. */
function reader(hostBytes: HostByteBudget, most = Number.POSITIVE_INFINITY) {
  const seen = { pieces: [] as (readonly number[])[], held: [] as number[], closed: 0 };
  const writer = {
    dropped: false,
    async write(rows: readonly number[]) {
      seen.pieces.push(rows);
      seen.held.push(hostBytes.bytes);
      writer.dropped = seen.pieces.length >= most;
      return rows.length;
    },
    close: () => void seen.closed++,
  };
  return { seen, writer: writer as unknown as StreamWriter<number> };
}

const tell = (error: unknown): string => `told: ${(error as Error).message}`;

test('all rows are those of every piece, in their order, up to the last one', async () => {
  const pieces = [piece([1, 2]), piece([]), piece([3], true), piece([4])];
  assert.deepEqual(await allRows(run(pieces)), { columns: ['a'], rows: [1, 2, 3] });
});

test('a stream gives piece for piece, of which one is counted at a time', async () => {
  const { hostBytes, calling } = request();
  const of = run([piece([1, 2]), piece([]), piece([3]), piece([4, 5], true)]);
  const [columns, rows, end] = await streamRows(calling, statement(of), tell);
  assert.deepEqual([columns, of.asked], [['a'], 0], 'nothing is read before there is a reader');
  const { seen, writer } = reader(hostBytes);
  rows.produce(writer);
  assert.deepEqual(await end, { tag: 'ok', val: undefined });
  assert.deepEqual(seen, { pieces: [[1, 2], [3], [4, 5]], held: [20, 10, 20], closed: 1 });
  assert.equal(hostBytes.bytes, 0);
});

test('a stream that is dropped reads nothing more', async () => {
  const { hostBytes, calling } = request();
  const of = run([piece([1]), piece([2]), piece([3], true)]);
  const [, rows, end] = await streamRows(calling, statement(of), tell);
  const { seen, writer } = reader(hostBytes, 2);
  rows.produce(writer);
  assert.equal((await end).tag, 'ok');
  assert.deepEqual([of.asked, seen.closed, hostBytes.bytes], [2, 1, 0]);
});

test('an error before the columns is the answer, one after them stands at the end', async () => {
  const { calling } = request();
  const refused = async (): Promise<void> => {
    throw new Error('refused');
  };
  await assert.rejects(streamRows(calling, refused, tell), { message: 'refused' });
  for (const [of, after, rowsBefore] of [
    [run([piece([1]), new Error('broken')]), undefined, 1],
    [run([piece([1], true)]), async () => Promise.reject(new Error('broken')), 1],
  ] as const) {
    const { hostBytes, calling: one } = request();
    const [, rows, end] = await streamRows(one, statement(of, after), tell);
    const { seen, writer } = reader(hostBytes);
    rows.produce(writer);
    assert.deepEqual(await end, { tag: 'err', val: 'told: broken' });
    assert.deepEqual([seen.pieces.length, seen.closed, hostBytes.bytes], [rowsBefore, 1, 0]);
  }
});
