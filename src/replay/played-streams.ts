// The host's ends of streams and futures of a guest that is played to: they do what the recording says, when it says so.
import { HostFuture, HostReadable, type HostWritable, hostStream } from '../component/tasks/host-streams.ts';
import { MayflyError } from '../errors.ts';
import type { StreamLine } from './format.ts';
import type { StreamType } from './numbers.ts';
import { PlayedPromise } from './played-promise.ts';
import { unrender } from './rendered.ts';
import type { Written } from './response-shape.ts';
import { thrownAgain } from './thrown.ts';
import { BadValue, decodeValue, type Numbering, type Raw } from './values.ts';

/** What the guest has, or has given. */
type Played =
  | { readonly kind: 'reader'; readonly reader: HostReadable; readonly written: Written; readonly type: StreamType }
  | { readonly kind: 'future'; readonly future: HostFuture; value: unknown; readonly type: StreamType }
  | { readonly kind: 'writer'; readonly writer: HostWritable; readonly type: StreamType }
  | { readonly kind: 'promise'; readonly promise: PlayedPromise; readonly type: StreamType };

export class PlayedStreams {
  readonly #played = new Map<number, Played>();
  readonly #byObject = new Map<unknown, Played>();

  /** Makes what a function gives to the guest. */
  make(number: number, type: StreamType): unknown {
    if (type.kind === 'stream') {
      const { readable, writable } = hostStream();
      this.#add(number, readable, { kind: 'writer', writer: writable, type });
      return readable;
    }
    const promise = new PlayedPromise();
    this.#add(number, promise, { kind: 'promise', promise, type });
    return promise;
  }

  /** Takes what the guest has given. */
  take(number: number, object: unknown, type: StreamType): void {
    if (object instanceof HostReadable) {
      const written: Written = { pieces: [], trailers: undefined };
      this.#add(number, object, { kind: 'reader', reader: object, written, type });
    } else if (object instanceof HostFuture) {
      this.#add(number, object, { kind: 'future', future: object, value: undefined, type });
    } else throw new BadValue('a stream of the host that is none of the recording');
  }

  #add(number: number, object: unknown, played: Played): void {
    this.#played.set(number, played);
    this.#byObject.set(object, played);
  }

  /** What was read of a stream that the guest gave. */
  writtenOf(object: unknown): Written | undefined {
    const played = this.#byObject.get(object);
    return played?.kind === 'reader' ? played.written : undefined;
  }

  /** What was read of a future that the guest gave. */
  valueOf(object: unknown): unknown {
    const played = this.#byObject.get(object);
    return played?.kind === 'future' ? played.value : undefined;
  }

  /** Does what the host did. Throws `recording-corrupt`. */
  perform(line: StreamLine, numbering: Numbering): void {
    const played = this.#played.get(line.stream);
    if (!played) throw corrupt(line, 'no such stream has crossed');
    switch (played.kind) {
      case 'reader':
        performRead(line, played.reader, played.written);
        return;
      case 'future':
        if (line.does === 'read') {
          played.future.read().then(
            (value) => {
              played.value = value;
            },
            () => {},
          );
        } else played.future.close();
        return;
      case 'writer':
        performWrite(line, played.writer, played.type, numbering);
        return;
      case 'promise':
        if (line.does === 'fail' && line.throws) played.promise.reject(thrownAgain(line.throws));
        else played.promise.resolve(valueIn(line, played.type.element, numbering));
    }
  }
}

function performRead(line: StreamLine, reader: HostReadable, { pieces }: Written): void {
  if (line.does === 'cancel-read') reader.cancelRead();
  else if (line.does === 'close') reader.close();
  else {
    reader.read(line.max).then(
      (chunk) => {
        if (chunk instanceof Uint8Array) pieces.push(chunk.slice());
      },
      () => {},
    );
  }
}

function performWrite(line: StreamLine, writer: HostWritable, { element }: StreamType, numbering: Numbering): void {
  if (line.does === 'cancel-write') writer.cancelWrite();
  else if (line.does === 'end') writer.close();
  else {
    const items = element
      ? valueIn(line, { kind: 'list', element }, numbering)
      : Array.from({ length: Math.min(Number(line.result), 1_000_000) || 0 });
    void writer.write(items as ArrayLike<unknown>);
  }
}

function valueIn(line: StreamLine, type: StreamType['element'], numbering: Numbering): unknown {
  if (!type) return undefined;
  try {
    return decodeValue(type, unrender(line.result ?? null) as Raw, numbering);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw corrupt(line, error.message);
  }
}

function corrupt({ stream, does }: StreamLine, what: string): MayflyError {
  return new MayflyError('recording-corrupt', `The "${does}" of stream ${stream} cannot be played: ${what}`);
}
