// Streams of bytes of WASI 0.3 over the streams of the host: what a guest reads comes from an InputStream, what it
// writes goes to an OutputStream. Each side holds the other back; at most one piece is on its way.
import { HeldBytes, type HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { ProducedStream, type StreamReader, type StreamWriter } from '../../../component/types/streams.ts';
import type { InputStream, OutputStream } from './streams.ts';

/** The most bytes that are moved at once. */
const PIECE = 131_072;

export interface Outgoing {
  readonly stream: ProducedStream<number>;
  /** How the stream ended: undefined when all was read, or the guest wanted no more. Never rejects. */
  readonly ended: Promise<unknown>;
}

/**
 * Makes a stream for a guest. It is closed when the guest drops its end, and at its own end. `budget` counts the piece
 * that waits.
 */
export function toGuest(input: InputStream, budget: HostByteBudget | undefined): Outgoing {
  const ended = Promise.withResolvers<unknown>();
  const stream = new ProducedStream<number>((writer) => {
    pump(input, writer, new HeldBytes(budget)).then(() => ended.resolve(undefined), ended.resolve);
  });
  return { stream, ended: ended.promise };
}

async function pump(input: InputStream, writer: StreamWriter<number>, held: HeldBytes): Promise<void> {
  const gone = Promise.withResolvers<void>();
  writer.onDrop(gone.resolve);
  try {
    for (;;) {
      for (let wait = input.ready(); wait !== undefined && !writer.dropped; wait = input.ready()) {
        await Promise.race([wait, gone.promise]);
      }
      const chunk = writer.dropped ? undefined : input.read(PIECE);
      if (chunk === undefined) return;
      held.set(chunk.length);
      if (chunk.length > 0) await writer.write(chunk);
      input.release?.(chunk);
    }
  } finally {
    held.release();
    input.close();
    writer.close();
  }
}

/** An empty stream. */
export function emptyStream<T>(): ProducedStream<T> {
  return new ProducedStream<T>((writer) => writer.close());
}

/**
 * Writes all that the guest sends, and waits until it has gone out. Throws what `output` fails with, and `closed` when
 * that takes no more. The output stays open.
 */
export async function fromGuest(reader: StreamReader<number>, output: OutputStream, closed: unknown): Promise<void> {
  try {
    for (;;) {
      const room = await roomIn(output);
      if (room === undefined) throw closed;
      const chunk = await reader.read(Math.min(room, PIECE));
      if (chunk === undefined) break;
      output.write(chunk as Uint8Array);
    }
    output.flush();
    for (let wait = output.ready(); wait !== undefined; wait = output.ready()) await wait;
    output.checkWrite();
  } finally {
    reader.close();
  }
}

async function roomIn(output: OutputStream): Promise<number | undefined> {
  for (let wait = output.ready(); wait !== undefined; wait = output.ready()) await wait;
  return output.checkWrite();
}
