// Tells the log that a guest may not reach the server that it asked for, and what to write in the manifest.
import { logEvent } from '../telemetry/events.ts';
import type { Refusals } from './refusals.ts';
import type { SandboxContext } from './service.ts';

/** `origin` is scheme, host and port, without a user and a password. */
export function logAddressDenied({ component, log }: SandboxContext, refusals: Refusals, origin: string): void {
  if (!refusals.count()) return;
  const mend = `To allow it, add to [component.${component.id}]: allowed_outbound_hosts = ["${origin}"]`;
  logEvent(log, 'request-denied', { origin, entry: origin }, `It may not connect to ${origin}. ${mend}`);
}

/** Says at the end of a request how many more there were. */
export function logUntold({ log }: SandboxContext, { untold }: Refusals): void {
  if (untold === 0) return;
  const text = `${untold} more connections were refused to it while it served this request`;
  logEvent(log, 'requests-denied', { count: untold }, text);
}
