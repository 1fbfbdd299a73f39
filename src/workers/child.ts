// The worker's side: waits for the parent's socket, serves, answers pings, and drains. The caller decides what it
// serves.
import { MayflyError } from '../errors.ts';
import { isMessage, type ToParent, type ToWorker, toWire } from './messages.ts';

export interface ListenTarget {
  readonly host: string;
  readonly port: number;
  /**
   * The parent's socket; undefined for an app that listens nowhere. It is for `server.listen(handle)` in place of host and port. Other workers may accept from it as
   * well, and connections that nobody accepted stay in it when this worker closes it.
   */
  readonly handle: object | undefined;
}

export interface RunningApp {
  readonly url: string;
  /** Milliseconds for which the worker may be unable to answer the parent though nothing is wrong. */
  readonly silentMs?: number | undefined;
  /** What the parent gets when it asks: anything that JSON can write. Undefined for an app that has nothing to tell. */
  tell?(): Promise<unknown>;
  /** Starts what only one of several workers runs. Undefined for an app that has nothing of that kind. */
  lead?(): Promise<void>;
  /** Why what it leads takes nothing now, in words; undefined when all is well. */
  readonly trouble?: string | undefined;
  /**
   * Accepts no more connections and events from the call on, and resolves when every request is answered. To lose none it must not close idle
   * connections at once, since a request may be on its way in one. Answer it with `connection: close`, and close what
   * stays idle later.
   */
  stop(): Promise<void>;
}

/** What a worker knows of the others. */
export interface OtherWorkers {
  /** Whether all workers have listened once. */
  readonly allUp: boolean;
  /** Why what the leading one runs takes nothing, as of the last ping; undefined when all is well, and in that one itself. */
  readonly trouble?: string | undefined;
}

export interface WorkerApp {
  start(listen: ListenTarget, others: OtherWorkers): Promise<RunningApp>;
}

/** What this side uses of its process. */
export interface WorkerProcess extends Pick<NodeJS.EventEmitter, 'on'> {
  readonly connected: boolean;
  readonly send?: NodeJS.Process['send'];
  exit(code: number): unknown;
}

/**
 * Serves until the parent says to drain, SIGTERM arrives, or the parent is gone; then the process exits with 0.
 * Throws when this process is no worker.
 */
export function serveWorker(app: WorkerApp, process: WorkerProcess = globalThis.process): void {
  if (!process.send) throw new MayflyError('internal', 'This process was not started as a worker');
  let running: Promise<RunningApp> | undefined;
  let isDraining = false;
  let isLeading = false;
  const others: { allUp: boolean; trouble?: string | undefined } = { allUp: false };
  let served: RunningApp | undefined;
  const drain = (): void => {
    if (!isDraining) void stopAndExit(running, process, isLeading);
    isDraining = true;
  };
  process.on('message', (message: unknown, handle: unknown) => {
    if (!isMessage(message)) return;
    const { type } = message as ToWorker;
    if (type === 'ping') {
      others.trouble = isLeading ? undefined : (message as ToWorker & { type: 'ping' }).trouble;
      const trouble = isLeading ? served?.trouble : undefined;
      tell(process, { type: 'pong', ...(trouble !== undefined && { trouble }) });
    }
    if (type === 'drain') drain();
    if (type === 'lead' && !isDraining) {
      isLeading = true;
      others.trouble = undefined;
      void lead(running, process);
    }
    if (type === 'all-up') others.allUp = true;
    if (type === 'ask') void answer(served, (message as ToWorker & { type: 'ask' }).number, process);
    if (type === 'listen') {
      const socket = handle as object | undefined;
      running = start({ app, process, others }, message as ToWorker & { type: 'listen' }, socket);
      void running.then((app) => {
        served = app;
      });
    }
  });
  process.on('disconnect', drain);
  process.on('SIGTERM', drain);
  // A terminal sends SIGINT to parent and workers alike, and the parent decides.
  process.on('SIGINT', () => {});
  tell(process, { type: 'loaded' });
}

async function start(
  { app, process, others }: { app: WorkerApp; process: WorkerProcess; others: OtherWorkers },
  { host, port }: ToWorker & { type: 'listen' },
  handle: object | undefined,
): Promise<RunningApp> {
  try {
    const running = await app.start({ host, port, handle }, others);
    tell(process, { type: 'ready', url: running.url, silentMs: running.silentMs });
    return running;
  } catch (error) {
    tell(process, { type: 'failed', error: toWire(error) }, () => process.exit(1));
    return { url: '', stop: async () => {} };
  }
}

/** An app that cannot tell is one that has nothing to tell. */
async function answer(app: RunningApp | undefined, number: number, process: WorkerProcess): Promise<void> {
  const data = await Promise.resolve(app?.tell?.()).catch(() => undefined);
  tell(process, { type: 'told', number, data });
}

async function lead(running: Promise<RunningApp> | undefined, process: WorkerProcess): Promise<void> {
  try {
    await (await running)?.lead?.();
    tell(process, { type: 'leading' });
  } catch (error) {
    tell(process, { type: 'not-leading', error: toWire(error) }, () => process.exit(1));
  }
}

async function stopAndExit(
  running: Promise<RunningApp> | undefined,
  process: WorkerProcess,
  isLeading: boolean,
): Promise<void> {
  try {
    const app = await running;
    const stopped = app?.stop();
    if (isLeading) tell(process, { type: 'resigned' });
    await stopped;
    process.exit(0);
  } catch (error) {
    tell(process, { type: 'failed', error: toWire(error) }, () => process.exit(1));
  }
}

/** Sends a message. The parent may be gone; then there is nobody to tell, and 'disconnect' ends the process. */
function tell(process: WorkerProcess, message: ToParent, sent: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, {}, sent);
  else sent();
}
