// Streams and futures in the hands of the host. Ends that a guest gave are made when its values are lifted; for streams
// from the host to a guest `hostStream` makes both ends, of which the readable one is passed as a value.
import { Trap } from '../../errors.ts';
import { type Items, isNumber, type ReadableBuffer, type WritableBuffer } from './buffer.ts';
import { type Chunk, HostSink, HostSource } from './host-buffer.ts';
import { type Copy, CopyResult, type Shared, SharedFuture, SharedStream } from './shared.ts';
import type { HostEnd, Store } from './store.ts';

/** The number of elements that one read asks for, unless said otherwise: 64 KiB of a byte stream. */
const DEFAULT_READ = 65_536;

/** What both ends have in common: they count as something that may wake the guest, and end with it. */
abstract class End<S extends Shared> implements HostEnd {
  /** @internal */
  readonly shared: S;
  /** The instance whose guest holds the other end; undefined as long as none does. */
  #store: Store | undefined;
  /** The copy that waits for the guest's turn. */
  #waiting: (() => void) | undefined;
  protected closed = false;
  protected failure: Error | undefined;

  constructor(shared: S) {
    this.shared = shared;
  }

  /** Says that the other end is in this instance now. @internal */
  attach(store: Store): void {
    this.#store = store;
    if (!this.closed && !this.shared.dropped) store.hostEnds.add(this);
    this.shared.onDrop(() => this.#detach());
  }

  /** Says that the other end has come back from the guest to the host. @internal */
  release(): void {
    this.#detach();
    this.#store = undefined;
  }

  #detach(): void {
    if (!this.#store) return;
    this.#store.hostEnds.delete(this);
    this.#store.wake();
    // The copy is done at once: without a guest at the other end it needs no turn, and after the guest's end there
    // would be none.
    this.#copyNow();
  }

  #copyNow(): void {
    const step = this.#waiting;
    this.#waiting = undefined;
    step?.();
  }

  /** Gives the shared part away when the host passes this end on. @internal */
  handOver(): S {
    if (this.closed) throw new TypeError('The end was closed or passed on already');
    this.closed = true;
    this.#detach();
    return this.shared;
  }

  /** Runs `step` when it is the host's turn: elements that are no numbers are lifted and lowered in guest code. */
  protected copy(step: () => void): void {
    if (!this.#store || this.#store.failure || isNumber(this.shared.type)) step();
    else {
      this.#waiting = step;
      this.#store.deliver(() => {
        this.#copyNow();
        return undefined;
      });
    }
  }

  /** Drops this end. A copy that is under way at the other end is ended. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.shared.drop();
    this.#detach();
  }

  /** Says that the guest was ended. */
  abort(reason: Error): void {
    this.failure ??= reason;
    this.close();
  }

  /** Calls `tell` once when the other end is gone, or at once when it is gone already. */
  onDrop(tell: () => void): void {
    this.shared.onDrop(tell);
  }
}

export class HostReadable<T = unknown> extends End<SharedStream> {
  #reading = false;

