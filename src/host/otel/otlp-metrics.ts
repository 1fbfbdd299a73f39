// Metrics in the JSON of OTLP, see otlp.ts.
import { attributesOf, nanosecondsOf, resourceOf, scopeOf } from './otlp.ts';
import type {
  Exemplar,
  ExponentialPoint,
  HistogramPoint,
  Metric,
  MetricBody,
  MetricNumber,
  NumberPoint,
  ResourceMetrics,
} from './records.ts';

/** The body of a request that exports metrics. */
export function metricsRequest({ resource, scopeMetrics }: ResourceMetrics): unknown {
  return {
    resourceMetrics: [
      {
        resource: resourceOf(resource),
        schemaUrl: resource.schemaUrl,
        scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({
          scope: scopeOf(scope),
          schemaUrl: scope.schemaUrl,
          metrics: metrics.map(metricOf),
        })),
      },
    ],
  };
}

function metricOf({ name, description, unit, data: { tag, val } }: Metric): unknown {
  const kind = tag.slice(tag.indexOf('-') + 1);
  const aggregationTemporality = val.temporality === 'delta' ? 1 : 2;
  const points = <Point>(read: (point: Point) => object): unknown[] =>
    val.dataPoints.map((point) => ({ ...timesOf(val), ...common(point as NumberPoint), ...read(point as Point) }));
  switch (kind) {
    case 'gauge':
      return { name, description, unit, gauge: { dataPoints: points(numberPoint) } };
    case 'sum': {
      const { isMonotonic } = val;
      return { name, description, unit, sum: { dataPoints: points(numberPoint), aggregationTemporality, isMonotonic } };
    }
    case 'histogram':
      return { name, description, unit, histogram: { dataPoints: points(histogramPoint), aggregationTemporality } };
    default: {
      const exponentialHistogram = { dataPoints: points(exponentialPoint), aggregationTemporality };
      return { name, description, unit, exponentialHistogram };
    }
  }
}

function timesOf({ startTime, time }: MetricBody): object {
  return { startTimeUnixNano: startTime && nanosecondsOf(startTime), timeUnixNano: nanosecondsOf(time) };
}

function common({ attributes, exemplars }: Pick<NumberPoint, 'attributes' | 'exemplars'>): object {
  return { attributes: attributesOf(attributes), exemplars: exemplars.map(exemplarOf) };
}

function exemplarOf({ filteredAttributes, time, value, spanId, traceId }: Exemplar): unknown {
  const times = { timeUnixNano: nanosecondsOf(time) };
  return { filteredAttributes: attributesOf(filteredAttributes), ...times, spanId, traceId, ...eitherNumber(value) };
}

const numberPoint = ({ value }: NumberPoint): object => eitherNumber(value);

function histogramPoint({ count, sum, min, max, bounds, bucketCounts }: HistogramPoint): object {
  return {
    ...distribution(count, sum, min, max),
    explicitBounds: Array.from(bounds, double),
    bucketCounts: Array.from(bucketCounts, String),
  };
}

function exponentialPoint(point: ExponentialPoint): object {
  const { positiveBucket: positive, negativeBucket: negative } = point;
  return {
    ...distribution(point.count, point.sum, point.min, point.max),
    scale: point.scale,
    zeroCount: String(point.zeroCount),
    zeroThreshold: double(point.zeroThreshold),
    positive: { offset: positive.offset, bucketCounts: Array.from(positive.counts, String) },
    negative: { offset: negative.offset, bucketCounts: Array.from(negative.counts, String) },
  };
}

function distribution(
  count: bigint,
  sum: MetricNumber,
  min: MetricNumber | undefined,
  max: MetricNumber | undefined,
): object {
  const number = (value: MetricNumber): unknown => double(Number(value.val));
  return { count: String(count), sum: number(sum), min: min && number(min), max: max && number(max) };
}

/** Integers that have no place in 64 bits with a sign are doubles. */
function eitherNumber({ tag, val }: MetricNumber): object {
  if (tag !== 'f64' && BigInt.asIntN(64, val) === val) return { asInt: String(val) };
  return { asDouble: double(Number(val)) };
}

/** JSON has no infinity, and nothing that is no number: they are strings. */
function double(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
