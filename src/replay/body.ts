// A body as it passes: its bytes are counted, digested and, up to a bound, kept, without the secrets in it.
import { createHash } from 'node:crypto';
import type { ByteSource } from '../host/http-message.ts';
import { type Chunk, RelayedBody } from '../host/relayed-body.ts';
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

type End = (how: { readonly whole: boolean; readonly error?: unknown }) => void;

/** Lets a body through, and tells what comes of it. */
export class WatchedBody extends RelayedBody {
  readonly #piece: (bytes: Uint8Array) => void;
  readonly #end: End;
  #isOver = false;

  constructor(source: ByteSource, piece: (bytes: Uint8Array) => void, end: End) {
    super(source);
    this.#piece = piece;
    this.#end = end;
  }

  protected override passed(chunk: Chunk): Chunk {
    if (chunk) this.#piece(chunk);
    else this.#over({ whole: true });
    return chunk;
  }

  protected override failed(error: unknown): never {
    this.#over({ whole: false, error });
    throw error;
  }

  override cancel(reason?: unknown): void {
    super.cancel(reason);
    this.#over({ whole: false });
  }

  #over(how: Parameters<End>[0]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end(how);
  }
}
