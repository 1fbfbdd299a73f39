// What is recorded of one request, or of what a component does before its requests. It stays in memory until its end.
import type { GuestMemory } from '../component/types/core-host.ts';
import { type HostPromise, isPromise } from '../component/types/host-promise.ts';
import type { FuncType } from '../component/types/val-type.ts';
import type { Fields } from '../host/wasi/http/fields.ts';
import { type Touched, TrackedMemory } from './core-memory.ts';
import type { CallLine, CoreLine, EventLine, HeaderEntry, SettledLine, StreamLine, ThrownLine } from './format.ts';
import { Numbers, type StreamType } from './numbers.ts';
import { findAll, findFields, isAboutField, maskAll, render, renderParams } from './rendered.ts';
import { isSensitive, type Secrets } from './secrets.ts';
import { describeThrown } from './thrown.ts';
import { encodeValue, type Raw, Unrecordable } from './values.ts';
import { type StreamDeed, watchStream } from './watch-stream.ts';

interface Outcome {
  result?: Raw;
  throws?: ThrownLine;
  fields?: Record<string, readonly HeaderEntry[]>;
}

interface Call extends Outcome {
  readonly kind: 'call';
  readonly n: number;
  readonly name: string;
  readonly params: readonly Raw[];
  waits?: true;
}

interface Settled extends Outcome {
  readonly kind: 'settled';
  readonly of: Call;
  /** Whether it came between the beginning and the end of a step of the guest. */
  readonly inside: boolean;
}

interface CoreCall {
  readonly kind: 'core';
  readonly n: number;
  readonly name: string;
  readonly args: readonly (number | bigint)[];
  touched: Touched;
  result?: number | undefined;
  throws?: ThrownLine;
  waits?: true;
}

/** What the host did with a stream or future. */
interface Streamed extends Outcome {
  readonly kind: 'streamed';
  readonly stream: number;
  readonly does: StreamDeed['does'];
  readonly max?: number | undefined;
  /** Set where that was done before the call under way returned. */
  readonly during: boolean;
  readonly inside: boolean;
}

interface Steps {
  readonly kind: 'steps';
  count: number;
}

type Event = Call | Settled | CoreCall | Streamed | Steps;

/** The end of a resource as a function. */
export const dropType: FuncType = {
  async: false,
  params: [{ name: 'self', type: { kind: 'own', resource: { name: 'resource' } } }],
  result: undefined,
};

/** Bytes that an event counts for beside its values. */
const EVENT_BYTES = 200;

export class Tape {
  readonly #events: Event[] = [];
  readonly #most: number;
  readonly #numbers: Numbers;
  #calls = 0;
  /** Whether a step of the guest has begun, and not ended. */
  #inside = false;
  /** The number of calls that have not returned yet. */
  #running = 0;
  #bytes = 0;
  #newFields: Record<string, readonly HeaderEntry[]> | undefined;
  /** Why what was recorded cannot be kept; undefined when all is well. */
  flaw: string | undefined;

