// A log in which places in a bundle are written as places in its sources.
import type { Logger } from '../telemetry/log.ts';
import { relayedLog } from '../telemetry/relayed-log.ts';
import type { Positions } from './source-positions.ts';

export function mappedLog(log: Logger, positions: Pick<Positions, 'inText'>): Logger {
  return relayedLog(
    log,
    (given) => given.map((one) => (typeof one === 'string' ? positions.inText(one) : one)),
    (bindings) => mappedLog(log.child(bindings), positions),
  );
}
