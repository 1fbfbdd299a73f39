// A body as it passes: its bytes are counted, digested and, up to a bound, kept, without the secrets in it.
import { createHash } from 'node:crypto';
import type { ByteSource, HeaderList } from '../host/http-message.ts';
import type { RecordedBody } from './format.ts';
import { render } from './rendered.ts';
import { Secrets } from './secrets.ts';

/** Bytes of a body that are written; what is beyond is compared by the digest. */
const KEPT_BODY = 1_048_576;

/** Bytes that come in pieces. A secret may lie across two of them, so that the last bytes of each are held back. */
export class BodyRecord {
  readonly #hash = createHash('sha256');
  readonly #kept: Buffer[] = [];
  readonly #secrets: Secrets;
  #keptBytes = 0;
  #held: Buffer = Buffer.alloc(0);
  length = 0;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** Gives the number of bytes that are kept of the piece, or were held back before. */
  add(piece: Uint8Array): number {
    const before = this.#keptBytes;
    this.length += piece.length;
    this.#pass(piece);
    return this.#keptBytes - before;
  }

  #pass(piece: Uint8Array): void {
    if (!this.#secrets.some) {
      this.#take(Buffer.from(piece));
      return;
    }
    const all = Buffer.from(this.#secrets.bytes(Buffer.concat([this.#held, piece])));
    const hold = Math.min(all.length, this.#secrets.longest - 1);
    this.#take(all.subarray(0, all.length - hold));
    this.#held = all.subarray(all.length - hold);
  }

  #take(bytes: Buffer): void {
    this.#hash.update(bytes);
    const room = KEPT_BODY - this.#keptBytes;
    if (room <= 0 || bytes.length === 0) return;
    const part = bytes.subarray(0, room);
    this.#kept.push(part);
    this.#keptBytes += part.length;
  }

  /** To be called once, at the end. */
  end(whole: boolean): RecordedBody {
    this.#take(this.#held);
    const sha256 = this.#hash.digest('hex');
    const bytes = render(new Uint8Array(Buffer.concat(this.#kept)), { secrets: new Secrets(), compared: false });
    return { length: this.length, sha256, whole, bytes };
  }
}

/** Lets a body through, and tells what comes of it. */
export class WatchedBody implements ByteSource {
  readonly #source: ByteSource;
  readonly #piece: (bytes: Uint8Array) => void;
  readonly #end: (how: { readonly whole: boolean; readonly error?: unknown }) => void;
  #isOver = false;

  constructor(
    source: ByteSource,
    piece: (bytes: Uint8Array) => void,
    end: (how: { readonly whole: boolean; readonly error?: unknown }) => void,
  ) {
    this.#source = source;
    this.#piece = piece;
    this.#end = end;
  }

  get length(): number | undefined {
    return this.#source.length;
  }

  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    let chunk: ReturnType<ByteSource['read']>;
    try {
      chunk = this.#source.read();
    } catch (error) {
      throw this.#failed(error);
    }
    if (!(chunk instanceof Promise)) return this.#seen(chunk);
    return chunk.then(this.#seen, (error: unknown) => {
      throw this.#failed(error);
    });
  }

  readonly #seen = (chunk: Uint8Array | undefined): Uint8Array | undefined => {
    if (chunk) this.#piece(chunk);
    else this.#over({ whole: true });
    return chunk;
  };

  #failed(error: unknown): unknown {
    this.#over({ whole: false, error });
    return error;
  }

  #over(how: { readonly whole: boolean; readonly error?: unknown }): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end(how);
  }

  release(chunk: Uint8Array): void {
    this.#source.release?.(chunk);
  }

  trailers(): HeaderList | undefined | Promise<HeaderList | undefined> {
    return this.#source.trailers?.();
  }

  cancel(reason?: unknown): void {
    this.#source.cancel(reason);
    this.#over({ whole: false });
  }
}
