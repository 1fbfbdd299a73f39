// The body and the trailers of a message of wasi:http@0.3: given by a guest as a stream and a future, or come from
// outside as a ByteSource; taken by a guest, or by whoever sends the message. Each can be taken once.
import { giveBack } from '../../../component/types/byte-buffers.ts';
import {
  type FutureReader,
  ProducedStream,
  type StreamReader,
  type StreamWriter,
} from '../../../component/types/streams.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { type ByteSource, type HeaderList, HttpError } from '../../http-message.ts';
import { emptyStream } from '../io/byte-streams-0.3.ts';
import { HostObject, type ObjectOwner } from '../io/host-object.ts';
import { type ErrorCode, errorCodeOf, httpErrorOf } from './error-code.ts';
import { Fields } from './fields.ts';
import { type BodyKind, unfinishedCode } from './outgoing-body.ts';

export type Done = Result<undefined, ErrorCode>;
export type Trailers = Result<Fields | undefined, ErrorCode>;
/** What `consume-body` gives: both are values that the component runtime takes. */
export type Consumed = readonly [stream: object, trailers: FutureReader<Trailers> | Promise<Trailers>];

export interface Contents {
  /** For the wire; undefined for a message without body. */
  source(): ByteSource | undefined;
  /** For a guest, which tells through `result` what became of it. */
  consume(result: FutureReader<Done>): Consumed;
  /** Nobody takes it any more. */
  drop(): void;
}

/** In bytes: how much of a body is asked for at once. */
const PIECE = 65_536;

export class GuestContents implements Contents {
  readonly #kind: BodyKind;
  readonly #expected: number | undefined;
  readonly #stream: StreamReader<number> | undefined;
  readonly #trailers: FutureReader<Trailers>;
  readonly #sent = Promise.withResolvers<Done>();
  /** Trailers of a message without body. */
  #placeless: Promise<Trailers> | undefined;
  #taken = false;

  /** `expected`: the length that the message's headers announce. */
  constructor(
    kind: BodyKind,
    expected: number | undefined,
    stream: StreamReader<number> | undefined,
    trailers: FutureReader<Trailers>,
  ) {
    this.#kind = kind;
    this.#expected = expected;
    this.#stream = stream;
    this.#trailers = trailers;
  }

  /** What became of the message. Never rejects. */
  get sent(): Promise<Done> {
    return this.#sent.promise;
  }

  get hasBody(): boolean {
    return this.#stream !== undefined;
  }

  /** Only the first counts. */
  settle(result: Done): void {
    this.#sent.resolve(result);
  }

