// Generates a load over HTTP: as many requests at once as there are connections, or at a fixed rate. At a rate the time of a
// request counts from when it was due, also while all connections wait: otherwise a server that stalls would be asked less
// just then, and its stall would be missing in the percentiles (coordinated omission).
import { type Dispatcher, Pool } from 'undici';
import { messageOf } from '../../errors.ts';
import { Latencies } from './latencies.ts';
import type { Load, LoadResult, Second } from './load.ts';

const SECOND_MS = 1_000;
/** Requests that may be due and unsent at once, before no more are counted as due. */
const MOST_DUE = 1_000_000;
/** Milliseconds for answers that are still under way when time is up. */
const LAST_MS = 5_000;
/** Different reasons of errors that are told apart. */
const MOST_REASONS = 20;

/** Drives the load to its end, or until `signal` is aborted. `told` is called each second with what it had. Never rejects. */
export function drive(
  load: Load,
  told: (second: Second) => void = () => {},
  signal?: AbortSignal,
): Promise<LoadResult> {
  return new Drive(load, told).run(signal);
}

class Drive {
  readonly #load: Load;
  readonly #told: (second: Second) => void;
  readonly #pool: Pool;
  readonly #options: Dispatcher.DispatchOptions;
  readonly #latencies = new Latencies();
  readonly #seconds: Second[] = [];
  readonly #statuses: Record<string, number> = {};
  readonly #errors = new Map<string, number>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #startedAt = performance.now();
  /** When the requests that wait for a connection were due. */
  #due: number[] = [];
  #firstDue = 0;
  #second = new Latencies();
  #failures = 0;
  #bytes = 0;
  #begun = 0;
  #inFlight = 0;
  #isOver = false;

  constructor(load: Load, told: (second: Second) => void) {
    this.#load = load;
    this.#told = told;
    const { origin, pathname, search } = new URL(load.url);
    this.#pool = new Pool(origin, {
      connections: load.connections,
      pipelining: 1,
      headersTimeout: load.timeoutMs,
      bodyTimeout: load.timeoutMs,
      connect: { timeout: load.timeoutMs, rejectUnauthorized: !load.insecure },
    });
    const { method, headers, body } = load;
    this.#options = {
      path: pathname + search,
      method,
      headers: headers.flat(),
      ...(body !== undefined && { body }),
    };
  }

  async run(signal?: AbortSignal): Promise<LoadResult> {
    const before = process.cpuUsage();
    const ticker = setInterval(() => this.#closeSecond(), SECOND_MS);
    const end = setTimeout(() => this.#finish(), this.#load.milliseconds);
    signal?.addEventListener('abort', () => this.#finish());
    if (this.#load.rate === undefined) {
      for (let number = 0; number < this.#load.connections; number++) this.#next();
    } else this.#tick();
    await this.#ended.promise;
    const milliseconds = performance.now() - this.#startedAt;
    clearInterval(ticker);
    clearTimeout(end);
    this.#closeSecond();
    const { user, system } = process.cpuUsage(before);
    await this.#pool.destroy();
    return {
      requests: this.#latencies.total,
      milliseconds,
      bytes: this.#bytes,
      statuses: this.#statuses,
      errors: Object.fromEntries(this.#errors),
      unsent: this.#due.length - this.#firstDue,
      latencies: this.#latencies.buckets,
      seconds: this.#seconds,
      generatorCpuUs: user + system,
    };
  }

  get #areAllBegun(): boolean {
    return this.#begun >= (this.#load.requests ?? Number.POSITIVE_INFINITY);
  }

  /** Sends the next request, if there is one. */
  #next(): void {
    if (!this.#isOver && this.#load.rate !== undefined) this.#sendDue();
    else if (!this.#isOver && !this.#areAllBegun) this.#send(performance.now());
    const areAllSent = this.#areAllBegun && this.#due.length === this.#firstDue;
    if (this.#inFlight === 0 && (this.#isOver || areAllSent)) this.#ended.resolve();
  }

  /** Notes which requests are due by now, and sends those for which there is a connection. */
  #tick(): void {
    if (this.#isOver) return;
    const { rate = 0, requests = Number.POSITIVE_INFINITY } = this.#load;
    const now = performance.now();
    const wanted = Math.min(requests, Math.floor(((now - this.#startedAt) * rate) / SECOND_MS) + 1);
    while (this.#begun < wanted && this.#due.length - this.#firstDue < MOST_DUE) {
      const due = this.#startedAt + (this.#begun * SECOND_MS) / rate;
      this.#begun++;
      // A timer of this process that comes late is not the server's fault where a connection was free.
      if (this.#inFlight < this.#load.connections) this.#send(now);
      else this.#due.push(due);
    }
    if (this.#begun < requests) setTimeout(() => this.#tick(), 1);
    this.#next();
  }

  #sendDue(): void {
    while (this.#inFlight < this.#load.connections && this.#firstDue < this.#due.length) {
      this.#send(this.#due[this.#firstDue++] as number);
    }
    if (this.#firstDue < 10_000) return;
    this.#due = this.#due.slice(this.#firstDue);
    this.#firstDue = 0;
  }

  #send(since: number): void {
    if (this.#load.rate === undefined) this.#begun++;
    this.#inFlight++;
    let status = 0;
    this.#pool.dispatch(this.#options, {
      onRequestStart() {},
      onResponseStart: (_, code) => {
        status = code;
      },
      onResponseData: (_, chunk) => {
        this.#bytes += chunk.length;
      },
      onResponseEnd: () => this.#answered(since, status),
      onResponseError: (_, error) => this.#failed(error),
    });
  }

  #answered(since: number, status: number): void {
    const microseconds = (performance.now() - since) * 1000;
    this.#latencies.record(microseconds);
    this.#second.record(microseconds);
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    if (status < 200 || status >= 400) this.#failures++;
    this.#inFlight--;
    this.#next();
  }

  #failed(error: Error): void {
    this.#inFlight--;
    const reason = reasonOf(error);
    const known = this.#errors.has(reason) || this.#errors.size < MOST_REASONS ? reason : 'others';
    this.#errors.set(known, (this.#errors.get(known) ?? 0) + 1);
    this.#failures++;
    // A server that is not there is not asked in a loop without a pause.
    setTimeout(() => this.#next(), 1);
  }

  #closeSecond(): void {
    const second = this.#second;
    if (second.total === 0 && this.#failures === 0 && this.#isOver) return;
    this.#second = new Latencies();
    const figures: Second = {
      requests: second.total,
      failures: this.#failures,
      p50: second.percentile(0.5),
      p99: second.percentile(0.99),
      slowest: second.percentile(1),
    };
    this.#failures = 0;
    this.#seconds.push(figures);
    this.#told(figures);
  }

  /** Time is up: what is under way may end. */
  #finish(): void {
    this.#isOver = true;
    if (this.#inFlight === 0) this.#ended.resolve();
    setTimeout(() => this.#ended.resolve(), LAST_MS).unref();
  }
}

/** Names that mean something to whoever reads them. */
function reasonOf(error: Error): string {
  const { code, cause } = error as NodeJS.ErrnoException;
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'no answer in time';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'no connection in time';
  if (code === 'UND_ERR_DESTROYED') return 'no answer when time was up';
  if (code === 'UND_ERR_SOCKET') return 'the connection was closed';
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ECONNRESET') return 'connection reset';
  return messageOf(cause ?? error) || (code ?? 'unknown');
}