  /**
   * Reads the next elements, at most `max`: a typed array for numbers, else an array. Gives undefined at the end of the
   * stream, and after `cancelRead`. Errors: the guest was ended. Only one read at a time.
   */
  read(max = DEFAULT_READ): Promise<Chunk<T> | undefined> {
    if (this.failure) return Promise.reject(this.failure);
    if (this.closed) return Promise.resolve(undefined);
    if (this.#reading) return Promise.reject(new TypeError('The stream is being read already'));
    this.#reading = true;
    return new Promise((resolve, reject) => {
      const sink = new HostSink(max);
      const finish = (): void => {
        this.#reading = false;
        if (this.failure && !sink.items) reject(this.failure);
        else resolve(sink.items as Chunk<T> | undefined);
      };
      const copy: Copy<WritableBuffer> = {
        owner: undefined,
        buffer: sink,
        onCopy: (reclaim) => {
          reclaim();
          finish();
        },
        onDone: finish,
      };
      this.copy(() => this.#attempt(copy));
    });
  }

  /** Tries to read. It tries again after a zero-length write of the guest, which ends no read of the host. */
  #attempt(copy: Copy<WritableBuffer>): void {
    this.shared.read({
      ...copy,
      onDone: (result) => {
        const sink = copy.buffer as HostSink;
        if (result === CopyResult.completed && !sink.items) this.#attempt(copy);
        else copy.onDone(result);
      },
    });
  }

  get isClosedByGuest(): boolean {
    return this.shared.dropped && !this.closed;
  }

  /** Ends the read under way, which then gives undefined. */
  cancelRead(): void {
    if (this.#reading) this.shared.cancel();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Chunk<T>> {
    try {
      for (let chunk = await this.read(); chunk; chunk = await this.read()) yield chunk;
    } finally {
      this.close();
    }
  }
}

export class HostWritable<T = unknown> extends End<SharedStream> {
  #writing = false;

  /**
   * Writes a chunk, and settles when the reader has taken all elements: that is the backpressure. Gives their number,
   * which is smaller when the reader is gone or `cancelWrite` was called. The chunk must not be changed meanwhile. Only
   * one write at a time.
   */
  write(chunk: Chunk<T>): Promise<number> {
    if (this.closed || chunk.length === 0) return Promise.resolve(0);
    if (this.#writing) return Promise.reject(new TypeError('The stream is being written already'));
    this.#writing = true;
    return new Promise((resolve) => {
      const source = new HostSource(chunk as Items);
      const finish = (): void => {
        this.#writing = false;
        resolve(source.progress);
      };
      const copy: Copy<ReadableBuffer> = {
        owner: undefined,
        buffer: source,
        onCopy: (reclaim) => {
          if (source.remain > 0) return;
          reclaim();
          finish();
        },
        onDone: (result) => {
          if (result === CopyResult.completed && source.remain > 0) this.shared.write(copy);
          else finish();
        },
      };
      this.copy(() => this.shared.write(copy));
    });
  }

  cancelWrite(): void {
    if (this.#writing) this.shared.cancel();
  }

  /** Whether the reader is gone, which makes writing pointless. */
  get dropped(): boolean {
    return this.shared.dropped;
  }
}

export class HostFuture<T = unknown> extends End<SharedFuture> {
  #value: Promise<T> | undefined;

  get isLost(): boolean {
    return this.failure !== undefined;
  }

  /** Reads the value. Errors: the writer is gone, or the guest was ended, before there was one. */
  read(): Promise<T> {
    this.#value ??= new Promise<T>((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      const sink = new HostSink(1);
      const onDone = (result: CopyResult): void => {
        this.close();
        if (result === CopyResult.completed) resolve(sink.items?.[0] as T);
        else reject(this.failure ?? new Trap('The future was dropped without a value'));
      };
      this.copy(() => this.shared.read({ owner: undefined, buffer: sink, onCopy: () => undefined, onDone }));
    });
    return this.#value;
  }
}

/** The host's end that gives a future its value. */
export class HostFutureWriter<T = unknown> extends End<SharedFuture> {
  /** Writes the value, and settles when the reader has it, or is gone. */
  write(value: T): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const onDone = (): void => {
        this.close();
        resolve();
      };
      const buffer = new HostSource([value]);
      this.copy(() => this.shared.write({ owner: undefined, buffer, onCopy: () => undefined, onDone }));
    });
  }
}

/** Makes a stream from the host: pass `readable` to a guest, once, and write into `writable`. */
export function hostStream<T>(): { readonly readable: HostReadable<T>; readonly writable: HostWritable<T> } {
  const shared = new SharedStream();
  const writable = new HostWritable<T>(shared);
  const readable = new HostReadable<T>(shared);
  peers.set(shared, writable);
  return { readable, writable };
}

const peers = new WeakMap<Shared, End<Shared>>();

/**
 * Says that a guest gets the readable end of this stream or future: if its writer is the host's, it is told which
 * guest.
 */
export function attachPeer(shared: Shared, store: Store): void {
  peers.get(shared)?.attach(store);
}

/** Says that the host gets that readable end back. False when its writer is not the host's. */
export function detachPeer(shared: Shared): boolean {
  const peer = peers.get(shared);
  peer?.release();
  return peer !== undefined;
}

/** Makes a future of a promise of the host. Errors of the promise end the guest. */
export function futureOf(promise: PromiseLike<unknown>, store: Store): SharedFuture {
  const shared = new SharedFuture();
  const writer = new HostFutureWriter(shared);
  peers.set(shared, writer);
  promise.then(
    (value) => void writer.write(value),
    (error: unknown) => store.fail(error),
  );
  return shared;
}