  /** `most` is the number of bytes that it may hold. */
  constructor(most: number) {
    this.#most = most;
    this.#numbers = new Numbers({
      fields: (number, fields) => this.#addFields(number, fields),
      stream: (number, object, type) => watchStream(object, type, (deed) => this.#streamed(number, type, deed)),
    });
  }

  get calls(): number {
    return this.#calls;
  }

  /** Counts bytes that are kept for the recording. */
  hold(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#most || this.flaw !== undefined) return;
    this.flaw = `it would hold more than ${this.#most} bytes`;
    this.#events.length = 0;
  }

  readonly turns = {
    before: (): void => {},
    end: (): void => {
      this.#inside = false;
    },
    begin: (): void => {
      this.#inside = true;
      const last = this.#events.at(-1);
      if (last?.kind === 'steps') last.count++;
      else this.#add({ kind: 'steps', count: 1 }, null);
    },
  };

  #streamed(stream: number, { element }: StreamType, deed: StreamDeed): void {
    const during = this.#running > 0;
    const base = { kind: 'streamed', stream, does: deed.does, during, inside: this.#inside } as const;
    const max = deed.does === 'read' ? deed.max : undefined;
    this.#end({ ...base, ...(max !== undefined && { max }) }, () => {
      if (deed.does === 'fail') return { throws: describeThrown(deed.error) };
      if (deed.does === 'resolve' && element) return { result: encodeValue(element, deed.value, this.#numbers) };
      if (deed.does !== 'write') return {};
      if (!element) return { result: deed.items.length };
      return { result: encodeValue({ kind: 'list', element }, deed.items, this.#numbers) };
    });
  }

  /** The call of a function that `run` calls; it may give a promise of its result if it `suspends`. */
  call(name: string, type: FuncType, suspends: boolean, params: readonly unknown[], run: () => unknown): unknown {
    if (this.flaw !== undefined) return run();
    const call: Call = { kind: 'call', n: ++this.#calls, name, params: [] };
    this.#guarded(() => {
      const raw = type.params.map((param, index) => encodeValue(param.type, params[index], this.#numbers));
      this.#add(Object.assign(call, { params: raw }), raw);
    });
    let result: unknown;
    this.#running++;
    try {
      result = run();
    } catch (error) {
      this.#end(call, () => ({ throws: describeThrown(error) }));
      throw error;
    } finally {
      this.#running--;
    }
    if (suspends && isPromise(result)) return this.#wait(call, type, result);
    this.#end(call, () => this.#encoded(type, result));
    return result;
  }

  /** The end of a resource that the guest had. */
  drop(name: string, object: unknown, run: () => unknown): unknown {
    return this.call(`${name}#drop`, dropType, false, [object], run);
  }

  /** What the runtime gets in the place of the promise: it is noted right before the guest can know. */
  #wait(call: Call, type: FuncType, promise: HostPromise): PromiseLike<unknown> {
    call.waits = true;
    const settle = (outcome: () => Outcome): void => {
      const inside = this.#inside;
      if (!inside && this.#events.at(-1) === call) this.#end(call, outcome);
      else this.#end({ kind: 'settled', of: call, inside }, outcome);
    };
    const then = (resolved: (value: unknown) => unknown, rejected: (error: unknown) => unknown): unknown =>
      promise.then(
        (value) => {
          settle(() => this.#encoded(type, value));
          return resolved(value);
        },
        (error: unknown) => {
          settle(() => ({ throws: describeThrown(error) }));
          return rejected(error);
        },
      );
    return { then, cancel: () => promise.cancel?.() } as PromiseLike<unknown>;
  }

  /** A call of a core module. */
  core(
    name: string,
    args: readonly (number | bigint)[],
    memory: GuestMemory,
    run: (memory: GuestMemory) => number | undefined | Promise<() => number | undefined>,
  ): number | undefined | Promise<() => number | undefined> {
    if (this.flaw !== undefined) return run(memory);
    const tracked = new TrackedMemory(memory);
    const call: CoreCall = { kind: 'core', n: ++this.#calls, name, args, touched: { reads: [], writes: [] } };
    this.#add(call, []);
    const finish = (work: () => number | undefined): number | undefined => {
      try {
        const result = work();
        call.result = result;
        return result;
      } catch (error) {
        call.throws = describeThrown(error);
        throw error;
      } finally {
        tracked.look();
        call.touched = tracked.touched;
        this.hold(tracked.bytesTouched);
      }
    };
    let outcome: ReturnType<typeof run>;
    const result = finish(() => {
      outcome = run(tracked);
      return outcome instanceof Promise ? undefined : outcome;
    });
    if (!((outcome as unknown) instanceof Promise)) return result;
    call.waits = true;
    return (outcome as unknown as Promise<() => number | undefined>).then((last) => () => {
      tracked.renew();
      return finish(last);
    });
  }

  #encoded(type: FuncType, value: unknown): Outcome {
    return { result: type.result ? encodeValue(type.result, value, this.#numbers) : null };
  }

  #end(event: Call | Settled | Streamed, outcome: () => Outcome): void {
    this.#guarded(() => {
      const found = outcome();
      Object.assign(event, found, this.#newFields && { fields: this.#newFields });
      this.#newFields = undefined;
      if (event.kind !== 'call') this.#add(event, found.result ?? null);
      else this.hold(bytesIn(found.result ?? null));
    });
  }

  #add(event: Event, raw: Raw): void {
    this.hold(EVENT_BYTES + bytesIn(raw));
    if (this.flaw === undefined) this.#events.push(event);
  }

  #addFields(number: number, fields: Fields): void {
    const { list } = fields;
    if (list.length === 0) return;
    this.#newFields ??= {};
    this.#newFields[number] = list;
    this.hold(list.length * EVENT_BYTES);
  }

  /** What the recorder cannot do must not be the guest's trouble. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.flaw ??= error instanceof Unrecordable ? error.message : `a value cannot be recorded: ${String(error)}`;
      this.#events.length = 0;
    }
  }

  /** Adds to `secrets` what the events bring to light. */
  findSecrets(secrets: Secrets): void {
    const found = (value: string | Uint8Array): void => secrets.addField(value);
    for (const event of this.#events) {
      if (event.kind === 'core' || event.kind === 'steps') continue;
      const { result = null, fields = {} } = event;
      const about = aboutField(event);
      if (event.kind === 'call') (about ? findAll : findFields)(event.params.slice(about ? 2 : 0), found);
      (about ? findAll : findFields)(result, found);
      for (const list of Object.values(fields)) findFields(list as Raw, found);
    }
  }

  lines(secrets: Secrets, init?: true): EventLine[] {
    return this.#events.map((event) => lineOf(event, secrets, init));
  }
}

function bytesIn(raw: Raw): number {
  if (typeof raw === 'string') return 2 * raw.length + 16;
  if (raw instanceof Uint8Array) return raw.length + 64;
  if (typeof raw !== 'object' || raw === null) return 8;
  let sum = 32;
  for (const one of Object.values(raw)) sum += bytesIn(one as Raw);
  return sum;
}

function aboutField(event: Call | Settled | Streamed): boolean {
  if (event.kind === 'streamed') return false;
  const { name, params } = event.kind === 'call' ? event : event.of;
  return isAboutField(name, params);
}

/** Whether it says how a change went: there is nothing of the field in that. */
function isOutcome(result: Raw): boolean {
  return typeof result === 'object' && result !== null && ('ok' in result || 'err' in result);
}

function lineOf(event: Event, secrets: Secrets, init: true | undefined): EventLine {
  if (event.kind === 'core') return coreLine(event, secrets, init);
  return event.kind === 'steps' ? { steps: event.count } : callLine(event, secrets, init);
}

function callLine(
  event: Call | Settled | Streamed,
  secrets: Secrets,
  init: true | undefined,
): CallLine | SettledLine | StreamLine {
  const { throws, fields } = event;
  const result =
    event.result === undefined
      ? undefined
      : aboutField(event) && !isOutcome(event.result)
        ? maskAll(event.result)
        : event.result;
  const outcome = {
    ...(result !== undefined && { result: render(result, { secrets, compared: false }) }),
    ...(throws && { throws: { ...throws, message: secrets.text(throws.message) } }),
    ...(fields && {
      fields: Object.fromEntries(Object.entries(fields).map(([number, list]) => [number, headerLines(list, secrets)])),
    }),
  };
  if (event.kind === 'settled') return { settles: event.of.n, ...outcome, ...(event.inside && { inside: true }) };
  if (event.kind === 'streamed') {
    const { stream, does, max, during, inside } = event;
    return {
      stream,
      does,
      ...(max !== undefined && { max }),
      ...outcome,
      ...(during && { during }),
      ...(inside && { inside }),
    };
  }
  return {
    n: event.n,
    call: event.name,
    params: renderParams(event.name, event.params, secrets),
    ...outcome,
    ...(event.waits && { waits: true }),
    ...(init && { init }),
  };
}

function coreLine(event: CoreCall, secrets: Secrets, init: true | undefined): CoreLine {
  const { n, name, args, touched, result, throws, waits } = event;
  const part =
    (compared: boolean) =>
    ([address, bytes]: readonly [number, Uint8Array]) =>
      [address, render(bytes, { secrets, compared })] as const;
  return {
    n,
    core: name,
    args: args.map((one) => (typeof one === 'bigint' ? String(one) : one)),
    reads: touched.reads.map(part(true)),
    writes: touched.writes.map(part(false)),
    ...(result !== undefined && { result }),
    ...(throws && { throws }),
    ...(waits && { waits }),
    ...(init && { init }),
  };
}

/** Header fields without the values of those that must not be written. */
export function headerLines(list: readonly HeaderEntry[], secrets: Secrets): HeaderEntry[] {
  return list.map(([name, value]) => {
    if (isSensitive(name)) return [name, 'x'.repeat(value.length)] as const;
    return [name, Buffer.from(secrets.bytes(Buffer.from(value, 'latin1'))).toString('latin1')] as const;
  });
}
