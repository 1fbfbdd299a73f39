// wasi:http/types incoming-body and future-trailers: a body that the guest pulls, and what comes after it.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import type { ByteSource } from '../../http-message.ts';
import { HostObject } from '../io/host-object.ts';
import { GuestInputStream, GuestPollable } from '../io/resources.ts';
import { emptyInputStream, sourceInputStream } from '../io/source-stream.ts';
import { trailersOf } from './contents.ts';
import { type ErrorCode, errorCodeOf } from './error-code.ts';
import type { Fields } from './fields.ts';
import { type HttpOwner, httpLimitsOf } from './state.ts';

type Chunk = Uint8Array | undefined;

/**
 * Follows a body from the guest's stream to its trailers: it remembers how the body ended, and a stream that is dropped
 * early does not cancel the body, since trailers may still be asked for.
 */
class FollowedSource implements ByteSource {
  readonly source: ByteSource;
  ended = false;
  failure: unknown;

  constructor(source: ByteSource) {
    this.source = source;
  }

  read(): Chunk | Promise<Chunk> {
    try {
      const chunk = this.source.read();
      if (chunk instanceof Promise) {
        return chunk.then(
          (later) => this.#seen(later),
          (error) => this.#failed(error),
        );
      }
      return this.#seen(chunk);
    } catch (error) {
      return this.#failed(error);
    }
  }

  cancel(): void {}

  release(chunk: Uint8Array): void {
    this.source.release?.(chunk);
  }

  #seen(chunk: Chunk): Chunk {
    if (chunk === undefined) this.ended = true;
    return chunk;
  }

  #failed(error: unknown): never {
    this.ended = true;
    this.failure = error;
    throw error;
  }
}

export class IncomingBody extends HostObject {
  readonly owner: HttpOwner;
  /** The body; undefined for a message without one. */
  readonly #source: FollowedSource | undefined;
  #streamTaken = false;
  #handedOn = false;

  constructor(owner: HttpOwner, source: ByteSource | undefined) {
    super(owner);
    this.owner = owner;
    this.#source = source && new FollowedSource(source);
  }

  stream(): Result<GuestInputStream, undefined> {
    if (this.#streamTaken) return err(undefined);
    this.#streamTaken = true;
    const { held } = httpLimitsOf(this.owner);
    const stream = this.#source ? sourceInputStream(this.#source, held) : emptyInputStream;
    return ok(new GuestInputStream(this.owner, stream, this));
  }

  finish(): FutureTrailers {
    if (this.children > 0) throw new Trap('incoming-body finished before its input-stream was dropped');
    this.#handedOn = true;
    this.release();
    return new FutureTrailers(this.owner, this.#source);
  }

  /** Gives the body to somebody else, as a body that nobody has begun to read; undefined for none. */
  handOver(): ByteSource | undefined {
    this.#handedOn = true;
    return this.#streamTaken ? undefined : this.#source?.source;
  }

  protected close(): void {
    if (!this.#handedOn && this.#source && !this.#source.ended) this.#source.source.cancel();
  }
}

type Trailers = Result<Fields | undefined, ErrorCode>;

/** The trailers of a body, the rest of which is read and thrown away once somebody asks for them. */
export class FutureTrailers extends HostObject {
  readonly owner: HttpOwner;
  readonly #source: FollowedSource | undefined;
  #outcome: Trailers | undefined;
  #taken = false;
  #work: Promise<void> | undefined;

  constructor(owner: HttpOwner, source: FollowedSource | undefined) {
    super(owner);
    this.owner = owner;
    this.#source = source;
    if (source === undefined) this.#outcome = ok<Fields | undefined>(undefined);
  }

  get(): Result<Trailers, undefined> | undefined {
    if (this.#taken) return err(undefined);
    this.#start();
    if (this.#outcome === undefined) return undefined;
    this.#taken = true;
    return ok(this.#outcome);
  }

  ready(): boolean {
    this.#start();
    return this.#outcome !== undefined;
  }

  wait(): Promise<void> {
    this.#start();
    return this.#work ?? Promise.resolve();
  }

  protected close(): void {
    if (this.#outcome === undefined) this.#source?.source.cancel();
    else if (!this.#taken && this.#outcome.tag === 'ok') this.#outcome.val?.release();
  }

  #start(): void {
    if (this.#outcome !== undefined || this.#work !== undefined || this.#source === undefined) return;
    if (this.#source.failure !== undefined) this.#outcome = err(errorCodeOf(this.#source.failure));
    else this.#work = this.#drain(this.#source);
  }

  async #drain(source: FollowedSource): Promise<void> {
    try {
      while (!source.ended && !this.released) await source.read();
      this.#outcome = ok(trailersOf(await source.source.trailers?.(), httpLimitsOf(this.owner)));
    } catch (error) {
      this.#outcome = err(errorCodeOf(error));
    }
  }
}

export function bodyStream(_owner: HttpOwner, self: IncomingBody): Result<GuestInputStream, undefined> {
  return self.stream();
}

export function finishBody(_owner: HttpOwner, self: IncomingBody): FutureTrailers {
  return self.finish();
}

export function subscribeTrailers(owner: HttpOwner, self: FutureTrailers): GuestPollable {
  return new GuestPollable(owner, { ready: () => self.ready(), wait: () => self.wait() }, self);
}

export function getTrailers(_owner: HttpOwner, self: FutureTrailers): Result<Trailers, undefined> | undefined {
  return self.get();
}
