// `telemetry`: what an operator's view of an app costs a request, beside the same app without any.
import { rowOfWays } from '../support/ways.ts';

const admin = ['--admin', '127.0.0.1:0'];
const log = ['--access-log', 'json'];
/** Nobody listens there: what is sent is made and thrown away. */
const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };

export const telemetry = rowOfWays({
  name: 'telemetry',
  title: 'CPU time of a request while telemetry is on',
  column: 'telemetry',
  ways: [
    { name: 'off', options: [] },
    { name: 'metrics', options: admin },
    { name: 'metrics and log', options: [...admin, ...log] },
    {
      name: 'one trace in a hundred',
      options: [],
      environment: { ...collector, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' },
    },
    { name: 'everything', options: [...admin, ...log], environment: collector },
  ],
  notes: [
    'Metrics and dashboard by --admin, lines of --access-log json into a pipe, OTLP to a collector that is not there.',
  ],
});
