// Plays a recording to a guest: it answers the guest's calls with the results that the file has, and notes where they differ
// from what was recorded. No function of the host runs.
import type { GuestMemory, HostCoreFunction } from '../component/types/core-host.ts';
import type { FuncType, HostFunction, ValType } from '../component/types/val-type.ts';
import { MayflyError, Trap } from '../errors.ts';
import { differenceAt, shown, valueAt } from './differences.ts';
import type {
  CallLine,
  CoreLine,
  EventLine,
  HeaderEntry,
  Recording,
  SettledLine,
  StreamLine,
  ThrownLine,
} from './format.ts';
import { PlayedPromise } from './played-promise.ts';
import { PlayedStreams } from './played-streams.ts';
import { bytesOf, type Json, render, renderParams, unrender } from './rendered.ts';
import { ResponseShape } from './response-shape.ts';
import { Secrets } from './secrets.ts';
import { StandIn } from './stand-in.ts';
import { dropType } from './tape.ts';
import { thrownAgain } from './thrown.ts';
import { BadValue, decodeValue, encodeValue, type Numbering } from './values.ts';

/** A place where the guest did something else than what was recorded. */
export interface Departure {
  /** The number of the call from 1; undefined where it is no call. */
  readonly call: number | undefined;
  readonly message: string;
}

/** The most departures that are told. */
const MOST_DEPARTURES = 10;

/** Nothing is looked for in what a guest does with values that were masked before. */
const masks = new Secrets();

interface Pending {
  readonly line: CallLine;
  readonly type: FuncType;
  readonly params: readonly unknown[];
  readonly promise: PlayedPromise;
}

export class Player implements Numbering {
  readonly departures: Departure[] = [];
  readonly streams = new PlayedStreams();
  readonly shape = new ResponseShape(this.streams);
  readonly #lines: readonly EventLine[];
  readonly #end: Recording['end'] | undefined;
  readonly #numbers = new Map<unknown, number>();
  readonly #objects: unknown[] = [];
  readonly #what: string;
  /** The calls that wait for their results, by their numbers. */
  readonly #pending = new Map<number, Pending>();
  /** A call whose result is in its own line, though the guest waits for it. */
  #due: Pending | undefined;
  #at = 0;
  /** Whether a step of the guest has begun, and not ended. */
  #inside = false;
  /** The steps of the line of steps that were made already. */
  #steps = 0;
  /** The number of calls that were made. */
  calls = 0;
  /** Grows with each line that was played. */
  progress = 0;
  /** Whether the guest has threads, which go on while a call waits. */
  readonly #hasTasks: boolean;

  /** `end` is how the guest ended when it was recorded; undefined for what is played before a request. */
  constructor(lines: readonly EventLine[], end: Recording['end'] | undefined, hasTasks = false) {
    this.#lines = lines;
    this.#end = end;
    this.#hasTasks = hasTasks;
    this.#what = end ? 'call' : 'call before the request';
  }

  // ---- the numbers of resources, streams and futures

  numberOf(object: unknown, type: ValType): number {
    const known = this.#numbers.get(object);
    if (known !== undefined) return known;
    const number = this.#objects.length;
    if (type.kind === 'stream' || type.kind === 'future') this.streams.take(number, object, type);
    else if (!(object instanceof StandIn)) throw new BadValue('a resource of the host that is none of the recording');
    return this.#add(object);
  }

