// What the host does with a stream or future is told: it reads from what a guest gave, and writes into what a guest got. The
// objects stay what they are, since the component runtime looks at their classes; their methods are replaced.
import { type FutureReader, ProducedStream, type StreamReader, type StreamWriter } from '../component/types/streams.ts';
import type { StreamType } from './numbers.ts';

/** What the host does at its end. */
export type StreamDeed =
  | { readonly does: 'read'; readonly max?: number | undefined }
  | { readonly does: 'write'; readonly items: ArrayLike<unknown> }
  | { readonly does: 'resolve'; readonly value: unknown }
  | { readonly does: 'fail'; readonly error: unknown }
  | { readonly does: 'cancel-read' | 'cancel-write' | 'close' | 'end' };

type Tell = (deed: StreamDeed) => void;
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export function watchStream(object: unknown, type: StreamType, tell: Tell): void {
  if (object instanceof ProducedStream) watchProduced(object, tell);
  else if (isReader(object)) {
    if (type.kind === 'stream') watchReader(object as StreamReader<unknown>, tell);
    else watchFuture(object as FutureReader<unknown>, tell);
  } else watchPromise(object as Promise<unknown>, tell);
}

function isReader(object: unknown): boolean {
  return typeof (object as { readonly read?: unknown }).read === 'function';
}

function watchProduced(stream: Mutable<ProducedStream<unknown>>, tell: Tell): void {
  const { produce } = stream;
  stream.produce = (writer) => {
    watchWriter(writer, tell);
    produce(writer);
  };
}

function watchWriter(writer: StreamWriter<unknown>, tell: Tell): void {
  const { write, cancelWrite, close } = writer;
  Object.assign(writer, {
    write(items: ArrayLike<unknown>) {
      tell({ does: 'write', items });
      return write.call(writer, items);
    },
    cancelWrite() {
      tell({ does: 'cancel-write' });
      cancelWrite.call(writer);
    },
    close() {
      tell({ does: 'end' });
      close.call(writer);
    },
  });
}

function watchReader(reader: StreamReader<unknown>, tell: Tell): void {
  const { read, cancelRead, close } = reader;
  Object.assign(reader, {
    read(max?: number) {
      tell({ does: 'read', max });
      return read.call(reader, max);
    },
    cancelRead() {
      tell({ does: 'cancel-read' });
      cancelRead.call(reader);
    },
    close() {
      tell({ does: 'close' });
      close.call(reader);
    },
  });
}

function watchFuture(reader: FutureReader<unknown>, tell: Tell): void {
  const { read, close } = reader;
  Object.assign(reader, {
    read() {
      tell({ does: 'read' });
      return read.call(reader);
    },
    close() {
      tell({ does: 'close' });
      close.call(reader);
    },
  });
}

/** The runtime asks for the value by `then`: it is told right before the runtime has it. */
function watchPromise(promise: Promise<unknown>, tell: Tell): void {
  const then = promise.then.bind(promise) as (...given: unknown[]) => unknown;
  Object.assign(promise, {
    // biome-ignore lint/suspicious/noThenProperty: it is that of a promise
    then: (resolved: (value: unknown) => unknown, rejected: (error: unknown) => unknown) =>
      then(
        (value: unknown) => {
          tell({ does: 'resolve', value });
          return resolved(value);
        },
        (error: unknown) => {
          tell({ does: 'fail', error });
          return rejected(error);
        },
      ),
  });
}
