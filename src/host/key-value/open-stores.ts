// What one sandbox may reach, and has open: the stores that its component's manifest names, each time it opens one.
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { logEvent } from '../../telemetry/events.ts';
import { Refusals } from '../network/refusals.ts';
import type { SandboxContext } from '../service.ts';
import type { AppStores } from './app-stores.ts';
import type { Answer, KeyValueError } from './operation.ts';
import type { KeyValueStore } from './store.ts';

/** Of one sandbox at a time. */
const MOST_OPEN = 1024;

/** A store as one handle of a guest has it. */
export interface OpenStore {
  readonly store: KeyValueStore;
}

export class OpenStores {
  readonly #stores: AppStores;
  readonly #sandbox: SandboxContext;
  readonly #refusals = new Refusals();
  /** Those that have numbers instead of handles, as `fermyon:spin/key-value` without a version gives them. */
  readonly numbered = new Map<number, OpenStore>();
  #last = 0;
  #open = 0;

  constructor(stores: AppStores, sandbox: SandboxContext) {
    this.#stores = stores;
    this.#sandbox = sandbox;
  }

  get signal(): AbortSignal {
    return this.#sandbox.signal;
  }

  get hostBytes(): SandboxContext['hostBytes'] {
    return this.#sandbox.hostBytes;
  }

  open(label: string): Answer<OpenStore> {
    if (!this.#sandbox.component.keyValueStores.includes(label)) {
      if (this.#refusals.count()) logDenied(this.#sandbox, label);
      return err({ tag: 'access-denied' });
    }
    if (this.#open >= MOST_OPEN) return err({ tag: 'store-table-full' });
    const store = this.#stores.get(label);
    return store instanceof Promise ? store.then((found) => this.#opened(found)) : this.#opened(store);
  }

  #opened(store: KeyValueStore | undefined): Result<OpenStore, KeyValueError> {
    if (!store) return err({ tag: 'no-such-store' });
    this.#open += 1;
    return ok({ store });
  }

  /** The guest has dropped a handle. */
  closed(): void {
    this.#open -= 1;
  }

  number(store: OpenStore): number {
    this.#last += 1;
    this.numbered.set(this.#last, store);
    return this.#last;
  }

  closeNumber(number: number): void {
    if (this.numbered.delete(number)) this.closed();
  }
}

function logDenied({ component: { id }, log }: SandboxContext, label: string): void {
  const mend = `To allow it, add to [component.${id}]: key_value_stores = ["${label}"]`;
  logEvent(log, 'label-denied', { label }, `It may not open the key-value store "${label}". ${mend}`);
}
