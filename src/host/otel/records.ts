// The records of wasi:otel as guests pass them: the types of WIT in JavaScript.

export interface KeyValue {
  readonly key: string;
  /** In JSON. */
  readonly value: string;
}
export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: { readonly sampled: boolean };
  readonly isRemote: boolean;
  readonly traceState: readonly (readonly [string, string])[];
}
export interface Scope {
  readonly name: string;
  readonly version: string | undefined;
  readonly schemaUrl: string | undefined;
  readonly attributes: readonly KeyValue[];
}
export interface Resource {
  readonly attributes: readonly KeyValue[];
  readonly schemaUrl: string | undefined;
}

export interface SpanData {
  readonly spanContext: SpanContext;
  readonly parentSpanId: string;
  readonly spanKind: 'client' | 'server' | 'producer' | 'consumer' | 'internal';
  readonly name: string;
  readonly startTime: Datetime;
  readonly endTime: Datetime;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly {
    readonly name: string;
    readonly time: Datetime;
    readonly attributes: readonly KeyValue[];
  }[];
  readonly links: readonly { readonly spanContext: SpanContext; readonly attributes: readonly KeyValue[] }[];
  readonly status: { readonly tag: 'unset' | 'ok' } | { readonly tag: 'error'; readonly val: string };
  readonly instrumentationScope: Scope;
  readonly droppedAttributes: number;
  readonly droppedEvents: number;
  readonly droppedLinks: number;
}

export interface LogRecord {
  readonly timestamp: Datetime | undefined;
  readonly observedTimestamp: Datetime | undefined;
  readonly severityText: string | undefined;
  readonly severityNumber: number | undefined;
  readonly body: string | undefined;
  readonly attributes: readonly KeyValue[] | undefined;
  readonly eventName: string | undefined;
  readonly resource: Resource | undefined;
  readonly instrumentationScope: Scope | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly traceFlags: { readonly sampled: boolean } | undefined;
}

export type MetricNumber =
  | { readonly tag: 'f64'; readonly val: number }
  | { readonly tag: 's64' | 'u64'; readonly val: bigint };
export interface Exemplar {
  readonly filteredAttributes: readonly KeyValue[];
  readonly time: Datetime;
  readonly value: MetricNumber;
  readonly spanId: string;
  readonly traceId: string;
}

interface Point {
  readonly attributes: readonly KeyValue[];
  readonly exemplars: readonly Exemplar[];
}
export interface NumberPoint extends Point {
  readonly value: MetricNumber;
}
interface Distribution extends Point {
  readonly count: bigint;
  readonly min: MetricNumber | undefined;
  readonly max: MetricNumber | undefined;
  readonly sum: MetricNumber;
}
export interface HistogramPoint extends Distribution {
  readonly bounds: ArrayLike<number>;
  readonly bucketCounts: ArrayLike<bigint>;
}
interface Bucket {
  readonly offset: number;
  readonly counts: ArrayLike<bigint>;
}
export interface ExponentialPoint extends Distribution {
  readonly scale: number;
  readonly zeroCount: bigint;
  readonly positiveBucket: Bucket;
  readonly negativeBucket: Bucket;
  readonly zeroThreshold: number;
}

/** What the four kinds of a metric have; `dataPoints` are of the kind. */
export interface MetricBody {
  readonly dataPoints: readonly unknown[];
  readonly startTime: Datetime | undefined;
  readonly time: Datetime;
  readonly temporality?: 'cumulative' | 'delta' | 'low-memory';
  readonly isMonotonic?: boolean;
}
export interface Metric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  /** The tag is the type of numbers and the kind, as in `u64-sum`. */
  readonly data: { readonly tag: string; readonly val: MetricBody };
}
export interface ResourceMetrics {
  readonly resource: Resource;
  readonly scopeMetrics: readonly { readonly scope: Scope; readonly metrics: readonly Metric[] }[];
}
