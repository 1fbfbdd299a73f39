// One event in one sandbox: gets the sandbox, calls the guest's function, hands the response out, and sees the guest to
// its end. What the function is given and how it answers is left to an exchange, which belongs to a trigger.
import { GuestExit, type MayflyError, messageOf, withHint } from '../errors.ts';
import type { Timer } from '../sandbox/clock.ts';
import type { RequestContext } from '../sandbox/request-context.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Times } from '../telemetry/usage.ts';
import type { BeginExchange, Callee, Caller, GuestExchange } from './exchange.ts';
import { callerGone, explainThrown, queueTimeReached, timeLimitReached, wallLimitReached } from './explain.ts';
import { isErr } from './result.ts';

/**
 * Calls the guest and gives its response. Rejects with what ended the guest before it answered; what ends it later is
 * logged.
 */
export async function invoke<Event, Response>(
  callee: Callee<Event, Response>,
  event: Event,
  caller: Caller,
  begin: BeginExchange<Event, Response>,
): Promise<Response> {
  return new Invocation(callee, event, caller).response(begin);
}

class Invocation<Event, Response> {
  readonly #callee: Callee<Event, Response>;
  readonly #event: Event;
  readonly #caller: Caller;
  readonly #context: RequestContext;
  readonly #timer: Timer;
  #sandbox: Sandbox | undefined;
  #signal: AbortSignal | undefined;
  #wallTimer: NodeJS.Timeout | undefined;
  #cancelled: MayflyError | undefined;

  constructor(callee: Callee<Event, Response>, event: Event, caller: Caller) {
    this.#callee = callee;
    this.#event = event;
    this.#caller = caller;
    this.#context = callee.makeContext(callee.identityOf?.(event), event);
    this.#timer = callee.clock.timer(callee.limits, () => this.#watch(), callee.lane);
  }

  response(begin: BeginExchange<Event, Response>): Promise<Response> {
    return this.#callee.clock.isFree ? this.#start(begin) : this.#inLine(() => this.#start(begin));
  }

