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
  readonly pool: Pick<SandboxPool, 'acquire' | 'release'>;
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
  return async (request, client) => {
    const context = options.makeContext();
    const acquired = options.pool.acquire(context);
    const sandbox = acquired instanceof Promise ? await acquired : acquired;
    return new GuestRequest(options, request, client, context, sandbox).response();
  };
}

class GuestRequest<Component> {
  readonly #options: GuestOptions<Component>;
  readonly #request: HttpRequest;
  readonly #context: RequestContext<Component>;
  readonly #sandbox: Sandbox;
  readonly #timer: Timer;
  readonly #exchange: Exchange;
  readonly #startedAt = performance.now();
  readonly #client: ClientContext;
  #signal: AbortSignal | undefined;
  #wallTimer: NodeJS.Timeout | undefined;
  #cancelled: MayflyError | undefined;

  constructor(
    options: GuestOptions<Component>,
    request: HttpRequest,
    client: ClientContext,
    context: RequestContext<Component>,
    sandbox: Sandbox,
  ) {
    this.#options = options;
    this.#request = request;
    this.#context = context;
    this.#sandbox = sandbox;
    this.#timer = options.clock.timer(options.limits, () => this.#watch());
    sandbox.begin(context, this.#timer);
    this.#exchange = beginExchange(context.state(options.wasiSlot) as WasiState, request);
    this.#client = client;
  }

  response(): Promise<HttpResponse> {
    const { requestResource, outparamResource } = this.#exchange;
    const params = [requestResource, outparamResource];
    this.#sandbox.call(this.#options.handle, params).then(
      () => this.#end(undefined),
      (error: unknown) => this.#end(error),
    );
    const { response } = this.#exchange;
    return this.#options.serverTiming ? response.then((answer) => this.#timed(answer)) : response;
  }

  #timed(response: HttpResponse): HttpResponse {
    const total = performance.now() - this.#startedAt;
    const value = `cpu;dur=${this.#timer.usedMs.toFixed(3)}, total;dur=${total.toFixed(3)}`;
    return { ...response, headers: [...response.headers, ['server-timing', value]] };
  }

  readonly #clientGone = (): void => {
    this.#cancel(new MayflyError('guest-cancelled', 'The client went away'));
  };

  #cancel(reason: MayflyError): void {
    this.#cancelled = reason;
    this.#context.abort(reason);
    this.#sandbox.cancel(reason);
  }

  /**
   * The guest waits for the first time: only then can it outlast the wall time (those that run meet the limit of CPU
   * time), and only then can the news come that its client is gone.
   */
  #watch(): void {
    if (this.#wallTimer) return;
    const { wallMs } = this.#options.limits;
    this.#wallTimer = setTimeout(() => {
      this.#cancel(new MayflyError('guest-wall-limit', `Limit reached: wall (${wallMs} ms)`));
    }, wallMs);
    this.#signal = this.#client.signal;
    if (this.#signal?.aborted) queueMicrotask(this.#clientGone);
    else this.#signal?.addEventListener('abort', this.#clientGone, { once: true });
  }

  #end(thrown: unknown): void {
    const error = thrown instanceof GuestExit && thrown.code === 0 ? undefined : this.#explain(thrown);
    clearTimeout(this.#wallTimer);
    this.#signal?.removeEventListener('abort', this.#clientGone);
    this.#exchange.end(error);
    this.#context.finish();
    this.#report();
    this.#options.pool.release(this.#sandbox, thrown === undefined);
    if (error && this.#exchange.settled) this.#logLate(error);
  }

  /** The trigger logs what a request fails with; after the answer was given, nobody else would. */
  #logLate(error: Error): void {
    this.#context.log.error({ component: this.#options.component, err: error }, error.message);
  }

  #explain(thrown: unknown): Error | undefined {
    if (thrown === undefined) return undefined;
    if (this.#timer.stopped) return this.#cpuLimit();
    if (this.#cancelled) return this.#cancelled;
    if (thrown instanceof MayflyError) return thrown;
    const { component } = this.#options;
    const { reason, stack } = describeFailure(thrown);
    if (thrown instanceof WebAssembly.RuntimeError || thrown instanceof Trap || thrown instanceof GuestExit) {
      const where = stack.length > 0 ? ` in ${stack.join(' < ')}` : '';
      return new MayflyError('guest-trap', `Component "${component}" trapped: ${reason}${where}`);
    }
    return new MayflyError('internal', `Component "${component}" failed: ${messageOf(thrown)}`, { cause: thrown });
  }

  #cpuLimit(): MayflyError {
    const { cpuMs, cpuSliceMs } = this.#options.limits;
    const limit = this.#timer.usedMs >= cpuMs ? `cpu (${cpuMs} ms)` : `cpu_slice (${cpuSliceMs} ms)`;
    return new MayflyError(
      'guest-cpu-limit',
      `Component "${this.#options.component}" was stopped. Limit reached: ${limit}`,
    );
  }

  #report(): void {
    const { onEnd } = this.#options;
    if (!onEnd) return;
    const { instance } = this.#sandbox;
    onEnd(this.#request, {
      cpuMs: this.#timer.usedMs,
      wallMs: performance.now() - this.#startedAt,
      hostCalls: instance.hostCalls,
      memoryBytes: this.#sandbox.memoryBytes,
    });
  }
}
