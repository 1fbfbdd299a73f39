// `--record`: takes down what crosses between the guests of an app and the host, a tape for each request.
import type { LockedComponent } from '../app/locked-app.ts';
import type { HttpRequest } from '../host/http-message.ts';
import type { HostService } from '../host/service.ts';
import type { Guest } from '../invocation/exchange.ts';
import { type Outcome, RequestContext } from '../sandbox/request-context.ts';
import { logEvent } from '../telemetry/events.ts';
import type { HttpHandler } from '../triggers/http/dispatcher.ts';
import type { HttpEntry } from '../triggers/http/entry.ts';
import { aroundService } from './around.ts';
import type { ContextParts, CrossedComponent, Crossing } from './crossing.ts';
import { FORMAT, type Head, VERSION } from './format.ts';
import { type Lines, RecordedCall } from './recorded-request.ts';
import { Tape } from './tape.ts';

/** Takes recordings; it must not throw, nor keep anybody waiting. */
export interface Sink {
  write(requestId: string, lines: () => Lines): void;
  /** Told why a request has no recording, in words. */
  notKept(reason: string): void;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  /** The share of the requests that are recorded, up to 1. */
  readonly share: number;
  /** Whether only the recordings of requests that failed are kept. */
  readonly onlyFailures: boolean;
  /** The most bytes that one recording may hold. */
  readonly mostBytes: number;
  /** The most recordings that are taken at once; further requests are not recorded. */
  readonly mostAtOnce: number;
  readonly sink: Sink;
  readonly app: Head['app'];
  /** The version of Mayfly. */
  readonly mayfly: string;
  /** Values that must not be written. */
  readonly secrets: readonly string[];
  /** Whether responses have a header with times, which no other run repeats. */
  readonly serverTiming: boolean;
}

interface Start {
  readonly crossed: CrossedComponent;
  readonly tape: Tape | undefined;
}

/** Says whose call of a guest comes next: the state of a service is asked for right before each call. */
class TapedContext extends RequestContext<LockedComponent> {
  readonly #announce: (next: Tape | undefined) => void;
  readonly #tape: Tape;
  readonly #call: RecordedCall | undefined;

  /** `call` is absent for what is no request. */
  constructor(
    announce: (next: Tape | undefined) => void,
    tape: Tape,
    call: RecordedCall | undefined,
    given: ContextParts,
  ) {
    super(...given);
    this.#announce = announce;
    this.#tape = tape;
    this.#call = call;
    call?.begin();
  }

  override get turns(): RequestContext['turns'] {
    return this.#call && this.#tape.turns;
  }

  override state(slot: number): unknown {
    const state = super.state(slot);
    this.#announce(this.#tape);
    return state;
  }

  override stateOf(service: string): unknown {
    try {
      return super.stateOf(service);
    } finally {
      this.#announce(undefined);
    }
  }

  override finish(outcome?: Outcome): void {
    super.finish(outcome);
    this.#call?.guestEnded(outcome);
  }
}

let recorders = 0;

export class Recorder implements Crossing {
  readonly variant = `recorded-${++recorders}`;
  readonly #options: RecorderOptions;
  /** The tape of the call that comes next. */
  #next: Tape | undefined;
  readonly #calls = new WeakMap<object, RecordedCall>();
  readonly #starts = new Map<string, Tape>();
  readonly #guests = new WeakMap<Guest, Start>();
  #open = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  service(service: HostService): HostService {
    return aroundService(service, {
      func: (name, type, func) => {
        const call = func.call as (state: unknown, ...params: unknown[]) => unknown;
        const recorded = (state: unknown, ...params: unknown[]): unknown => {
          const tape = this.#take();
          return tape
            ? tape.call(name, type, func.suspends, params, () => call(state, ...params))
            : call(state, ...params);
        };
        return { ...func, call: recorded as typeof func.call };
      },
      core: (name, func) => ({
        ...func,
        call: (state, memory, ...args) => {
          const tape = this.#take();
          if (!tape) return func.call(state, memory, ...args);
          return tape.core(name, args, memory, (tracked) => func.call(state, tracked, ...args));
        },
      }),
      drop: (name, drop) => (state, object) => {
        const tape = this.#take();
        return tape ? tape.drop(name, object, () => drop(state, object)) : drop(state, object);
      },
    });
  }

  #take(): Tape | undefined {
    const tape = this.#next;
    this.#next = undefined;
    return tape;
  }

  start(componentId: string): (...given: ContextParts) => RequestContext<LockedComponent> {
    const tape = new Tape(this.#options.mostBytes);
    this.#starts.set(componentId, tape);
    return (...given) => new TapedContext(this.#announce, tape, undefined, given);
  }

  context(event: unknown, ...given: ContextParts): RequestContext<LockedComponent> {
    const call = this.#calls.get(Object(event));
    return call ? new TapedContext(this.#announce, call.tape, call, given) : new RequestContext(...given);
  }

  readonly #announce = (next: Tape | undefined): void => {
    this.#next = next;
  };

  loaded(guest: Guest, crossed: CrossedComponent): void {
    const { obstacle, log, component } = crossed;
    if (obstacle === undefined) this.#guests.set(guest, { crossed, tape: this.#starts.get(component.id) });
    else logEvent(log, 'component-not-recorded', { reason: obstacle }, `Its requests are not recorded: ${obstacle}`);
  }

  handler(handler: HttpHandler, guest: Guest, entry: HttpEntry): HttpHandler {
    const start = this.#guests.get(guest);
    if (!start) return handler;
    return (request, client, route) => {
      const call = this.#begin(request, start, entry);
      if (!call) return handler(request, client, route);
      const given = call.request;
      this.#calls.set(given, call);
      return handler(given, client, route).then(
        (response) => call.responded(response),
        (error: unknown) => {
          call.failed(error);
          throw error;
        },
      );
    };
  }

  close(): Promise<void> {
    return this.#options.sink.close();
  }

  #begin(request: HttpRequest, start: Start, entry: HttpEntry): RecordedCall | undefined {
    const { share, mostAtOnce, mostBytes, onlyFailures, sink, secrets, serverTiming } = this.#options;
    if (this.#open >= mostAtOnce || (share < 1 && Math.random() >= share)) return undefined;
    this.#open++;
    const requestId = request.identity?.fields.requestId ?? 'unnamed';
    const facts = {
      request,
      head: this.#head(start.crossed, requestId),
      keepsBody: entry.kind === 'inbound-http',
      start: start.tape,
      tape: new Tape(mostBytes),
      secrets,
      serverTiming,
    };
    return new RecordedCall(facts, ({ lines, isFailure, flaw }) => {
      this.#open--;
      if (!lines || (onlyFailures && !isFailure)) return;
      if (flaw === undefined) sink.write(requestId, lines);
      else sink.notKept(flaw);
    });
  }

  #head({ component, middleware, digest, limits }: CrossedComponent, requestId: string): Omit<Head, 'request'> {
    const { app, mayfly } = this.#options;
    return {
      format: FORMAT,
      version: VERSION,
      mayfly,
      at: new Date().toISOString(),
      requestId,
      app,
      component: { id: component.id, middleware: middleware.map(({ source }) => source), digest, limits },
    };
  }
}
