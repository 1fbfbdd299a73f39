// The last requests, and what the last two minutes were like, second by second: for those who look at an app while it runs.
// Everything is bounded, and little is done for a request as long as nobody looks.
import { codeOf } from '../telemetry/events.ts';
import { loggedError } from '../telemetry/guarded-log.ts';
import type { RecordedLine } from '../telemetry/recorded-lines.ts';
import { type FinishedRequest, microseconds, usageFields } from '../telemetry/usage.ts';
import type { PoolState } from './metrics.ts';

const MOST_REQUESTS = 200;
const MOST_SECONDS = 120;
/** Times of a second that percentiles are taken of; of more requests only their number counts. */
const MOST_TIMES = 1000;
/** Requests of one message; of what is beyond only the number is told. */
const MOST_TOLD = 50;
const MOST_OF_PATH = 500;
const TELL_MS = 500;

/**
 * What of a request is kept: no object of its own, by which it would keep its connection and buffers from being collected while
 * they are young.
 */
interface Kept
  extends Pick<
    FinishedRequest,
    | 'method'
    | 'scheme'
    | 'authority'
    | 'clientAddress'
    | 'protocol'
    | 'isChained'
    | 'component'
    | 'route'
    | 'status'
    | 'startedAt'
    | 'headMs'
    | 'totalMs'
    | 'receivedBytes'
    | 'sentBytes'
    | 'isBroken'
    | 'usage'
    | 'error'
  > {
  readonly number: number;
  readonly path: string;
  /** Undefined where no line of the log was about it. */
  readonly requestId: string | undefined;
  readonly traceId: string | undefined;
}

export interface Second {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly requests: number;
  readonly failures: number;
  /** Milliseconds to the end of the answer; undefined where there was none. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly pools: readonly PoolState[];
  /** Bytes of the process. */
  readonly memory: number;
  /** The part of one core that the process had. */
  readonly cpu: number;
}

type Watcher = (event: 'requests' | 'second', data: object) => void;

export class RecentRequests {
  readonly #kept: Kept[] = [];
  readonly #seconds: Second[] = [];
  readonly #watchers = new Set<Watcher>();
  readonly #pools: () => readonly PoolState[];
  readonly #linesOf: (requestId: string) => readonly RecordedLine[];
  readonly #timers: readonly NodeJS.Timeout[];
  #number = 0;
  #told = 0;
  #times: number[] = [];
  #requests = 0;
  #failures = 0;
  #cpu = process.cpuUsage();
  #since = performance.now();

  constructor(pools: () => readonly PoolState[], linesOf: (requestId: string) => readonly RecordedLine[]) {
    this.#pools = pools;
    this.#linesOf = linesOf;
    const timers = [setInterval(() => this.#endSecond(), 1000), setInterval(() => this.#tell(), TELL_MS)];
    for (const timer of timers) timer.unref();
    this.#timers = timers;
  }

  readonly add = (request: FinishedRequest): void => {
    this.#requests++;
    if (request.status >= 500 || request.isBroken) this.#failures++;
    if (this.#times.length < MOST_TIMES) this.#times.push(request.totalMs);
    const known = request.identity.knownFields;
    const query = request.target.indexOf('?');
    this.#kept.push({
      number: ++this.#number,
      method: request.method.slice(0, 32),
      scheme: request.scheme,
      authority: request.authority,
      path: request.target.slice(0, query === -1 ? MOST_OF_PATH : Math.min(query, MOST_OF_PATH)),
      clientAddress: request.clientAddress,
      protocol: request.protocol,
      isChained: request.isChained,
      component: request.component,
      route: request.route,
      status: request.status,
      startedAt: request.startedAt,
      headMs: request.headMs,
      totalMs: request.totalMs,
      receivedBytes: request.receivedBytes,
      sentBytes: request.sentBytes,
      isBroken: request.isBroken,
      usage: request.usage,
      error: request.error,
      requestId: known?.requestId,
      traceId: known?.traceId,
    });
    if (this.#kept.length > MOST_REQUESTS) this.#kept.shift();
  };

  /** Tells what comes, until the function that it gives is called. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** What there is to see at first. */
  history(): object {
    return { requests: this.#kept.map(summaryOf), seconds: this.#seconds };
  }

  /** All that is known of a request; undefined for one that is not kept any more. */
  detail(number: number): object | undefined {
    const found = this.#kept.find((one) => one.number === number);
    if (!found) return undefined;
    const { requestId, traceId, scheme, authority, clientAddress, protocol, error } = found;
    return {
      ...summaryOf(found),
      ...{ requestId, traceId, scheme, authority, client: clientAddress, protocol },
      error: error === undefined ? undefined : { code: codeOf(error), ...Object(loggedError(error)) },
      lines: requestId === undefined ? [] : this.#linesOf(requestId),
    };
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #tell(): void {
    const later = this.#number - this.#told;
    this.#told = this.#number;
    if (later === 0 || this.#watchers.size === 0) return;
    const requests = this.#kept.slice(-Math.min(later, MOST_TOLD)).map(summaryOf);
    for (const watcher of this.#watchers) watcher('requests', { requests, left: later - requests.length });
  }

  #endSecond(): void {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    const times = this.#times.sort((one, other) => one - other);
    const second: Second = {
      time: Date.now(),
      requests: this.#requests,
      failures: this.#failures,
      p50: at(times, 0.5),
      p99: at(times, 0.99),
      pools: this.#pools(),
      memory: process.memoryUsage.rss(),
      cpu: (user + system) / 1000 / (now - this.#since),
    };
    this.#cpu = process.cpuUsage();
    this.#since = now;
    this.#times = [];
    this.#requests = 0;
    this.#failures = 0;
    this.#seconds.push(second);
    if (this.#seconds.length > MOST_SECONDS) this.#seconds.shift();
    for (const watcher of this.#watchers) watcher('second', second);
  }
}

/** The nearest rank. */
function at(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

function summaryOf(kept: Kept): object {
  const { number, startedAt, method, path, status, component, route, usage, error } = kept;
  const { totalMs, headMs, sentBytes, receivedBytes, isBroken, isChained } = kept;
  return {
    number,
    time: Math.round(startedAt),
    ...{ method, path, status, component, route, receivedBytes, sentBytes, isBroken, isChained },
    ms: microseconds(totalMs),
    headMs: microseconds(headMs),
    isFailure: error !== undefined || status >= 500 || isBroken,
    ...(usage && usageFields(usage)),
  };
}
