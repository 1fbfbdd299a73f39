// What an operator sees of an app that runs, as Prometheus reads it (https://prometheus.io/docs/instrumenting/exposition_formats/):
// requests, what they cost, and where sandboxes are. Counters grow as requests end; the rest is looked at when somebody asks.
import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  type Metric,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';
import { bytesBounds, secondsBounds } from '../telemetry/bounds.ts';
import type { FinishedRequest } from '../telemetry/usage.ts';

/** A component's sandboxes at one moment. */
export interface PoolState {
  readonly component: string;
  readonly busy: number;
  readonly idle: number;
  readonly queued: number;
  /** Since the start. */
  readonly made: number;
  readonly discarded: number;
}

export interface MetricsSource {
  readonly app: string;
  readonly version: string;
  pools(): readonly PoolState[];
}

const labelNames = ['component'];

/** What is counted of a request. */
export type CountedRequest = Pick<
  FinishedRequest,
  'component' | 'status' | 'headMs' | 'isChained' | 'receivedBytes' | 'sentBytes' | 'usage'
>;

/** All metrics of a process, as data that JSON can write. */
export type MetricsData = readonly MetricObjectWithValues<MetricValue<string>>[];

/** The metrics of several processes: sums, and of what cannot be summed up the average or the first. */
export function summedMetrics(ask: () => Promise<readonly MetricsData[]>): {
  readonly contentType: string;
  text(): Promise<string>;
} {
  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    async text() {
      const all = await ask();
      return AggregatorRegistry.aggregate(all as MetricObjectWithValues<MetricValue<string>>[][]).metrics();
    },
  };
}

/** What is summed up of the requests of a component. */
interface Tally {
  readonly statuses: Map<number, number>;
  readonly durations: Buckets;
  readonly memory: Buckets;
  cpuSeconds: number;
  hostCalls: number;
  receivedBytes: number;
  sentBytes: number;
}

/**
 * Counters grow here, with a few additions a request, and are put into prom-client's metrics when somebody asks: its own ways
 * to count find labels by hashes of texts, which took 10 µs a request.
 */
export class AppMetrics {
  readonly #registry = new Registry();
  readonly #tallies = new Map<string, Tally>();

  /** `source` gives undefined before the app runs. */
  constructor(source: () => MetricsSource | undefined) {
    const registry = this.#registry;
    const tallies = this.#tallies;
    addMetric(registry, Counter, {
      name: 'mayfly_requests_total',
      help: 'Requests that were answered',
      labelNames: ['component', 'status'],
      *values() {
        for (const [component, { statuses }] of tallies) {
          for (const [status, count] of statuses) yield [{ component, status }, count];
        }
      },
    });
    const sum = (name: string, help: string, of: (tally: Tally) => number): void =>
      addMetric(registry, Counter, {
        name,
        help,
        labelNames,
        *values() {
          for (const [component, tally] of tallies) yield [{ component }, of(tally)];
        },
      });
    sum('mayfly_guest_cpu_seconds_total', 'CPU time of guests', ({ cpuSeconds }) => cpuSeconds);
    sum('mayfly_host_calls_total', 'Calls of guests to the host', ({ hostCalls }) => hostCalls);
    sum('mayfly_request_bytes_total', 'Bytes of bodies of requests that were read', (tally) => tally.receivedBytes);
    sum('mayfly_response_bytes_total', 'Bytes of bodies of answers', (tally) => tally.sentBytes);
    const histogram = (name: string, help: string, of: (tally: Tally) => Buckets): void => {
      const samples = (): Sample[] => [...tallies].flatMap(([component, tally]) => of(tally).samples(name, component));
      registry.registerMetric(histogramOf(name, help, samples));
    };
    histogram('mayfly_request_duration_seconds', 'Time to the head of the response', ({ durations }) => durations);
    histogram('mayfly_guest_memory_bytes', 'Linear memory of a guest when it ended', ({ memory }) => memory);
    addPools(registry, source);
    collectDefaultMetrics({ register: registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text of all metrics. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** The same as data, for `summedMetrics`. */
  data(): Promise<MetricsData> {
    return this.#registry.getMetricsAsJSON();
  }

  count({ component = '', status, headMs, isChained, receivedBytes, sentBytes, usage }: CountedRequest): void {
    // What a component sent to another one is no answer to a client, and costs all the same.
    const tally = this.#tallyOf(component);
    if (!isChained) {
      tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
      tally.durations.add(headMs / 1000);
      tally.receivedBytes += receivedBytes;
      tally.sentBytes += sentBytes;
    }
    if (!usage) return;
    tally.cpuSeconds += usage.cpuMs / 1000;
    tally.hostCalls += usage.hostCalls;
    tally.memory.add(usage.memoryBytes);
  }

  #tallyOf(component: string): Tally {
    let tally = this.#tallies.get(component);
    if (!tally) {
      const [durations, memory] = [new Buckets(secondsBounds), new Buckets(bytesBounds)];
      tally = { statuses: new Map(), durations, memory, cpuSeconds: 0, hostCalls: 0, receivedBytes: 0, sentBytes: 0 };
      this.#tallies.set(component, tally);
    }
    return tally;
  }
}

interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName: string;
}

/** How many values were up to each bound. */
class Buckets {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    // The last is for what is beyond all bounds.
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    let at = 0;
    while (at < this.#bounds.length && value > this.#bounds[at]!) at++;
    this.#counts[at]!++;
    this.#sum += value;
  }

