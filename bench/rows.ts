// The rows of the benchmark, in the order in which they run.
import type { Row } from './row.ts';
import { cold } from './rows/cold.ts';
import { compute } from './rows/compute.ts';
import { concurrency } from './rows/concurrency.ts';
import { density } from './rows/density.ts';
import { first } from './rows/first.ts';
import { host } from './rows/host.ts';
import { hostcalls } from './rows/hostcalls.ts';
import { http } from './rows/http.ts';
import { languages } from './rows/languages.ts';
import { pod } from './rows/pod.ts';
import { protocolsRow } from './rows/protocols.ts';
import { record } from './rows/record.ts';
import { sandbox } from './rows/sandbox.ts';
import { scripts } from './rows/scripts.ts';
import { services } from './rows/services.ts';
import { soak } from './rows/soak.ts';
import { streams } from './rows/streams.ts';
import { telemetry } from './rows/telemetry.ts';
import { websocket } from './rows/websocket.ts';

export const allRows: readonly Row[] = [
  sandbox,
  cold,
  http,
  protocolsRow,
  first,
  streams,
  concurrency,
  websocket,
  compute,
  hostcalls,
  record,
  telemetry,
  services,
  scripts,
  density,
  host,
  pod,
  languages,
  soak,
];
