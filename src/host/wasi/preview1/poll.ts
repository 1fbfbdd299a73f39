// poll_oneoff: waits until one of the guest's subscriptions has something to tell: clocks, readable, writable.
import fs from 'node:fs';
import type { GuestMemory, HostCoreFunction } from '../../../component/types/core-host.ts';
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { monotonicNow, toHostInstant } from '../clocks/clocks.ts';
import { HostObject, type ObjectOwner } from '../io/host-object.ts';
import { firstReady, readyIndices, readyPollable, SharedWait, streamPollable, timerPollable } from '../io/pollables.ts';
import type { Pollable } from '../io/streams.ts';
import { Clock, clockNow } from './clocks.ts';
import { defineSuspending, type Finish } from './define.ts';
import { Errno, ErrnoError, failWith } from './errno.ts';
import type { FdTable } from './fd-table.ts';
import { writeU32 } from './guest-values.ts';
import { Right } from './rights.ts';

const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
/** The most subscriptions of one call: each may hold a timer. */
const MAX_SUBSCRIPTIONS = 4096;
/** Bytes that one wait counts for, with its timer. */
const BYTES_PER_WAIT = 1024;
const ABSTIME = 1;
const Kind = { clock: 0, read: 1, write: 2 } as const;

interface Subscription {
  readonly userdata: bigint;
  readonly kind: number;
  readonly pollable: Pollable;
  readonly errno: number;
  /** For files, the number of bytes that can be read. */
  readonly bytes: bigint;
}

export const pollFunctions: Readonly<Record<string, HostCoreFunction>> = {
  poll_oneoff: defineSuspending(
    'u32 u32 u32 u32',
    (fds, memory, input: number, output: number, count: number, result: number) => {
      if (count === 0 || count > MAX_SUBSCRIPTIONS) failWith(Errno.inval);
      memory.check(input, count * SUBSCRIPTION_BYTES, 8);
      memory.check(output, count * EVENT_BYTES, 8);
      memory.check(result, 4, 4);
      const subscriptions = Array.from({ length: count }, (_, index) =>
        read(fds, memory.data, input + index * SUBSCRIPTION_BYTES),
      );
      return wait(
        fds,
        subscriptions,
        (indices) => (after) => {
          const events = indices.map((index) => subscriptions[index] as Subscription);
          for (const [index, event] of events.entries()) writeEvent(after, output + index * EVENT_BYTES, event);
          writeU32(after, result, events.length);
        },
        memory,
      );
    },
  ),
};

/** The waits of one call; the end of the request closes them when the guest has not gone on before. */
class OpenWaits extends HostObject {
  readonly #waits: readonly SharedWait[];
  readonly #held: HeldBytes;

  constructor(owner: ObjectOwner, waits: readonly SharedWait[]) {
    super(owner);
    this.#waits = waits;
    this.#held = new HeldBytes(owner.hostBytes);
    this.#held.set(waits.length * BYTES_PER_WAIT);
  }
  protected close(): void {
    this.#held.release();
    for (const one of this.#waits) one.close();
  }
}

function wait(
  { state }: FdTable,
  subscriptions: readonly Subscription[],
  finish: (indices: readonly number[]) => Finish,
  memory: GuestMemory,
): Promise<Finish> | undefined {
  const waits = subscriptions.map(({ pollable }) => new SharedWait(pollable));
  const ready = readyIndices(waits);
  if (ready.length > 0) {
    finish(ready)(memory);
    return undefined;
  }
  const open = new OpenWaits(state, waits);
  return firstReady(waits)
    .then(finish)
    .finally(() => open.release());
}

function read(fds: FdTable, data: DataView, at: number): Subscription {
  const userdata = data.getBigUint64(at, true);
  const kind = data.getUint8(at + 8);
  const base = { userdata, kind, pollable: readyPollable, errno: Errno.success, bytes: 0n };
  if (kind > Kind.write) failWith(Errno.inval);
  try {
    return kind === Kind.clock
      ? { ...base, pollable: clock(fds, data, at + 16) }
      : { ...base, ...stream(fds, data, at) };
  } catch (error) {
    // The error concerns this subscription alone, and is its event.
    if (error instanceof ErrnoError) return { ...base, errno: error.errno };
    throw error;
  }
}

function clock(fds: FdTable, data: DataView, at: number): Pollable {
  const id = data.getUint32(at, true);
  const timeout = data.getBigUint64(at + 8, true);
  const flags = data.getUint16(at + 24, true);
  if (flags > ABSTIME) failWith(Errno.inval);
  if (id !== Clock.realtime && id !== Clock.monotonic) failWith(Errno.notsup);
  const left = flags === ABSTIME ? timeout - clockNow(fds, id) : timeout;
  return left <= 0n ? readyPollable : timerPollable(toHostInstant(monotonicNow() + left));
}

function stream(fds: FdTable, data: DataView, at: number): Partial<Subscription> {
  const fd = data.getUint32(at + 16, true);
  const kind = data.getUint8(at + 8);
  const entry = fds.get(fd, kind === Kind.read ? 0n : Right.fdWrite);
  if (entry.kind === 'directory') failWith(Errno.badf);
  if (entry.kind === 'file') return kind === Kind.read ? { bytes: left(entry.descriptor.file.fd, entry.position) } : {};
  if ((entry.kind === 'input') !== (kind === Kind.read)) failWith(Errno.badf);
  return { pollable: streamPollable(entry.stream), bytes: 1n };
}

function left(fd: number, position: bigint): bigint {
  const { size } = fs.fstatSync(fd, { bigint: true });
  return size > position ? size - position : 0n;
}

function writeEvent(
  { bytes, data }: GuestMemory,
  at: number,
  { userdata, errno, kind, bytes: size }: Subscription,
): void {
  bytes.fill(0, at, at + EVENT_BYTES);
  data.setBigUint64(at, userdata, true);
  data.setUint16(at + 8, errno, true);
  data.setUint8(at + 10, kind);
  data.setBigUint64(at + 16, size, true);
}
