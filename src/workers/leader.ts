// One of the workers leads: it alone runs what must run once, however many workers there are. When it dies or drains,
// another takes over; never do two lead at once.
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Worker } from './worker.ts';

export class Leader {
  readonly #workers: () => readonly Worker[];
  readonly #log: Logger;
  #current: Worker | undefined;
  #turn: Promise<void> = Promise.resolve();

  /** `workers` gives those that serve now, and may lead. */
  constructor(workers: () => readonly Worker[], log: Logger) {
    this.#workers = workers;
    this.#log = log;
  }

  /** Why what the leading worker runs takes nothing now; undefined when all is well. */
  get trouble(): string | undefined {
    return this.#current?.trouble;
  }

  /** Sees to it that one of the workers leads. Rejects when the one that was chosen cannot. */
  elect(): Promise<void> {
    const elected = this.#turn.then(() => this.#choose());
    this.#turn = elected.catch(() => {});
    return elected;
  }

  /** The same, for a change that nobody waits for: what goes wrong is logged. */
  electLater(): void {
    this.elect().catch(this.report);
  }

  /** Logs why the one that was chosen cannot lead. */
  readonly report = (error: unknown): void => {
    logEvent(this.#log, 'worker-lead-failed', { err: error }, 'A worker cannot run the triggers of the app');
  };

  async #choose(): Promise<void> {
    if (this.#current && this.#workers().includes(this.#current)) return;
    // The one before may still be at its last event: the next one begins when it takes none any more.
    await this.#current?.resigned;
    this.#current = this.#workers()[0];
    await this.#current?.lead();
  }
}
