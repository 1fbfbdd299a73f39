// Tells the log which servers a guest may not connect to, and what to write in the manifest: of each service a few lines
// while it serves one request, and at its end how many more there were.
import { logEvent } from '../../telemetry/events.ts';
import type { SandboxContext } from '../service.ts';
import { Refusals } from './refusals.ts';

export class ConnectionRefusals {
  readonly #sandbox: SandboxContext;
  readonly #refusals = new Refusals();

  constructor(sandbox: SandboxContext) {
    this.#sandbox = sandbox;
  }

  /**
   * Says that a connection was refused. `origin` is scheme, host and port, without a user and a password; `entry` is
   * that of `allowed_outbound_hosts` that would allow it.
   */
  add(origin: string, entry = origin): void {
    if (!this.#refusals.count()) return;
    const { component, log } = this.#sandbox;
    const mend = `To allow it, add to [component.${component.id}]: allowed_outbound_hosts = ["${entry}"]`;
    logEvent(log, 'network-denied', { origin, entry }, `It may not connect to ${origin}. ${mend}`);
  }

  /** Says at the end of a request how many more there were. */
  tellUntold(): void {
    const { untold } = this.#refusals;
    if (untold === 0) return;
    const text = `${untold} more connections were refused to it while it served this request`;
    logEvent(this.#sandbox.log, 'requests-denied', { count: untold }, text);
  }
}
