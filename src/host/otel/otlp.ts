// Spans and lines of a log in the JSON of OTLP: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
// Numbers of 64 bits are strings there, and so are times.
import type { Datetime, KeyValue, LogRecord, Resource, Scope, SpanContext, SpanData } from './records.ts';

const kinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
const statuses = { unset: 0, ok: 1, error: 2 } as const;

/** How deep a value of an attribute may be nested. */
const MOST_DEPTH = 16;

export function attributesOf(pairs: readonly KeyValue[] | undefined): unknown[] {
  return (pairs ?? []).map(({ key, value }) => ({ key, value: anyValue(jsonOf(value), 0) }));
}

/** What is no JSON is a string. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function anyValue(value: unknown, depth: number): unknown {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if (Array.isArray(value) && depth < MOST_DEPTH) {
    return { arrayValue: { values: value.map((one) => anyValue(one, depth + 1)) } };
  }
  return { stringValue: typeof value === 'string' ? value : JSON.stringify(value) };
}

export function nanosecondsOf({ seconds, nanoseconds }: Datetime): string {
  return String(seconds * 1_000_000_000n + BigInt(nanoseconds));
}

export function scopeOf({ name, version, attributes }: Scope): unknown {
  return { name, version, attributes: attributesOf(attributes) };
}

export function resourceOf({ attributes }: Resource): unknown {
  return { attributes: attributesOf(attributes) };
}

function contextOf({ traceId, spanId, traceState, traceFlags }: SpanContext): Record<string, unknown> {
  const state = traceState.map(([key, value]) => `${key}=${value}`).join(',');
  return { traceId, spanId, traceState: state, flags: traceFlags.sampled ? 1 : 0 };
}

/** One span with its scope: an element of `scopeSpans`. */
export function scopeSpansOf(span: SpanData): unknown {
  const { status } = span;
  return {
    scope: scopeOf(span.instrumentationScope),
    schemaUrl: span.instrumentationScope.schemaUrl,
    spans: [
      {
        ...contextOf(span.spanContext),
        parentSpanId: /^0*$/.test(span.parentSpanId) ? undefined : span.parentSpanId,
        name: span.name,
        kind: kinds[span.spanKind],
        startTimeUnixNano: nanosecondsOf(span.startTime),
        endTimeUnixNano: nanosecondsOf(span.endTime),
        attributes: attributesOf(span.attributes),
        droppedAttributesCount: span.droppedAttributes,
        events: span.events.map(({ name, time, attributes }) => ({
          name,
          timeUnixNano: nanosecondsOf(time),
          attributes: attributesOf(attributes),
        })),
        droppedEventsCount: span.droppedEvents,
        links: span.links.map(({ spanContext, attributes }) => ({
          ...contextOf(spanContext),
          attributes: attributesOf(attributes),
        })),
        droppedLinksCount: span.droppedLinks,
        status: { code: statuses[status.tag], message: status.tag === 'error' ? status.val : undefined },
      },
    ],
  };
}

/** One line of a log with its scope: an element of `scopeLogs`. */
export function scopeLogsOf(record: LogRecord): unknown {
  const { timestamp, observedTimestamp, instrumentationScope: scope, traceFlags, body } = record;
  return {
    scope: scope && scopeOf(scope),
    schemaUrl: scope?.schemaUrl,
    logRecords: [
      {
        timeUnixNano: timestamp && nanosecondsOf(timestamp),
        observedTimeUnixNano: observedTimestamp && nanosecondsOf(observedTimestamp),
        severityText: record.severityText,
        severityNumber: record.severityNumber,
        body: body === undefined ? undefined : anyValue(jsonOf(body), 0),
        attributes: attributesOf(record.attributes),
        eventName: record.eventName,
        traceId: record.traceId,
        spanId: record.spanId,
        flags: traceFlags && (traceFlags.sampled ? 1 : 0),
      },
    ],
  };
}
