// What a pool of workers is asked for, what it offers, and the parts that it is made of.
import type { Logger } from '../telemetry/log.ts';
import type { BackOffOptions } from './back-off.ts';
import type { GivenSocket } from './given-socket.ts';
import type { SocketSource } from './listen-socket.ts';
import type { Worker, WorkerLimits, WorkerStart } from './worker.ts';

export interface WorkerPoolOptions {
  /** The number of workers; `auto` makes as many as there are processors to use. */
  readonly count: number | 'auto';
  /** The module that the workers run, which calls `serveWorker`. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Variables in addition to the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Undefined for an app that listens nowhere. */
  readonly listen: { readonly host: string; readonly port: number } | GivenSocket | undefined;
  /** Whether one of the workers has to run what must run once. */
  readonly needsLeader?: boolean;
  readonly log?: Logger;
  readonly limits?: Partial<WorkerLimits>;
  readonly backOff?: BackOffOptions;
  /**
   * Whether a process with its code loaded stands by for each worker, so that `reload` and `swap` are quick. Such a
   * process finds `MAYFLY_STANDBY` in its environment.
   */
  readonly standby?: boolean;
}

export interface WorkerPool {
  /** The URL that the workers serve, with the real port. */
  readonly url: string;
  readonly port: number;
  /** The processes that serve now, by slot; undefined where one is being replaced. */
  readonly pids: readonly (number | undefined)[];
  /**
   * Replaces every worker: new ones start, and only when all of them listen the old ones drain. No request is lost.
   * Rejects with the error of the first new worker that fails; the old ones then serve on.
   */
  reload(): Promise<void>;
  /** The same, and does not wait for the old workers: they drain while the new ones serve. */
  swap(): Promise<void>;
  /** What each of the workers that serve now has to tell; nothing of one that does not answer in so many milliseconds. */
  ask(timeoutMs: number): Promise<readonly unknown[]>;
  /** Drains all workers. Resolves when they are gone. */
  stop(): Promise<void>;
  /** Ends the workers at once. */
  kill(): void;
}

/** The parts that a pool is made of, which tests replace. */
export interface PoolMeans {
  readonly open: (host: string, port: number) => Promise<SocketSource>;
  readonly start: (start: WorkerStart) => Worker;
}
