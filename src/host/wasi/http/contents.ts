// The body and the trailers of a message of wasi:http@0.3. They are given by a guest as a stream and a future, or come
// from outside as a ByteSource; they are taken by a guest, or by whoever sends the message. Each can be taken once.
import { giveBack } from '../../../component/types/byte-buffers.ts';
import { HeldBytes, type HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import {
  type FutureReader,
  ProducedStream,
  type StreamReader,
  type StreamWriter,
} from '../../../component/types/streams.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { type ByteSource, type HeaderList, HttpError } from '../../http-message.ts';
import { endOrMore } from '../../whole-body.ts';
import { emptyStream } from '../io/byte-streams-0.3.ts';
import { HostObject } from '../io/host-object.ts';
import { bytesOfError, type ErrorCode, errorCodeOf, httpErrorOf } from './error-code.ts';
import { Fields } from './fields.ts';
import { type BodyKind, unfinishedCode } from './outgoing-body.ts';
import { type HttpLimits, type HttpOwner, httpLimitsOf, overHeld } from './state.ts';

export type Done = Result<undefined, ErrorCode>;
export type Trailers = Result<Fields | undefined, ErrorCode>;
/** What `consume-body` gives: both are values that the component runtime takes. */
export type Consumed = readonly [stream: object, trailers: FutureReader<Trailers> | Promise<Trailers>];

export interface Contents {
  /** Whether nothing more is to come from a guest. */
  readonly isWhole: boolean;
  /** The body for the wire; undefined for a message without one. */
  source(): ByteSource | undefined;
  /** Gives the body to a guest, which tells through `result` what became of it. */
  consume(result: FutureReader<Done>): Consumed;
  /** Says that nobody takes it any more. */
  drop(): void;
}

/** Bytes of a body that are asked for at once. */
const PIECE = 65_536;

export class GuestContents implements Contents {
  readonly #kind: BodyKind;
  readonly #expected: number | undefined;
  readonly #stream: StreamReader<number> | undefined;
  readonly #trailers: FutureReader<Trailers>;
  readonly #held: HostByteBudget | undefined;
  readonly #sent = Promise.withResolvers<Done>();
  /** The trailers of a message without body. */
  #placeless: Promise<Trailers> | undefined;
  #taken = false;

  /**
   * `expected` is the length that the message's headers announce; `held` counts the texts of errors that a guest gives.
   */
  constructor(
    kind: BodyKind,
    expected: number | undefined,
    stream: StreamReader<number> | undefined,
    trailers: FutureReader<Trailers>,
    held?: HostByteBudget,
  ) {
    this.#kind = kind;
    this.#expected = expected;
    this.#stream = stream;
    this.#trailers = trailers;
    this.#held = held;
  }

  /** Tells what became of the message. Never rejects. */
  get sent(): Promise<Done> {
    return this.#sent.promise;
  }

  get hasBody(): boolean {
    return this.#stream !== undefined;
  }

  /** Whether the guest has nothing more to do: it gave no body, or has closed it without a byte. */
  get isWhole(): boolean {
    return !this.#expected && (this.#stream === undefined || this.#stream.isClosedByGuest === true);
  }

  /** Sets what became of the message; only the first call counts. */
  settle(result: Done): void {
    this.#sent.resolve(result);
  }

  /** The error that is kept: without its text where there is no room for it. */
  counted(code: ErrorCode): ErrorCode {
    if (this.#held === undefined || this.#held.tryAdd(bytesOfError(code))) return code;
    return { tag: 'internal-error', val: `Limit reached: held (${this.#held.limit} bytes)` };
  }

  source(): ByteSource | undefined {
    this.#taken = true;
    if (this.#stream !== undefined)
      return new GuestSource(this, this.#kind, this.#expected, this.#stream, this.#trailers);
    // The trailers have no place to go, but the guest waits until somebody has read them.
    this.#placeless = this.#trailers.read();
    this.#placeless.catch(() => undefined);
    return undefined;
  }

  /**
   * Rejects when the guest gives an error in place of the trailers of a message without body; otherwise stays pending.
   */
  async failed(): Promise<never> {
    const result = await this.#placeless?.catch(() => undefined);
    if (result?.tag === 'err') throw httpErrorOf(result.val);
    return new Promise(() => {});
  }

  consume(result: FutureReader<Done>): Consumed {
    this.#taken = true;
    result.read().then(
      (value) => this.settle(value.tag === 'ok' ? value : err(this.counted(value.val))),
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

/** The trailers of a guest that was ended after it had closed its body: that one has arrived. */
const noTrailers: Trailers = ok(undefined);

/** Pulls the body out of the guest as fast as it goes out, then waits for the trailers. */
class GuestSource implements ByteSource {
  readonly #contents: GuestContents;
  readonly #kind: BodyKind;
  readonly #stream: StreamReader<number>;
  readonly #future: FutureReader<Trailers>;
  readonly #expected: number | undefined;
  #read = 0;
  /** Whether the end was told before the guest said it, since all the bytes that it announced are there. */
  #endedEarly = false;
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

  /** Reads the next chunk. The end comes when the trailers are there: an error in their place breaks the message. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#read !== this.#expected) return this.#counted();
    if (this.#endedEarly) return undefined;
    let isOpen = true;
    const rest = this.#counted().finally(() => {
      isOpen = false;
    });
    const more = await endOrMore(rest);
    if (isOpen) {
      this.#endedEarly = true;
      rest.then(() => this.#allTrailers()).catch(() => undefined);
    }
    return more;
  }

  /**
   * Reads the next chunk, and checks at the end that all announced bytes came. If the guest was ended itself after the
   * last of them, its body counts as whole.
   */
  async #counted(): Promise<Uint8Array | undefined> {
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
      if (this.#read === this.#expected) return undefined;
      throw this.#failed(
        new HttpError(unfinishedCode(this.#kind), 'the guest ended before its body', undefined, { cause }),
      );
    }
  }

  #sizeError(expected: number): HttpError {
    const message = `body of ${this.#read} bytes does not have its content-length of ${expected}`;
    return new HttpError(`HTTP-${this.#kind}-body-size`, message, BigInt(this.#read));
  }

  /** Gives the trailers, more than once if asked. */
  trailers(): Promise<HeaderList | undefined> {
    if (this.#endedEarly) return Promise.resolve(undefined);
    return this.#allTrailers();
  }

  #allTrailers(): Promise<HeaderList | undefined> {
    this.#trailers ??= this.#readTrailers();
    return this.#trailers;
  }

  async #readTrailers(): Promise<HeaderList | undefined> {
    const result = await this.#future.read().catch((cause: unknown) => {
      if (this.#future.isLost) return noTrailers;
      throw this.#failed(new HttpError(unfinishedCode(this.#kind), 'the guest gave no trailers', undefined, { cause }));
    });
    if (result.tag === 'err') throw this.#failed(httpErrorOf(this.#contents.counted(result.val)));
    this.#contents.settle(ok());
    const list = result.val?.list;
    return list === undefined || list.length === 0 ? undefined : list;
  }

  /** Gives a chunk back, which is a copy that the stream gave. */
  release(chunk: Uint8Array): void {
    giveBack(chunk);
  }

  cancel(reason?: unknown): void {
    if (this.#endedEarly && reason === undefined) return;
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
  readonly isWhole = true;
  readonly #source: ByteSource | undefined;
  readonly #owner: HttpOwner;
  #taken = false;
  #writer: StreamWriter<number> | undefined;

  constructor(owner: HttpOwner, source: ByteSource | undefined) {
    super(owner);
    this.#owner = owner;
    this.#source = source;
  }

  source(): ByteSource | undefined {
    this.#taken = true;
    return this.#source;
  }

  consume(result: FutureReader<Done>): Consumed {
    this.#taken = true;
    // Nobody outside can be told this result, but the guest waits until somebody has read it.
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

  /** Gives up what was not read: it would only be read for the trailers, which nobody wants after the request. */
  #unread(): void {
    if (this.released && this.#writer !== undefined) this.#source?.cancel();
  }

  async #pump(source: ByteSource, writer: StreamWriter<number>): Promise<Trailers> {
    const limits = httpLimitsOf(this.#owner);
    const held = new HeldBytes(limits.held);
    try {
      for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
        if (!held.trySet(chunk.length)) throw overHeld(limits);
        if (!writer.dropped) await writer.write(chunk);
        held.release();
        source.release?.(chunk);
      }
      writer.close();
      return ok(trailersOf(await source.trailers?.(), limits));
    } catch (error) {
      held.release();
      source.cancel();
      writer.close();
      return err(errorCodeOf(error));
    }
  }
}

/** The trailers as fields. Throws when there is no room for them. */
export function trailersOf(list: HeaderList | undefined, limits: HttpLimits): Fields | undefined {
  if (list === undefined || list.length === 0) return undefined;
  const fields = Fields.received(list, limits);
  if (fields === undefined) throw overHeld(limits);
  return fields;
}
