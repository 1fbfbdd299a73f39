// One request in one sandbox: gets it, calls the guest's handler, hands the answer out, and sees the guest to its end.
import type { LiftedFunction } from '../../component/link/plan.ts';
import { MayflyError, messageOf, Trap } from '../../errors.ts';
import type { HttpRequest, HttpResponse } from '../../host/http-message.ts';
import { GuestExit } from '../../host/wasi/cli/guest-exit.ts';
import { beginExchange, type Exchange } from '../../host/wasi/http/incoming.ts';
import type { WasiState } from '../../host/wasi/state.ts';
import type { GuestClock, Timer } from '../../sandbox/clock.ts';
import { describeFailure } from '../../sandbox/failure.ts';
import type { SandboxLimits } from '../../sandbox/limits.ts';
import type { SandboxPool } from '../../sandbox/pool.ts';
import type { RequestContext } from '../../sandbox/request-context.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
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
  /** `handle` of wasi:http/incoming-handler. */
  readonly handle: LiftedFunction;
  /** Slot of the service `wasi` in the plan. */
  readonly wasiSlot: number;
  readonly clock: GuestClock;
  readonly limits: SandboxLimits;
  makeContext(): RequestContext<Component>;
  /** Called after each request when somebody wants to know. */
  readonly onEnd?: ((request: HttpRequest, usage: Usage) => void) | undefined;
  /** Add the header `server-timing`: the guest's CPU time and the time since the request came, until the answer. */
  readonly serverTiming?: boolean | undefined;
}

export function createGuestHandler<Component>(options: GuestOptions<Component>): HttpHandler {
  return async (request, client) => new GuestRequest(options, request, client).response();
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
    this.#timer = options.clock.timer(options.limits, () => this.#watch());
  }

  async response(): Promise<HttpResponse> {
    const acquired = this.#acquire();
    const sandbox = acquired instanceof Promise ? await acquired : acquired;
    this.#sandbox = sandbox;
    sandbox.begin(this.#context, this.#timer);
    const exchange = beginExchange(this.#context.state(this.#options.wasiSlot) as WasiState, this.#request);
    sandbox.call(this.#options.handle, [exchange.requestResource, exchange.outparamResource]).then(
      () => this.#end(exchange, sandbox, undefined),
      (error: unknown) => this.#end(exchange, sandbox, error),
    );
    const response = await exchange.response;
    return this.#options.serverTiming ? this.#timed(response) : response;
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

  #end(exchange: Exchange, sandbox: Sandbox, thrown: unknown): void {
    const error = thrown instanceof GuestExit && thrown.code === 0 ? undefined : this.#explain(thrown);
    clearTimeout(this.#wallTimer);
    this.#signal?.removeEventListener('abort', this.#clientGone);
    exchange.end(error);
    this.#context.finish();
    this.#report(sandbox);
    this.#release(sandbox, thrown === undefined);
    if (error && exchange.settled) this.#log(error);
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
    this.#context.log.error({ component: this.#options.component, err: error }, error.message);
  }

  #explain(thrown: unknown): Error | undefined {
    if (thrown === undefined) return undefined;
    if (this.#timer.stopped) return this.#timeLimit();
    if (this.#cancelled) return this.#cancelled;
    if (thrown instanceof MayflyError) return thrown;
    const { component } = this.#options;
    const { reason, stack } = describeFailure(thrown);
    if (isGuests(thrown)) {
      const where = stack.length > 0 ? ` in ${stack.join(' < ')}` : '';
      return new MayflyError('guest-trap', `Component "${component}" trapped: ${reason}${where}`);
    }
    return new MayflyError('internal', `Component "${component}" failed: ${messageOf(thrown)}`, { cause: thrown });
  }

  #timeLimit(): MayflyError {
    const { limitReached: limit, limits } = this.#timer;
    if (limit === 'wall') return this.#wallLimit();
    const ms = limit === 'cpu' ? limits.cpuMs : limits.cpuSliceMs;
    const { component } = this.#options;
    return new MayflyError(
      'guest-cpu-limit',
      `Component "${component}" was stopped. Limit reached: ${limit} (${ms} ms)`,
    );
  }

  #wallLimit(): MayflyError {
    const { component, limits } = this.#options;
    const limit = `wall (${limits.wallMs} ms)`;
    return new MayflyError('guest-wall-limit', `Component "${component}" was stopped. Limit reached: ${limit}`);
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

/** Whatever ended the guest was of its own making. Too deep a recursion is a RangeError, which no guest can catch. */
function isGuests(thrown: unknown): boolean {
  if (thrown instanceof RangeError) return thrown.message === 'Maximum call stack size exceeded';
  return thrown instanceof WebAssembly.RuntimeError || thrown instanceof Trap || thrown instanceof GuestExit;
}
