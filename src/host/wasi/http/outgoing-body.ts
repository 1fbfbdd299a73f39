// wasi:http/types outgoing-body: what a guest writes, counted against the content-length that it announced.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { type ByteSource, type HeaderList, HttpError } from '../../http-message.ts';
import { contentLengthOf } from '../../http-syntax.ts';
import { endOrMore } from '../../whole-body.ts';
import { HostObject } from '../io/host-object.ts';
import { Pipe } from '../io/pipe.ts';
import { GuestOutputStream } from '../io/resources.ts';
import { StreamFailure } from '../io/streams.ts';
import type { ErrorCode } from './error-code.ts';
import type { Fields } from './fields.ts';
import { type HttpLimits, type HttpOwner, httpLimitsOf } from './state.ts';

export type BodyKind = 'request' | 'response';

/**
 * Milliseconds for which a guest may write on when nobody reads any more. If its stream closed under it, a guest that
 * writes a request to the end before it looks at the answer would not see that answer: the engine of JavaScript guests
 * even traps.
 */
const DISCARD_MS = 5000;

/** The code for a body that ends before its guest has said so. */
export function unfinishedCode(kind: BodyKind): string {
  return kind === 'request' ? 'HTTP-protocol-error' : 'HTTP-response-incomplete';
}

/** The guest's end of a body: bytes in, at most as many as were announced. */
class BodyPipe extends Pipe {
  readonly #kind: BodyKind;
  readonly expected: number | undefined;
  written = 0;

  constructor(kind: BodyKind, expected: number | undefined, { bufferedBytes, held }: HttpLimits) {
    super({ capacity: bufferedBytes, endOnClose: false, budget: held });
    this.#kind = kind;
    this.expected = expected;
  }

  /** Whether all bytes that were announced have been written. */
  get isWhole(): boolean {
    return this.written === this.expected;
  }

  override write(bytes: Uint8Array): void {
    this.written += bytes.length;
    if (this.expected !== undefined && this.written > this.expected) this.#tooLong(this.expected);
    super.write(bytes);
  }

  sizeError(): ErrorCode {
    return { tag: `HTTP-${this.#kind}-body-size`, val: BigInt(this.written) };
  }

  #tooLong(expected: number): never {
    const httpError = this.sizeError();
    const message = `body is longer than its content-length of ${expected}`;
    this.fail(new HttpError(httpError.tag, message, httpError.val));
    throw new StreamFailure(message, { httpError });
  }

  /** Fails the body since it is shorter or longer than announced. */
  failSize(): void {
    const { tag, val } = this.sizeError();
    this.fail(new HttpError(tag, `body of ${this.written} bytes has a content-length of ${this.expected}`, val));
  }

  /** Fails the body since the guest has dropped it before its end. */
  failUnfinished(): void {
    this.fail(new HttpError(unfinishedCode(this.#kind), 'the guest did not finish the body'));
  }

  /** Says that whoever sends the message takes no more. */
  unread(): void {
    if (this.#kind === 'request') this.discard(DISCARD_MS);
    else this.source().cancel();
  }
}

export class OutgoingBody extends HostObject {
  readonly owner: HttpOwner;
  readonly #pipe: BodyPipe;
  #streamTaken = false;
  #finished = false;

  constructor(owner: HttpOwner, kind: BodyKind, expected: number | undefined) {
    super(owner);
    this.owner = owner;
    this.#pipe = new BodyPipe(kind, expected, httpLimitsOf(owner));
  }

  write(): Result<GuestOutputStream, undefined> {
    if (this.#streamTaken) return err(undefined);
    this.#streamTaken = true;
    return ok(new GuestOutputStream(this.owner, this.#pipe, this));
  }

  /** Ends the body; what is buffered still goes out. Gives an error when it is shorter or longer than announced. */
  finish(trailers: Fields | undefined): Result<undefined, ErrorCode> {
    if (this.children > 0) throw new Trap('outgoing-body finished before its output-stream was dropped');
    const { expected, written } = this.#pipe;
    if (expected !== undefined && written !== expected) {
      this.#pipe.failSize();
      this.release();
      return err(this.#pipe.sizeError());
    }
    this.#finished = true;
    this.#pipe.end(trailers?.list);
    this.release();
    return ok();
  }

  /** The source from which the sender of the message reads. */
  source(): ByteSource {
    return new BodySource(this.#pipe.source(), this);
  }

  /** Says that the message was dropped instead of being sent: whoever writes the body learns that nobody reads it. */
  abandon(): void {
    this.#pipe.source().cancel();
  }

  /** Says that whoever sends the message takes no more. */
  unread(): void {
    this.#pipe.unread();
  }

  /** Whether all bytes that were announced have been written. */
  get isWhole(): boolean {
    return this.#pipe.isWhole;
  }

  /** The number of bytes of the whole body, once that is certain. */
  get length(): number | undefined {
    return this.#finished ? this.#pipe.written : this.#pipe.expected;
  }

  /**
   * Closes the body. One that was not finished is cut off, never passed off as whole, unless it has all the bytes that
   * it announced.
   */
  protected close(): void {
    if (this.#finished) return;
    if (this.#pipe.isWhole) this.#pipe.end();
    else this.#pipe.failUnfinished();
  }
}

class BodySource implements ByteSource {
  readonly #source: ByteSource;
  readonly #body: OutgoingBody;

  constructor(source: ByteSource, body: OutgoingBody) {
    this.#source = source;
    this.#body = body;
  }
  get length(): number | undefined {
    return this.#body.length;
  }
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const chunk = this.#source.read();
    return chunk instanceof Promise && this.#body.isWhole ? endOrMore(chunk) : chunk;
  }
  cancel(): void {
    this.#body.unread();
  }
  release(chunk: Uint8Array): void {
    this.#source.release?.(chunk);
  }
  trailers(): HeaderList | undefined | Promise<HeaderList | undefined> {
    return this.#source.trailers?.();
  }
}

/** Makes the body of an outgoing message when the guest asks for it; undefined when its content-length is invalid. */
export function openBody(owner: HttpOwner, kind: BodyKind, headers: Fields): OutgoingBody | undefined {
  const expected = contentLengthOf(headers.list);
  return expected === 'invalid' ? undefined : new OutgoingBody(owner, kind, expected);
}

export function writeBody(_owner: HttpOwner, self: OutgoingBody): Result<GuestOutputStream, undefined> {
  return self.write();
}

export function finishOutgoingBody(
  _owner: HttpOwner,
  self: OutgoingBody,
  trailers: Fields | undefined,
): Result<undefined, ErrorCode> {
  return self.finish(trailers);
}
