// The events of the log but those of `debug`, and what guests print, as records of OpenTelemetry beside the log itself.
import {
  type Attributes,
  type Context,
  type Logger as OtelLogger,
  ROOT_CONTEXT,
  SeverityNumber,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { loggedError } from '../telemetry/guarded-log.ts';
import type { Logger } from '../telemetry/log.ts';
import { relayedLog } from '../telemetry/relayed-log.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Hands everything on to `log`, and to a collector. */
export function collectedLog(log: Logger, collector: OtelLogger, bindings: Fields = {}): Logger {
  return relayedLog(
    log,
    (given, level) => {
      const [fields, text] = given as readonly [Fields, string];
      if (level !== 'debug') emit(collector, level, { ...bindings, ...fields }, text);
      return given;
    },
    (more) => collectedLog(log.child(more), collector, { ...bindings, ...more }),
  );
}

function emit(collector: OtelLogger, level: keyof typeof severities, fields: Fields, text: string): void {
  const { event, err, traceId, spanId, ...others } = fields;
  collector.emit({
    severityNumber: severities[level],
    severityText: level,
    body: text,
    eventName: String(event),
    context: contextOf(traceId, spanId),
    attributes: { ...plain(others), ...(err !== undefined && exceptionOf(err)) },
  });
}

const severities = {
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
} as const;

function contextOf(traceId: unknown, spanId: unknown): Context {
  if (typeof traceId !== 'string' || typeof spanId !== 'string') return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
}

/** Values that an attribute may have; others are written as JSON. */
function plain(fields: Fields): Attributes {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    pairs.map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : (value as string | number),
    ]),
  );
}

/** https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/ */
function exceptionOf(err: unknown): Attributes {
  const { type, message, stack } = Object(loggedError(err)) as Readonly<Record<string, string | undefined>>;
  return {
    'exception.type': type ?? 'Error',
    'exception.message': message ?? String(err),
    'exception.stacktrace': stack ?? '',
  };
}