  source(): ByteSource | undefined {
    this.#taken = true;
    if (this.#stream !== undefined)
      return new GuestSource(this, this.#kind, this.#expected, this.#stream, this.#trailers);
    // Its trailers have no place to go, but the guest waits until somebody has read them.
    this.#placeless = this.#trailers.read();
    this.#placeless.catch(() => undefined);
    return undefined;
  }

  /** The guest gives an error in place of the trailers of a message without body. Rejects then, else stays pending. */
  async failed(): Promise<never> {
    const result = await this.#placeless?.catch(() => undefined);
    if (result?.tag === 'err') throw httpErrorOf(result.val);
    return new Promise(() => {});
  }

  consume(result: FutureReader<Done>): Consumed {
    this.#taken = true;
    result.read().then(
      (value) => this.settle(value),
      () => this.settle(ok()),
    );
    return [this.#stream ?? emptyStream(), this.#trailers];
  }

  drop(): void {
    if (this.#taken) return;
    this.#taken = true;
    this.#stream?.close();
    this.#trailers.close();
    this.settle(err({ tag: 'internal-error', val: 'the message was dropped' }));
  }
}

/** Pulls the body out of the guest as fast as it goes out, then waits for the trailers. */
class GuestSource implements ByteSource {
  readonly #contents: GuestContents;
  readonly #kind: BodyKind;
  readonly #stream: StreamReader<number>;
  readonly #future: FutureReader<Trailers>;
  readonly #expected: number | undefined;
  #read = 0;
  #trailers: Promise<HeaderList | undefined> | undefined;

  constructor(
    contents: GuestContents,
    kind: BodyKind,
    expected: number | undefined,
    stream: StreamReader<number>,
    trailers: FutureReader<Trailers>,
  ) {
    this.#contents = contents;
    this.#kind = kind;
    this.#expected = expected;
    this.#stream = stream;
    this.#future = trailers;
  }

  get length(): number | undefined {
    return this.#expected;
  }

  /** The end comes when the trailers are there: an error in their place breaks the message. */
  async read(): Promise<Uint8Array | undefined> {
    const chunk = (await this.#next()) as Uint8Array | undefined;
    this.#read += chunk?.length ?? 0;
    const expected = this.#expected;
    if (expected !== undefined && (chunk === undefined ? this.#read !== expected : this.#read > expected)) {
      throw this.#failed(this.#sizeError(expected));
    }
    if (chunk === undefined) await this.trailers();
    return chunk;
  }

  async #next(): Promise<ArrayLike<number> | undefined> {
    try {
      return await this.#stream.read(PIECE);
    } catch (cause) {
      throw this.#failed(
        new HttpError(unfinishedCode(this.#kind), 'the guest ended before its body', undefined, { cause }),
      );
    }
  }

  #sizeError(expected: number): HttpError {
    const message = `body of ${this.#read} bytes does not have its content-length of ${expected}`;
    return new HttpError(`HTTP-${this.#kind}-body-size`, message, BigInt(this.#read));
  }

  /** Asked for more than once. */
  trailers(): Promise<HeaderList | undefined> {
    this.#trailers ??= this.#readTrailers();
    return this.#trailers;
  }

  async #readTrailers(): Promise<HeaderList | undefined> {
    const result = await this.#future.read().catch((cause: unknown) => {
      throw this.#failed(new HttpError(unfinishedCode(this.#kind), 'the guest gave no trailers', undefined, { cause }));
    });
    if (result.tag === 'err') throw this.#failed(httpErrorOf(result.val));
    this.#contents.settle(ok());
    const list = result.val?.list;
    return list === undefined || list.length === 0 ? undefined : list;
  }

  /** The stream gave a copy. */
  release(chunk: Uint8Array): void {
    giveBack(chunk);
  }

  cancel(reason?: unknown): void {
    this.#stream.close();
    this.#contents.settle(err(reason === undefined ? { tag: 'connection-terminated' } : errorCodeOf(reason)));
    if (this.#trailers === undefined) this.#future.close();
  }

  #failed<E extends HttpError>(error: E): E {
    this.cancel(error);
    return error;
  }
}

/** A body from outside. It goes on after the request only if something of the host reads it then. */
export class HostContents extends HostObject implements Contents {
  readonly #source: ByteSource | undefined;
  #taken = false;
  #writer: StreamWriter<number> | undefined;

  constructor(owner: ObjectOwner, source: ByteSource | undefined) {
    super(owner);
    this.#source = source;
  }

  source(): ByteSource | undefined {
    this.#taken = true;
    return this.#source;
  }

  consume(result: FutureReader<Done>): Consumed {
    this.#taken = true;
    // Nobody outside can be told, but the guest waits until somebody has read it.
    result.read().catch(() => undefined);
    const source = this.#source;
    if (source === undefined) return [emptyStream(), Promise.resolve(ok<Fields | undefined>(undefined))];
    const trailers = Promise.withResolvers<Trailers>();
    const stream = new ProducedStream<number>((writer) => {
      this.#writer = writer;
      writer.onDrop(() => this.#unread());
      this.#pump(source, writer).then(trailers.resolve);
    });
    return [stream, trailers.promise];
  }

  override drop(): void {
    if (!this.#taken) this.release();
  }

  protected close(): void {
    if (!this.#taken) this.#source?.cancel();
    this.#taken = true;
    if (this.#writer === undefined || this.#writer.dropped) this.#unread();
  }

  /** Without a reader the rest is only read for the trailers, which nobody wants after the request. */
  #unread(): void {
    if (this.released && this.#writer !== undefined) this.#source?.cancel();
  }

  async #pump(source: ByteSource, writer: StreamWriter<number>): Promise<Trailers> {
    try {
      for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
        if (!writer.dropped) await writer.write(chunk);
        source.release?.(chunk);
      }
      writer.close();
      return ok(trailersOf(await source.trailers?.()));
    } catch (error) {
      writer.close();
      return err(errorCodeOf(error));
    }
  }
}

function trailersOf(list: HeaderList | undefined): Fields | undefined {
  return list === undefined || list.length === 0 ? undefined : Fields.incoming(list);
}
