// One request in one sandbox: gets it, calls the guest's function, hands the answer out, and sees the guest to its end.
// What the function is given and how it answers is an exchange's business: wasi:http here, CGI programs in cgi/.
import type { LiftedFunction } from '../../component/link/plan.ts';
import { MayflyError, messageOf, Trap } from '../../errors.ts';
import type { HttpRequest, HttpResponse } from '../../host/http-message.ts';
import { GuestExit } from '../../host/wasi/cli/guest-exit.ts';
import { HandlerExchange } from '../../host/wasi/http/handler-0.3.ts';
import { beginExchange, type Exchange } from '../../host/wasi/http/incoming.ts';
import type { WasiState } from '../../host/wasi/state.ts';
import type { GuestClock, Timer } from '../../sandbox/clock.ts';
import { describeFailure, isStackOverflow } from '../../sandbox/failure.ts';
import type { SandboxLimits } from '../../sandbox/limits.ts';
import type { Lane } from '../../sandbox/line.ts';
import type { SandboxPool } from '../../sandbox/pool.ts';
import type { RequestContext } from '../../sandbox/request-context.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { RequestContext as ClientContext, HttpHandler } from './trigger.ts';

/** What a request used, once its guest has ended. */
export interface Usage {
  /** Milliseconds. */
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly hostCalls: number;
  /** Bytes of linear memory when it ended. */
  readonly memoryBytes: number;
}

export interface GuestOptions<Component> {
  readonly component: string;
  readonly pool: Pick<SandboxPool, 'acquire' | 'release'> & Partial<Pick<SandboxPool, 'abandon'>>;
  /** `handle` of wasi:http/incoming-handler or of wasi:http/handler, or `run` of a command. */
  readonly handle: LiftedFunction;
  /** It is `handle` of wasi:http/handler@0.3, which returns its response. */
  readonly returnsResponse?: boolean | undefined;
  /** Slot of the service `wasi` in the plan; -1 without one. */
  readonly wasiSlot: number;
  /** Set for commands. */
  readonly command?: CommandOptions | undefined;
  readonly clock: GuestClock;
  /** Of the component, among those who wait for the thread. */
  readonly lane?: Lane | undefined;
  readonly limits: SandboxLimits;
  makeContext(): RequestContext<Component>;
  /** Called after each request when somebody wants to know. */
  readonly onEnd?: ((request: HttpRequest, usage: Usage) => void) | undefined;
  /** Add the header `server-timing`: the guest's CPU time and the time since the request came, until the answer. */
  readonly serverTiming?: boolean | undefined;
}

export interface CommandOptions {
  /** A sandbox whose guest exited is as good as one whose guest returned: nothing of the host was in the middle of it. */
  readonly reusableAfterExit: boolean;
}

/** How a guest ended. */
export interface Outcome {
  /** It trapped, was stopped, or the host failed. */
  readonly error: Error | undefined;
  /** Of a command; else 0. */
  readonly exitCode: number;
}

/** What a guest is called with for one request, and the answer it gives. */
export interface GuestExchange {
  readonly params: readonly unknown[];
  readonly response: Promise<HttpResponse>;
  /** The function gives its result, and goes on: it may fail yet. */
  gave?(result: unknown): void;
  /** It has returned; its task may go on. */
  returned?(result: unknown): void;
  end(outcome: Outcome): void;
}

/** Makes the exchange once there is a sandbox; `state` is undefined for a component that uses nothing of WASI. */
export type BeginExchange = (state: WasiState | undefined, request: HttpRequest) => GuestExchange;

export function createGuestHandler<Component>(options: GuestOptions<Component>): HttpHandler {
  const begin: BeginExchange = options.returnsResponse
    ? (state, request) => new HandlerExchange(state as WasiState, request)
    : beginHttp;
  return (request, client) => callGuest(options, request, client, begin);
}

export async function callGuest<Component>(
  options: GuestOptions<Component>,
  request: HttpRequest,
  client: ClientContext,
  begin: BeginExchange,
): Promise<HttpResponse> {
  return new GuestRequest(options, request, client).response(begin);
}

function beginHttp(state: WasiState | undefined, request: HttpRequest): GuestExchange {
  return new HttpExchange(state as WasiState, request);
}

/**
 * A class, since an object literal with a getter gets a hidden class of its own each time. Those live in the old
 * generation and keep all that the request made alive until a major collection (measured: 8 µs a request).
 */
class HttpExchange implements GuestExchange {
  readonly params: readonly unknown[];
  readonly #exchange: Exchange;

  constructor(state: WasiState, request: HttpRequest) {
    this.#exchange = beginExchange(state, request);
    this.params = [this.#exchange.requestResource, this.#exchange.outparamResource];
  }

  get response(): Promise<HttpResponse> {
    return this.#exchange.response;
  }

  end({ error }: Outcome): void {
    this.#exchange.end(error);
  }
}

class GuestRequest<Component> {
  readonly #options: GuestOptions<Component>;
  readonly #request: HttpRequest;
  readonly #client: ClientContext;
  readonly #context: RequestContext<Component>;
  readonly #timer: Timer;
  #sandbox: Sandbox | undefined;
  #signal: AbortSignal | undefined;
  #wallTimer: NodeJS.Timeout | undefined;
  #cancelled: MayflyError | undefined;