  /**
   * Waits until it is this request's turn, after others. A request that has waited for longer than it may wait for a
   * sandbox is not started, nor one whose client left.
   */
  #inLine(start: () => Promise<Response>): Promise<Response> {
    const since = performance.now();
    return new Promise((resolve, reject) => {
      this.#callee.clock.await(this.#timer, () => {
        const reason = this.#reasonToGiveUp(since);
        if (reason === undefined) resolve(start());
        else reject(this.#notStarted(reason));
      });
    });
  }

  #reasonToGiveUp(since: number): MayflyError | undefined {
    if (this.#caller.signal?.aborted) return callerGone();
    const { limits } = this.#callee;
    return performance.now() - since <= limits.queueMs ? undefined : queueTimeReached(limits);
  }

  #notStarted(reason: MayflyError): MayflyError {
    this.#context.finish();
    if (this.#sandbox) this.#release(this.#sandbox, true);
    return this.#withHint(reason);
  }

  async #start(begin: BeginExchange<Event, Response>): Promise<Response> {
    const acquired = this.#acquire();
    const response = await (acquired instanceof Promise
      ? this.#startLater(acquired, begin)
      : this.#run(acquired, begin));
    const { onResponse } = this.#callee;
    return onResponse ? onResponse(response, { ...this.#times(), isNew: this.#sandbox?.isNew ?? false }) : response;
  }

  async #startLater(acquired: Promise<Sandbox>, begin: BeginExchange<Event, Response>): Promise<Response> {
    const sandbox = await acquired;
    this.#sandbox = sandbox;
    if (this.#callee.clock.isFree) return this.#run(sandbox, begin);
    return this.#inLine(async () => this.#run(sandbox, begin));
  }

  #run(sandbox: Sandbox, begin: BeginExchange<Event, Response>): Promise<Response> {
    this.#sandbox = sandbox;
    const exchange = this.#begin(sandbox, begin);
    this.#call(sandbox, exchange).then(
      (result) => this.#end(exchange, sandbox, undefined, this.#callee.command && isErr(result) ? 1 : 0),
      (error: unknown) => this.#end(exchange, sandbox, error, error instanceof GuestExit ? error.code : 0),
    );
    return exchange.response;
  }

  #begin(sandbox: Sandbox, begin: BeginExchange<Event, Response>): GuestExchange<Response> {
    try {
      sandbox.begin(this.#context, this.#timer);
      return begin(this.#context, this.#event);
    } catch (error) {
      this.#context.finish();
      this.#release(sandbox, false);
      throw error;
    }
  }

  #call(sandbox: Sandbox, exchange: GuestExchange<Response>): Promise<unknown> {
    const gave = exchange.gave && ((result: unknown) => exchange.gave?.(result));
    const called = sandbox.call(this.#callee.func, exchange.params, gave);
    const isSeenTo = sandbox.instance.store !== undefined || exchange.returned !== undefined;
    return isSeenTo ? this.#seeToItsEnd(sandbox, exchange, called) : called;
  }

  /** Lets the guest's tasks go on with the body: the answer is out when the call returns. */
  async #seeToItsEnd(sandbox: Sandbox, exchange: GuestExchange<Response>, called: Promise<unknown>): Promise<unknown> {
    const result = await called;
    exchange.returned?.(result);
    if (sandbox.instance.store) await sandbox.finishTasks();
    return result;
  }

  #acquire(): Sandbox | Promise<Sandbox> {
    try {
      const acquired = this.#callee.pool.acquire(this.#context, this.#timer);
      return acquired instanceof Promise ? this.#queued(acquired) : acquired;
    } catch (error) {
      throw this.#notAcquired(error);
    }
  }

  #notAcquired(error: unknown): unknown {
    this.#context.finish();
    return this.#explain(error);
  }

  /** Waits for a sandbox, and leaves the queue when the client leaves. */
  async #queued(acquired: Promise<Sandbox>): Promise<Sandbox> {
    const { signal } = this.#caller;
    const leave = (): void => this.#callee.pool.abandon?.(this.#context, callerGone());
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

  #times(): Times {
    return { cpuMs: this.#timer.usedMs, wallMs: performance.now() - this.#timer.createdAt };
  }

  readonly #callerGone = (): void => {
    this.#cancel(callerGone());
  };

  #cancel(reason: MayflyError): void {
    this.#cancelled = reason;
    this.#context.abort(reason);
    this.#sandbox?.cancel(reason);
  }

  /**
   * Begins to watch time and client when the guest waits for the first time: only then can it outlast its wall time, or
   * can it be known that its client is gone.
   */
  #watch(): void {
    if (this.#wallTimer) return;
    const { limits } = this.#callee;
    const left = limits.wallMs - (performance.now() - this.#timer.createdAt);
    this.#wallTimer = setTimeout(() => this.#cancel(wallLimitReached(limits)), left);
    this.#signal = this.#caller.signal;
    if (this.#signal?.aborted) queueMicrotask(this.#callerGone);
    else this.#signal?.addEventListener('abort', this.#callerGone, { once: true });
  }

  #end(exchange: GuestExchange<Response>, sandbox: Sandbox, thrown: unknown, exitCode: number): void {
    const { command } = this.#callee;
    const exited = thrown instanceof GuestExit && (command !== undefined || exitCode === 0);
    const error = exited ? undefined : this.#explain(thrown);
    clearTimeout(this.#wallTimer);
    this.#signal?.removeEventListener('abort', this.#callerGone);
    const outcome = { error, exitCode };
    exchange.end(outcome);
    this.#context.finish(outcome);
    this.#letGo(sandbox, thrown === undefined || (exited && command?.reusableAfterExit === true));
    if (error) exchange.response.then(() => this.#log(error)).catch(() => {});
    else if (exitCode !== 0) this.#logExit(exitCode);
  }

  /** Gives the sandbox back, and tells what the guest used. */
  #letGo(sandbox: Sandbox, healthy: boolean): void {
    const { onEnd } = this.#callee;
    if (!onEnd) {
      this.#release(sandbox, healthy);
      return;
    }
    const { memoryBytes, isNew, instance } = sandbox;
    const used = { ...this.#times(), hostCalls: instance.hostCalls, memoryBytes, isNew };
    const isKept = this.#release(sandbox, healthy);
    onEnd(this.#event, { ...used, isKept });
  }

  /** Whether the sandbox is kept. */
  #release(sandbox: Sandbox, healthy: boolean): boolean {
    try {
      return this.#callee.pool.release(sandbox, healthy);
    } catch (error) {
      this.#log(error);
      return false;
    }
  }

  /**
   * Logs an error that came after the response was given. The trigger logs an event's failure before that, but nobody
   * else would log this one.
   */
  #log(error: unknown): void {
    logEvent(this.#context.log, 'guest-failed', { err: error }, messageOf(error));
  }

  #logExit(code: number): void {
    logEvent(this.#context.log, 'guest-exited', { exitCode: code }, `The command exited with code ${code}`);
  }

  #explain(thrown: unknown): MayflyError | undefined {
    return thrown === undefined ? undefined : this.#withHint(this.#reason(thrown));
  }

  #reason(thrown: unknown): MayflyError {
    if (this.#timer.stopped) return timeLimitReached(this.#timer);
    return this.#cancelled ?? explainThrown(thrown, this.#sandbox?.heapFailure, this.#callee.locate);
  }

  #withHint(error: MayflyError): MayflyError {
    if (error.hint !== undefined) return error;
    const hint = this.#callee.mend?.(error, this.#sandbox?.memoryBytes ?? 0);
    return hint === undefined ? error : withHint(error, hint);
  }
}
