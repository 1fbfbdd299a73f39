// Spin's metrics of requests (https://spinframework.dev/observing-apps), recorded as each of them ends.
import type { Meter } from '@opentelemetry/api';
import { bytesBounds, secondsBounds } from '../telemetry/bounds.ts';
import type { FinishedRequest } from '../telemetry/usage.ts';

export function createRequestMetrics(meter: Meter, app: string): (request: FinishedRequest) => void {
  const count = meter.createCounter('spin.request_count');
  const cpuTime = meter.createHistogram('spin.component_cpu_time', {
    unit: 's',
    advice: { explicitBucketBoundaries: secondsBounds },
  });
  const memory = meter.createHistogram('spin.component_memory_used', {
    unit: 'By',
    advice: { explicitBucketBoundaries: bytesBounds },
  });
  const known = new Map<string, Record<string, string>>();
  const attributesOf = (component: string): Record<string, string> => {
    const attributes = known.get(component) ?? { trigger_type: 'http', app_id: app, component_id: component };
    known.set(component, attributes);
    return attributes;
  };
  return ({ component, isChained, usage }) => {
    if (component === undefined) return;
    const attributes = attributesOf(component);
    if (!isChained) count.add(1, attributes);
    if (!usage) return;
    cpuTime.record(usage.cpuMs / 1000, attributes);
    memory.record(usage.memoryBytes, attributes);
  };
}
