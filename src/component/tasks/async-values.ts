// Streams and futures as parts of values. CanonicalABI.md: lift_stream, lift_future, lower_stream …
import { Trap } from '../../errors.ts';
import type { AbiContext, AsyncType, AsyncValues } from '../abi/context.ts';
import type { HostByteBudget } from '../types/host-byte-budget.ts';
import { ProducedStream } from '../types/streams.ts';
import { CopyEnd, endFrom } from './copy-end.ts';
import { attachPeer, detachPeer, futureOf, HostFuture, HostReadable, hostStream } from './host-streams.ts';
import { Shared, type SharedFuture, SharedStream } from './shared.ts';
import type { Store } from './store.ts';

export class TaskValues implements AsyncValues {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  get hostBytes(): HostByteBudget {
    return this.#store.instance.hostBytes;
  }

  lift(cx: AbiContext, index: number, { kind, element }: AsyncType): unknown {
    const store = this.#store;
    const component = store.componentOf(cx.instance);
    const end = endFrom(component.handles, index, { kind, side: 'readable', type: element });
    if (end.state !== 'idle') throw new Trap(`Cannot pass on the readable end of a ${kind} that is being read or done`);
    if (end.inSet) throw new Trap(`Cannot pass on the readable end of a ${kind} that is in a waitable set`);
    component.handles.remove(index);
    const { shared } = end;
    if (!cx.forHost) return shared;
    const held = shared instanceof SharedStream ? new HostReadable(shared) : new HostFuture(shared as SharedFuture);
    // A stream that the host wrote comes back to it: nothing of the guest is between the two ends any more.
    if (!detachPeer(shared)) held.attach(store);
    return held;
  }

  /** The host may give a HostReadable or a ProducedStream for a stream; for a future a HostFuture or a promise. */
  lower(cx: AbiContext, value: unknown, type: AsyncType): number {
    const store = this.#store;
    const shared = sharedOf(value, type.kind, store);
    if (!shared.typed) {
      shared.type = type.element;
      shared.typed = true;
    }
    attachPeer(shared, store);
    return store.componentOf(cx.instance).handles.add(new CopyEnd(store, shared, 'readable'));
  }
}

function sharedOf(value: unknown, kind: AsyncType['kind'], store: Store): Shared {
  if (value instanceof Shared) return value;
  if (kind === 'stream') {
    if (value instanceof HostReadable) return value.handOver();
    if (value instanceof ProducedStream) return produced(value);
  } else {
    if (value instanceof HostFuture) return value.handOver();
    if (typeof (value as PromiseLike<unknown> | undefined)?.then === 'function') {
      return futureOf(value as PromiseLike<unknown>, store);
    }
  }
  throw new TypeError(`Not a ${kind}: ${String(value)}`);
}

function produced(stream: ProducedStream<unknown>): Shared {
  const { readable, writable } = hostStream<unknown>();
  // Content is produced later, since the guest is in the middle of its call: it gets the stream first, then what is in
  // it.
  queueMicrotask(() => stream.produce(writable));
  return readable.handOver();
}