  objectOf(number: number, type: ValType): unknown {
    if (number < this.#objects.length) return this.#objects[number];
    // Numbers are given in turn: any other was never given.
    if (number > this.#objects.length) throw new BadValue(`#${number} comes before #${this.#objects.length}`);
    const isStream = type.kind === 'stream' || type.kind === 'future';
    const made = isStream
      ? this.streams.make(number, type)
      : new StandIn('resource' in type ? type.resource.name : type.kind);
    this.#add(made);
    return made;
  }

  #add(object: unknown): number {
    const number = this.#objects.push(object) - 1;
    this.#numbers.set(object, number);
    return number;
  }

  // ---- what the host does by itself

  readonly turns = {
    before: (): void => this.drain(),
    begin: (): void => this.#step(),
    end: (): void => {
      this.#inside = false;
    },
  };

  /** Does what the host did, up to the next line in which the guest does something. */
  drain(): void {
    for (;;) {
      if (this.#due && !this.#inside) {
        const due = this.#due;
        this.#due = undefined;
        this.#settle(due, due.line);
        continue;
      }
      const line = this.#lines[this.#at];
      if (line === undefined || this.#due) return;
      if (('stream' in line || 'settles' in line) && (line.inside ?? false) !== this.#inside) return;
      if ('stream' in line) this.#stream(line);
      else if ('settles' in line) {
        this.#advance();
        const pending = this.#pending.get(line.settles);
        if (pending) this.#settle(pending, line);
      } else return;
    }
  }

  #stream(line: StreamLine): void {
    this.#advance();
    for (const [number, list] of Object.entries(line.fields ?? {})) this.#fields(Number(number), list);
    this.streams.perform(line, this);
    // The numbers of what was written are known now.
    for (const [number, list] of Object.entries(line.fields ?? {})) this.#fields(Number(number), list);
  }

  #advance(): void {
    this.#at++;
    this.progress++;
  }

  #step(): void {
    if (this.departures.length > 0) return;
    this.drain();
    this.#inside = true;
    const line = this.#lines[this.#at];
    if (!line || !('steps' in line)) {
      // What the guest does after its last call is not all seen.
      if (line) this.#depart(`the guest went on, expected ${nameOf(line)}`);
      return;
    }
    this.progress++;
    if (++this.#steps < line.steps) return;
    this.#steps = 0;
    this.#at++;
    this.drain();
  }

  /** Whether the guest waits for what the recording does not have, since it was stopped meanwhile. */
  get isAtCutOff(): boolean {
    return this.#at >= this.#lines.length && !this.#due && this.#end?.error !== undefined;
  }

  /** Ends a guest that waits as it was ended. False where nothing is left by which that could be done. */
  cutOff(): boolean {
    const [pending] = this.#pending.values();
    pending?.promise.reject(this.#cutOff());
    return pending !== undefined;
  }

  /** Says that the guest does nothing any more. */
  stalled(): void {
    const line = this.#lines[this.#at];
    this.#depart(`the guest waits, expected ${line ? nameOf(line) : 'its end'}`);
  }

  // ---- calls

  call(name: string, type: FuncType, suspends: boolean, params: readonly unknown[]): unknown {
    const raw = type.params.map((param, index) => encodeValue(param.type, params[index], this));
    const line = this.#next((one): one is CallLine => 'call' in one, name);
    if (line.call !== name) throw this.#other(line.call, name);
    this.#compare(line, renderParams(name, raw, masks));
    if (line.waits && suspends && this.#hasTasks)
      return this.#waiting({ line, type, params, promise: new PlayedPromise() });
    this.#during();
    const outcome = this.#outcomeOf(line);
    if (outcome.throws) throw thrownAgain(outcome.throws);
    if (outcome.result === undefined) throw this.#cutOff();
    const result = this.#result({ line, type, params }, outcome);
    this.#during();
    return result;
  }

  #waiting(pending: Pending): PlayedPromise {
    const { line, promise } = pending;
    this.#during();
    if ('result' in line || 'throws' in line) this.#due = pending;
    this.#pending.set(line.n, pending);
    return promise;
  }

  /** Does what the host did before the call returned. */
  #during(): void {
    for (let line = this.#lines[this.#at]; line && 'stream' in line && line.during; line = this.#lines[this.#at]) {
      this.#stream(line);
    }
  }

  #settle(pending: Pending, outcome: Pick<CallLine, 'result' | 'throws' | 'fields'>): void {
    this.#pending.delete(pending.line.n);
    if (outcome.throws) pending.promise.reject(thrownAgain(outcome.throws));
    else pending.promise.resolve(this.#result(pending, outcome));
  }

  #result(
    { line, type, params }: Pick<Pending, 'line' | 'type' | 'params'>,
    { result = null, fields = {} }: Pick<CallLine, 'result' | 'fields'>,
  ): unknown {
    const value = this.#decoded(type, result, line);
    for (const [number, list] of Object.entries(fields)) this.#fields(Number(number), list);
    this.shape.saw(line.call, params, value);
    return value;
  }

  /** The guest drops a resource. */
  drop(name: string, object: unknown): unknown {
    return this.call(`${name}#drop`, dropType, false, [object]);
  }