  constructor(options: GuestOptions<Component>, request: HttpRequest, client: ClientContext) {
    this.#options = options;
    this.#request = request;
    this.#client = client;
    this.#context = options.makeContext();
    this.#timer = options.clock.timer(options.limits, () => this.#watch(), options.lane);
  }

  response(begin: BeginExchange): Promise<HttpResponse> {
    return this.#options.clock.isFree ? this.#start(begin) : this.#inLine(() => this.#start(begin));
  }

  /** Others come first. A request that waits for longer than for a sandbox is not started, nor one whose client left. */
  #inLine(start: () => Promise<HttpResponse>): Promise<HttpResponse> {
    const since = performance.now();
    return new Promise((resolve, reject) => {
      this.#options.clock.await(this.#timer, () => {
        const reason = this.#reasonToGiveUp(since);
        if (reason === undefined) resolve(start());
        else reject(this.#notStarted(reason));
      });
    });
  }

  #reasonToGiveUp(since: number): MayflyError | undefined {
    if (this.#client.signal?.aborted) return clientGone();
    const { queueMs } = this.#options.limits;
    if (performance.now() - since <= queueMs) return undefined;
    const limit = { name: 'queue_time', value: queueMs };
    return new MayflyError('overloaded', `Limit reached: queue_time (${queueMs} ms)`, { limit });
  }

  #notStarted(reason: MayflyError): MayflyError {
    this.#context.finish();
    if (this.#sandbox) this.#release(this.#sandbox, true);
    return reason;
  }

  async #start(begin: BeginExchange): Promise<HttpResponse> {
    const acquired = this.#acquire();
    const response = await (acquired instanceof Promise
      ? this.#startLater(acquired, begin)
      : this.#run(acquired, begin));
    return this.#options.serverTiming ? this.#timed(response) : response;
  }

  async #startLater(acquired: Promise<Sandbox>, begin: BeginExchange): Promise<HttpResponse> {
    const sandbox = await acquired;
    this.#sandbox = sandbox;
    if (this.#options.clock.isFree) return this.#run(sandbox, begin);
    return this.#inLine(async () => this.#run(sandbox, begin));
  }

  #run(sandbox: Sandbox, begin: BeginExchange): Promise<HttpResponse> {
    this.#sandbox = sandbox;
    const exchange = this.#begin(sandbox, begin);
    this.#call(sandbox, exchange).then(
      (result) => this.#end(exchange, sandbox, undefined, this.#options.command && isFailure(result) ? 1 : 0),
      (error: unknown) => this.#end(exchange, sandbox, error, error instanceof GuestExit ? error.code : 0),
    );
    return exchange.response;
  }

  #begin(sandbox: Sandbox, begin: BeginExchange): GuestExchange {
    try {
      sandbox.begin(this.#context, this.#timer);
      const state = this.#context.state(this.#options.wasiSlot) as WasiState | undefined;
      if (state && this.#request.hops) state.hops = this.#request.hops;
      return begin(state, this.#request);
    } catch (error) {
      this.#context.finish();
      this.#release(sandbox, false);
      throw error;
    }
  }

  #call(sandbox: Sandbox, exchange: GuestExchange): Promise<unknown> {
    const gave = exchange.gave && ((result: unknown) => exchange.gave?.(result));
    const called = sandbox.call(this.#options.handle, exchange.params, gave);
    const isSeenTo = sandbox.instance.store !== undefined || exchange.returned !== undefined;
    return isSeenTo ? this.#seeToItsEnd(sandbox, exchange, called) : called;
  }

  /** The answer is out when the call returns; the guest's tasks go on with its body. */
  async #seeToItsEnd(sandbox: Sandbox, exchange: GuestExchange, called: Promise<unknown>): Promise<unknown> {
    const result = await called;
    exchange.returned?.(result);
    if (sandbox.instance.store) await sandbox.finishTasks();
    return result;
  }

  #acquire(): Sandbox | Promise<Sandbox> {
    try {
      const acquired = this.#options.pool.acquire(this.#context, this.#timer);
      return acquired instanceof Promise ? this.#queued(acquired) : acquired;
    } catch (error) {
      throw this.#notAcquired(error);
    }
  }

  #notAcquired(error: unknown): unknown {
    this.#context.finish();
    return this.#explain(error);
  }

  /** Leaves the queue when the client does. */
  async #queued(acquired: Promise<Sandbox>): Promise<Sandbox> {
    const { signal } = this.#client;
    const leave = (): void => this.#options.pool.abandon?.(this.#context, clientGone());
    if (signal?.aborted) leave();
    signal?.addEventListener('abort', leave);
    try {
      return await acquired;
    } catch (error) {
      throw this.#notAcquired(error);
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  #timed(response: HttpResponse): HttpResponse {
    const total = performance.now() - this.#timer.createdAt;
    const value = `cpu;dur=${this.#timer.usedMs.toFixed(3)}, total;dur=${total.toFixed(3)}`;
    return { ...response, headers: [...response.headers, ['server-timing', value]] };
  }

  readonly #clientGone = (): void => {
    this.#cancel(clientGone());
  };

  #cancel(reason: MayflyError): void {
    this.#cancelled = reason;
    this.#context.abort(reason);
    this.#sandbox?.cancel(reason);
  }

  /** The guest waits for the first time: only then can it outlast the wall time, or the news come that its client is gone. */
  #watch(): void {
    if (this.#wallTimer) return;
    const { wallMs } = this.#options.limits;
    const left = wallMs - (performance.now() - this.#timer.createdAt);
    this.#wallTimer = setTimeout(() => this.#cancel(this.#wallLimit()), left);
    this.#signal = this.#client.signal;
    if (this.#signal?.aborted) queueMicrotask(this.#clientGone);
    else this.#signal?.addEventListener('abort', this.#clientGone, { once: true });
  }

  #end(exchange: GuestExchange, sandbox: Sandbox, thrown: unknown, exitCode: number): void {
    const { command } = this.#options;
    const exited = thrown instanceof GuestExit && (command !== undefined || exitCode === 0);
    const error = exited ? undefined : this.#explain(thrown);
    clearTimeout(this.#wallTimer);
    this.#signal?.removeEventListener('abort', this.#clientGone);
    exchange.end({ error, exitCode });
    this.#context.finish();
    this.#report(sandbox);
    this.#release(sandbox, thrown === undefined || (exited && command?.reusableAfterExit === true));
    if (error) exchange.response.then(() => this.#log(error)).catch(() => {});
    else if (exitCode !== 0) this.#logExit(exitCode);
  }

  #release(sandbox: Sandbox, healthy: boolean): void {
    try {
      this.#options.pool.release(sandbox, healthy);
    } catch (error) {
      this.#log(error as Error);
    }
  }

  /** The trigger logs what a request fails with; after the answer was given, nobody else would. */
  #log(error: Error): void {
    logEvent(this.#context.log, 'guest-failed', { err: error }, error.message);
  }

  #logExit(code: number): void {
    logEvent(this.#context.log, 'guest-exited', { exitCode: code }, `The command exited with code ${code}`);
  }

  #explain(thrown: unknown): Error | undefined {
    if (thrown === undefined) return undefined;
    if (this.#timer.stopped) return this.#timeLimit();
    if (this.#cancelled) return this.#cancelled;
    if (thrown instanceof MayflyError) return thrown;
    const heapFailure = this.#sandbox?.heapFailure;
    if (heapFailure) return new MayflyError(heapFailure.code, heapFailure.message);
    const { reason, stack } = describeFailure(thrown);
    if (isGuests(thrown)) {
      const where = stack.length > 0 ? ` in ${stack.join(' < ')}` : '';
      const limit = thrown instanceof Trap ? thrown.limit : undefined;
      return new MayflyError('guest-trap', `The guest trapped: ${reason}${where}`, { limit });
    }
    return new MayflyError('internal', `The guest failed: ${messageOf(thrown)}`, { cause: thrown });
  }

  #timeLimit(): MayflyError {
    const { limitReached: limit, limits } = this.#timer;
    if (limit === 'wall') return this.#wallLimit();
    const ms = limit === 'cpu' ? limits.cpuMs : limits.cpuSliceMs;
    return new MayflyError('guest-cpu-limit', `The guest was stopped. Limit reached: ${limit} (${ms} ms)`, {
      limit: { name: limit, value: ms },
    });
  }

  #wallLimit(): MayflyError {
    const { wallMs } = this.#options.limits;
    return new MayflyError('guest-wall-limit', `The guest was stopped. Limit reached: wall (${wallMs} ms)`, {
      limit: { name: 'wall', value: wallMs },
    });
  }

  #report(sandbox: Sandbox): void {
    const { onEnd } = this.#options;
    if (!onEnd) return;
    onEnd(this.#request, {
      cpuMs: this.#timer.usedMs,
      wallMs: performance.now() - this.#timer.createdAt,
      hostCalls: sandbox.instance.hostCalls,
      memoryBytes: sandbox.memoryBytes,
    });
  }
}

function clientGone(): MayflyError {
  return new MayflyError('guest-cancelled', 'The client went away');
}

/** Whatever ended the guest was of its own making. */
function isGuests(thrown: unknown): boolean {
  if (isStackOverflow(thrown)) return true;
  return thrown instanceof WebAssembly.RuntimeError || thrown instanceof Trap || thrown instanceof GuestExit;
}

/** `run` of wasi:cli gives a result without values. */
function isFailure(result: unknown): boolean {
  return typeof result === 'object' && result !== null && (result as { tag?: unknown }).tag === 'err';
}
