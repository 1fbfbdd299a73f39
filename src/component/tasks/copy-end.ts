// An end of a stream or future in a component's handle table. CanonicalABI.md#stream-state
import { Trap } from '../../errors.ts';
import type { HandleTable } from '../abi/handles.ts';
import { sameType } from '../types/same-type.ts';
import type { ValType } from '../types/val-type.ts';
import type { Shared } from './shared.ts';
import { Waitable, type Waker } from './waitable.ts';

export type CopyState = 'idle' | 'copying' | 'cancelling' | 'done';
export type Side = 'readable' | 'writable';

export class CopyEnd extends Waitable {
  readonly shared: Shared;
  readonly side: Side;
  state: CopyState = 'idle';

  constructor(store: Waker, shared: Shared, side: Side) {
    super(store);
    this.shared = shared;
    this.side = side;
  }

  get copying(): boolean {
    return this.state === 'copying' || this.state === 'cancelling';
  }

  /** Drops the end. Errors: it is still copying, or it is a future that was never written. */
  drop(): void {
    if (this.copying) throw new Trap(`Cannot drop the ${this.side} end while a copy is under way`);
    if (this.shared.kind === 'future' && this.side === 'writable' && this.state !== 'done') {
      throw new Trap('Cannot drop the writable end of a future without having written to it');
    }
    this.shared.drop();
    this.join(undefined);
  }

  override abandon(): void {
    this.shared.drop();
  }
}

/** What a built-in for streams or futures is made for. */
export interface EndKind {
  readonly kind: 'stream' | 'future';
  readonly side: Side;
  readonly type: ValType | undefined;
}

/** Finds the end with this handle. Errors: there is no such handle, or it is another kind of end. */
export function endFrom(handles: HandleTable, index: number, { kind, side, type }: EndKind): CopyEnd {
  const end = handles.get(index);
  if (!(end instanceof CopyEnd) || end.side !== side || end.shared.kind !== kind) {
    throw new Trap(`Handle index ${index} is not the ${side} end of a ${kind}`);
  }
  if (!sameType(end.shared.type, type)) throw new Trap(`Handle index ${index} is a ${kind} of another type`);
  return end;
}