  #fields(number: number, list: readonly HeaderEntry[]): void {
    const object = this.#objects[number];
    if (object instanceof StandIn) this.shape.fields(object, list);
  }

  #decoded(type: FuncType, result: Json, { n, call }: CallLine): unknown {
    if (!type.result) return undefined;
    try {
      return decodeValue(type.result, unrender(result), this);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      throw new MayflyError(
        'recording-corrupt',
        `The result of call ${n}, ${call}, is not of its type: ${error.message}`,
      );
    }
  }

  core(name: string, args: readonly (number | bigint)[], memory: GuestMemory): number | undefined {
    const line = this.#next((one): one is CoreLine => 'core' in one, name);
    if (line.core !== name) throw this.#other(line.core, name);
    const given = args.map((one) => (typeof one === 'bigint' ? String(one) : one));
    const at = differenceAt(line.args as Json, given);
    if (at !== undefined) this.#depart(`${name} is called with ${shown(given)}, expected ${shown(line.args as Json)}`);
    for (const [address, expected] of line.reads) this.#compareMemory(name, memory, address, expected);
    if (line.throws) throw thrownAgain(line.throws);
    if (!('result' in line)) throw this.#cutOff();
    for (const [address, json] of line.writes) {
      const bytes = bytesOf(json);
      if (!bytes || address + bytes.length > memory.bytes.length) {
        throw new MayflyError('recording-corrupt', `Call ${line.n}, ${name}, writes what is no part of the memory`);
      }
      memory.bytes.set(bytes, address);
    }
    this.shape.sawCore(name, args, memory, line.result);
    return line.result;
  }

  #compareMemory(name: string, memory: GuestMemory, address: number, expected: Json): void {
    const length = lengthOf(expected);
    const bytes = memory.bytes.slice(address, address + length);
    const actual = render(bytes, { secrets: masks, compared: true });
    if (differenceAt(expected, actual) === undefined) return;
    this.#depart(`${name} finds ${shown(actual)} at address ${address}, expected ${shown(expected)}`);
  }

  /** The next line; ends the guest where there is none, or where it is of another kind. */
  #next<Line extends CallLine | CoreLine>(is: (line: EventLine) => line is Line, name: string): Line {
    this.drain();
    const line = this.#lines[this.#at];
    this.calls++;
    if (line === undefined) throw this.#beyond(name);
    this.#advance();
    if (is(line)) return line;
    throw this.#other(nameOf(line), name);
  }

  #outcomeOf(line: CallLine): Pick<CallLine, 'result' | 'throws' | 'fields'> {
    const next = this.#lines[this.#at];
    if (!line.waits || 'result' in line || 'throws' in line || !next || !('settles' in next)) return line;
    this.#advance();
    return next satisfies SettledLine;
  }

  #compare(line: CallLine, params: Json): void {
    const at = differenceAt(line.params, params);
    if (at === undefined) return;
    const [expected, actual] = [valueAt(line.params, at), valueAt(params, at)];
    this.#depart(
      `${line.call} is called with other parameters: ${at || 'all'} is ${shown(actual)}, expected ${shown(expected)}`,
    );
  }

  #depart(message: string): void {
    if (this.departures.length >= MOST_DEPARTURES) return;
    this.departures.push({ call: this.calls, message });
  }

  #other(expected: string, actual: string): Trap {
    this.#depart(`the guest called ${actual}, expected ${expected}`);
    return new Trap(`The replay departs at ${this.#what} ${this.calls}`);
  }

  /** Ends a guest that goes on beyond its recording: that is no departure where it was stopped by a limit of time then. */
  #beyond(name: string): Error {
    if (this.#isStopped) return this.#cutOff();
    this.#depart(`the guest called ${name}, expected its end`);
    return new Trap(`The replay departs at ${this.#what} ${this.calls}`);
  }

  get #isStopped(): boolean {
    const code = this.#end?.error?.code;
    return code === 'guest-cpu-limit' || code === 'guest-wall-limit' || code === 'guest-cancelled';
  }

  /** Ends the guest as it was ended in the middle of a call. */
  #cutOff(): Error {
    const { code = 'guest-cancelled', message = 'The recording ends here' } = this.#end?.error ?? {};
    return thrownAgain({ kind: 'error', code, message } satisfies ThrownLine);
  }

  /**
   * Called at the guest's end, with what it failed with: notes the calls that it did not make any more. One that met a limit of
   * time may have met it earlier than when it was recorded.
   */
  finish(code: string | undefined): void {
    if (this.#isStopped && code === this.#end?.error?.code) return;
    const line = this.#lines.slice(this.#at).find((one) => 'call' in one || 'core' in one);
    if (line === undefined || this.departures.length > 0) return;
    this.departures.push({
      call: this.calls + 1,
      message: `the guest ended, expected ${nameOf(line)}`,
    });
  }
}

function nameOf(line: EventLine): string {
  if ('call' in line) return line.call;
  if ('core' in line) return line.core;
  if ('steps' in line) return 'another turn of its threads';
  return 'stream' in line ? `"${line.does}" of stream ${line.stream}` : `the result of call ${line.settles}`;
}

function lengthOf(json: Json): number {
  const bytes = bytesOf(json);
  if (bytes) return bytes.length;
  const { length } = Object(json) as { readonly length?: unknown };
  return typeof length === 'number' && Number.isSafeInteger(length) && length >= 0 ? length : 0;
}

export function playedFunction(name: string, type: FuncType, func: HostFunction): HostFunction {
  const call = (player: Player, ...params: unknown[]): unknown => player.call(name, type, func.suspends, params);
  return { suspends: func.suspends, call: call as unknown as HostFunction['call'] };
}

export function playedCoreFunction(name: string, func: HostCoreFunction): HostCoreFunction {
  return { ...func, call: (player, memory, ...args) => (player as Player).core(name, args, memory) };
}
