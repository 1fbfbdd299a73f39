// The trace that a request belongs to, as it comes in and goes out in fields of HTTP: W3C Trace Context and W3C Baggage.
// https://www.w3.org/TR/trace-context/ and https://www.w3.org/TR/baggage/

type Fields = readonly (readonly [name: string, value: string])[];

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The span that what comes next belongs to: 16 hexadecimal digits. */
  readonly spanId: string;
  /** Two hexadecimal digits; the lowest bit says whether somebody records the trace. */
  readonly flags: string;
  /** What the systems on the way have said of the trace; empty where there is nothing. */
  readonly state: string;
}

/** What a request hands on to those that it leads to. */
export interface Propagation {
  readonly context: TraceContext | undefined;
  /** Whether the span is one of this process. */
  readonly isLocal?: boolean;
  /** `baggage` as it came, cut to what is passed on; empty where there is none. */
  readonly baggage: string;
  /** The field `traceparent` as it came: a guest that passes its request's fields on has not chosen it. */
  readonly received: string | undefined;
}

/** What has to be passed on, by the specifications: members and characters. */
const MOST_STATE = { members: 32, characters: 512 };
const MOST_BAGGAGE = { members: 64, characters: 8192 };

/** A version other than ff, a trace and a span that are not all zeros. Later versions may have more fields. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Gives what the fields of a request hand on; undefined where that is nothing. Names are in lower case. */
export function receivedPropagation(headers: Fields): Propagation | undefined {
  const received = onlyValue(headers, 'traceparent');
  const context = received === undefined ? undefined : contextOf(received, headers);
  const baggage = listOf(headers, 'baggage', MOST_BAGGAGE);
  return context || baggage !== '' ? { context, baggage, received } : undefined;
}

function contextOf(received: string, headers: Fields): TraceContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(received) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  return { traceId, spanId, flags, state: listOf(headers, 'tracestate', MOST_STATE) };
}

/** The value of a field that stands there once. */
export function onlyValue(headers: Fields, wanted: string): string | undefined {
  const found = headers.filter(([name]) => name === wanted);
  return found.length === 1 ? found[0]?.[1].trim() : undefined;
}

/** A list of all fields of a name, up to the member that is one too many. */
function listOf(headers: Fields, wanted: string, most: typeof MOST_STATE): string {
  let text = '';
  let members = 0;
  for (const [name, value] of headers) {
    if (name !== wanted) continue;
    for (const part of value.split(',', most.members + 1)) {
      const member = part.trim();
      if (member === '') continue;
      const longer = text === '' ? member : `${text},${member}`;
      if (++members > most.members || longer.length > most.characters) return text;
      text = longer;
    }
  }
  return text;
}

/** Which of the fields are passed on. */
export interface Propagators {
  readonly tracecontext: boolean;
  readonly baggage: boolean;
}

/** `OTEL_PROPAGATORS` of the specification of OpenTelemetry: a list; both of ours unless it says otherwise. */
export function propagatorsOf({ OTEL_PROPAGATORS }: Readonly<Record<string, string | undefined>>): Propagators {
  const named = (OTEL_PROPAGATORS || 'tracecontext,baggage').split(',').map((name) => name.trim());
  return { tracecontext: named.includes('tracecontext'), baggage: named.includes('baggage') };
}

/**
 * The fields of a request that goes out: a guest's own, and those of the trace that it has not set. A `traceparent` that is
 * the one of the guest's own request was passed on, not chosen.
 */
export function propagated(
  headers: Fields,
  { context, baggage, received }: Propagation,
  propagators: Propagators,
): Fields {
  const own = headers.find(([name]) => name === 'traceparent')?.[1];
  const isOurs = propagators.tracecontext && context !== undefined && (own === undefined || own === received);
  const addsBaggage = propagators.baggage && baggage !== '' && !headers.some(([name]) => name === 'baggage');
  if (!isOurs && !addsBaggage) return headers;
  const sent = isOurs ? headers.filter(([name]) => name !== 'traceparent' && name !== 'tracestate') : [...headers];
  if (isOurs) {
    sent.push(['traceparent', `00-${context.traceId}-${context.spanId}-${context.flags}`]);
    if (context.state !== '') sent.push(['tracestate', context.state]);
  }
  if (addsBaggage) sent.push(['baggage', baggage]);
  return sent;
}
