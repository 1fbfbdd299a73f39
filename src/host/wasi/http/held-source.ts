// A body that counts in the account of its guest until it has ended: its connection reads ahead, and keeps the head of
// the request that it answers.
import type { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import type { ByteSource } from '../../http-message.ts';
import { type Chunk, RelayedBody } from '../../relayed-body.ts';

export class HeldSource extends RelayedBody {
  readonly #held: HeldBytes;

  /** Counts `held` until the body ends. */
  constructor(source: ByteSource, held: HeldBytes) {
    super(source);
    this.#held = held;
  }

  override cancel(reason?: unknown): void {
    super.cancel(reason);
    this.#held.release();
  }

  protected override passed(chunk: Chunk): Chunk {
    if (chunk === undefined) this.#held.release();
    return chunk;
  }

  protected override failed(error: unknown): never {
    this.#held.release();
    throw error;
  }
}
