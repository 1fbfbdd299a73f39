// A pool that can be replaced while requests are under way: those that came before keep their sandboxes and their place in the
// queue, and the pool that they came to is closed when the last of them is over.
import type { CallContext } from '../component/canon/instance.ts';
import type { SandboxPool } from './pool.ts';
import type { GuestActivity, Sandbox } from './sandbox.ts';

interface Version {
  readonly pool: SandboxPool;
  /** Requests that have a sandbox of it, or wait for one. */
  users: number;
}

export class ReplaceablePool {
  readonly #owners = new Map<Sandbox, Version>();
  readonly #versions = new Set<Version>();
  #current: Version;
  #isClosed = false;

  constructor(pool: SandboxPool) {
    this.#current = { pool, users: 0 };
    this.#versions.add(this.#current);
  }

  /** The pool to which requests come now. */
  get current(): SandboxPool {
    return this.#current.pool;
  }

  /** Lets requests come to another pool from now on. */
  replace(pool: SandboxPool): void {
    const before = this.#current;
    this.#current = { pool, users: 0 };
    this.#versions.add(this.#current);
    this.#closeIfOver(before);
    if (this.#isClosed) this.close();
  }

  acquire(context: CallContext, activity?: GuestActivity): Sandbox | Promise<Sandbox> {
    const version = this.#current;
    const got = version.pool.acquire(context, activity);
    version.users++;
    if (!(got instanceof Promise)) return this.#owned(got, version);
    return got.then(
      (sandbox) => this.#owned(sandbox, version),
      (error: unknown) => {
        this.#left(version);
        throw error;
      },
    );
  }

  abandon(context: CallContext, reason: Error): void {
    for (const { pool } of this.#versions) pool.abandon(context, reason);
  }

  /** Whether the sandbox is kept, as the pool that it came from says. */
  release(sandbox: Sandbox, healthy: boolean): boolean {
    const version = this.#owners.get(sandbox) ?? this.#current;
    this.#owners.delete(sandbox);
    try {
      return version.pool.release(sandbox, healthy);
    } finally {
      this.#left(version);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const { pool } of this.#versions) pool.close();
    this.#versions.clear();
  }

  #owned(sandbox: Sandbox, version: Version): Sandbox {
    this.#owners.set(sandbox, version);
    return sandbox;
  }

  #left(version: Version): void {
    version.users--;
    this.#closeIfOver(version);
  }

  #closeIfOver(version: Version): void {
    if (version === this.#current || version.users > 0 || !this.#versions.delete(version)) return;
    version.pool.close();
  }
}