  /** None where there was no value, as with prom-client's own. */
  samples(name: string, component: string): Sample[] {
    let count = 0;
    const buckets = this.#counts.map((one, index): Sample => {
      count += one;
      return { labels: { le: this.#bounds[index] ?? '+Inf', component }, value: count, metricName: `${name}_bucket` };
    });
    if (count === 0) return [];
    const labels = { component };
    const sum = { labels, value: this.#sum, metricName: `${name}_sum` };
    return [...buckets, sum, { labels, value: count, metricName: `${name}_count` }];
  }
}

/** A histogram as the registry of prom-client takes it: it asks for samples, and for nothing else. */
function histogramOf(name: string, help: string, samples: () => readonly Sample[]): Metric {
  const get = async () => ({ name, help, type: 'histogram', values: samples(), aggregator: 'sum' });
  return { name, help, get, reset: () => undefined } as unknown as Metric;
}

type Labels = Readonly<Record<string, string | number>>;

interface MetricOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** How the values of several processes make one; their sum by default. */
  readonly aggregator?: 'first';
  /** All values, with their labels, when somebody asks. */
  values(): Iterable<readonly [Labels, number]>;
}

/** Adds a counter or gauge whose values stand elsewhere: they are put into it when somebody asks. */
function addMetric(
  registry: Registry,
  Kind: typeof Counter | typeof Gauge,
  { name, help, labelNames, aggregator, values }: MetricOptions,
): void {
  new Kind({
    name,
    help,
    labelNames,
    registers: [registry],
    ...(aggregator && { aggregator }),
    collect() {
      this.reset();
      for (const [labels, value] of values()) this.inc(labels, value);
    },
  });
}

/** What is looked at when somebody asks. */
function addPools(registry: Registry, source: () => MetricsSource | undefined): void {
  const pools = (): readonly PoolState[] => source()?.pools() ?? [];
  addMetric(registry, Gauge, {
    name: 'mayfly_sandboxes',
    help: 'Sandboxes by what they do',
    labelNames: ['component', 'state'],
    *values() {
      for (const { component, busy, idle } of pools()) {
        yield [{ component, state: 'busy' }, busy];
        yield [{ component, state: 'idle' }, idle];
      }
    },
  });
  const count = (
    Kind: typeof Counter | typeof Gauge,
    name: string,
    help: string,
    key: 'queued' | 'made' | 'discarded',
  ): void =>
    addMetric(registry, Kind, {
      name,
      help,
      labelNames,
      values: () => pools().map((pool) => [{ component: pool.component }, pool[key]] as const),
    });
  count(Gauge, 'mayfly_requests_queued', 'Requests that wait for a sandbox', 'queued');
  count(Counter, 'mayfly_sandboxes_made_total', 'Sandboxes that were made of an image', 'made');
  count(Counter, 'mayfly_sandboxes_discarded_total', 'Sandboxes that were thrown away', 'discarded');
  addMetric(registry, Gauge, {
    name: 'mayfly_info',
    help: 'What runs here',
    aggregator: 'first',
    labelNames: ['app', 'version'],
    *values() {
      const { app, version } = source() ?? {};
      if (app !== undefined) yield [{ app, version: version ?? '' }, 1];
    },
  });
}
