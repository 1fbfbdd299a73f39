// Several worker processes behind one port: starts them, replaces those that die, reloads and drains them. HTTP and
// apps are not known here; the CLI connects it to signals.
import { availableParallelism } from 'node:os';
import { MayflyError } from '../errors.ts';
import { logEvent } from '../telemetry/events.ts';
import { type Logger, silentLog } from '../telemetry/log.ts';
import { type BackOff, createBackOff, defaultBackOff } from './back-off.ts';
import { Leader } from './leader.ts';
import { type ListenSocket, noSockets, openSockets, type SocketSource } from './listen-socket.ts';
import type { PoolMeans, WorkerPool, WorkerPoolOptions } from './pool-options.ts';
import { defaultWorkerLimits, startWorker, type Worker, type WorkerExit, type WorkerLimits } from './worker.ts';

const processes: PoolMeans = { open: openSockets, start: startWorker };

/**
 * Starts the workers. Resolves when all of them listen. Rejects with 'listen-failed', or with the error of the first
 * worker that fails.
 */
export async function runWorkers(options: WorkerPoolOptions, means: PoolMeans = processes): Promise<WorkerPool> {
  countOf(options);
  const { listen } = options;
  const sockets = listen ? await openFor(listen, means) : noSockets;
  const pool = new Pool(options, sockets, means.start);
  try {
    return await pool.start();
  } catch (error) {
    await pool.abandon();
    throw error;
  }
}

async function openFor(listen: NonNullable<WorkerPoolOptions['listen']>, { open }: PoolMeans): Promise<SocketSource> {
  if ('host' in listen) return open(listen.host, listen.port);
  // Few apps listen at anything but an address.
  const { shareGivenSocket } = await import('./given-socket.ts');
  return shareGivenSocket(listen);
}

function countOf({ count }: WorkerPoolOptions): number {
  if (count === 'auto') return availableParallelism();
  if (Number.isInteger(count) && count > 0) return count;
  throw new MayflyError('usage', `"${count}" is not a number of workers`);
}

/** A place for one worker, whose socket stays when the worker is replaced. */
interface Slot {
  readonly number: number;
  readonly backOff: BackOff;
  socket: ListenSocket | undefined;
  worker: Worker | undefined;
  restart: NodeJS.Timeout | undefined;
  standby: Standby | undefined;
}

/** A process that is to listen on a socket once it is told to. */
interface Standby {
  readonly worker: Worker;
  readonly socket: ListenSocket;
  readonly release: () => void;
}

/** Milliseconds after which a slot without a worker gives its socket up, so that new connections go to the others. */
const KEEP_SOCKET_MS = 1_000;

interface Replaced {
  /** Resolves when one of the new workers leads, where one has to. */
  readonly elected: Promise<void> | undefined;
  /** Resolves when the old workers are gone. */
  readonly drained: Promise<unknown>;
}

class Pool implements WorkerPool {
  url = '';
  readonly #options: WorkerPoolOptions;
  readonly #limits: WorkerLimits;
  readonly #log: Logger;
  readonly #sockets: SocketSource;
  readonly #start: PoolMeans['start'];
  readonly #slots: Slot[];
  readonly #leader: Leader | undefined;
  /** Every process that was started and is not gone. */
  readonly #alive = new Set<Worker>();
  #reloading: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(options: WorkerPoolOptions, sockets: SocketSource, start: PoolMeans['start']) {
    this.#options = options;
    this.#limits = { ...defaultWorkerLimits, ...options.limits };
    this.#log = options.log ?? silentLog;
    this.#sockets = sockets;
    this.#start = start;
    this.#slots = Array.from({ length: countOf(options) }, (_, index) => ({
      number: index + 1,
      backOff: createBackOff(options.backOff ?? defaultBackOff),
      socket: undefined,
      worker: undefined,
      restart: undefined,
      standby: undefined,
    }));
    const serving = (): Worker[] => this.#slots.flatMap(({ worker }) => worker ?? []);
    this.#leader = options.needsLeader ? new Leader(serving, this.#log) : undefined;
  }

  get port(): number {
    return this.#sockets.address.port;
  }

  get pids(): readonly (number | undefined)[] {
    return this.#slots.map(({ worker }) => worker?.pid);
  }

  async start(): Promise<WorkerPool> {
    await (await this.#replaceAll()).elected;
    const { port } = this;
    const workers = this.#slots.length;
    const how = this.#sockets.isSpread ? 'each with its own socket' : 'on one socket';
    const where = port === 0 ? 'a socket' : `port ${port}`;
    const text = this.#options.listen ? `${workers} workers share ${where}, ${how}` : `${workers} workers run`;
    logEvent(this.#log, 'workers-started', { port, workers }, text);
    return this;
  }

  reload(): Promise<void> {
    return this.#inTurn(async () => {
      const { elected, drained } = await this.#replaceAll();
      await Promise.all([elected, drained]);
    });
  }

  swap(): Promise<void> {
    return this.#inTurn(async () => {
      const { elected } = await this.#replaceAll();
      elected?.catch((error: unknown) => this.#leader?.report(error));
    });
  }

  async ask(timeoutMs: number): Promise<readonly unknown[]> {
    const answers = await Promise.all(this.#slots.map(({ worker }) => worker?.ask(timeoutMs)));
    return answers.filter((answer) => answer !== undefined);
  }

  #inTurn(replace: () => Promise<void>): Promise<void> {
    const turn = this.#reloading.then(replace);
    this.#reloading = turn.catch(() => {});
    return turn;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { restart } of this.#slots) clearTimeout(restart);
    await Promise.all([...this.#alive].map((worker) => worker.drain()));
    this.#releaseSockets();
  }

  kill(): void {
    this.#stopping = true;
    for (const worker of this.#alive) worker.kill('the pool was killed');
  }

  async abandon(): Promise<void> {
    this.kill();
    await Promise.all([...this.#alive].map(({ exited }) => exited));
    this.#releaseSockets();
  }

  /** Resolves when the new workers are in charge. */
  async #replaceAll(): Promise<Replaced> {
    if (this.#stopping) throw new MayflyError('worker-failed', 'The workers are being stopped');
    // Where others serve already, a new worker is ready as soon as it listens.
    const wasUp = this.url !== '';
    const starts = this.#slots.map((slot) => this.#startIn(slot));
    for (const worker of wasUp ? starts : []) worker.ready.then(worker.allUp, () => undefined);
    try {
      const urls = await Promise.all(starts.map(({ ready }) => ready));
      this.url = urls[0] ?? '';
    } catch (error) {
      for (const worker of starts) worker.kill('another new worker failed');
      throw error;
    }
    const replaced = this.#slots.map((slot, index) => this.#install(slot, starts[index]!));
    for (const worker of starts) worker.allUp();
    if (this.#options.standby) for (const slot of this.#slots) this.#prepareStandby(slot);
    return { elected: this.#leader?.elect(), drained: Promise.all(replaced.map((worker) => worker?.drain())) };
  }

  #startIn(slot: Slot): Worker {
    slot.socket ??= this.#sockets.open();
    const { standby } = slot;
    slot.standby = undefined;
    const isFit = standby !== undefined && standby.socket === slot.socket && this.#alive.has(standby.worker);
    if (standby && !isFit) standby.worker.kill('its socket is gone');
    const worker = standby && isFit ? standby.worker : this.#startWorker(slot, slot.socket);
    if (isFit) standby?.release();
    void worker.exited.then((exit) => {
      if (slot.worker === worker) this.#died(slot, worker, exit);
    });
    return worker;
  }

  #prepareStandby(slot: Slot): void {
    if (this.#stopping || slot.standby !== undefined || slot.socket === undefined) return;
    const { promise, resolve: release } = Promise.withResolvers<void>();
    const { socket } = slot;
    slot.standby = { worker: this.#startWorker(slot, socket, promise), socket, release };
  }

  #startWorker(slot: Slot, socket: ListenSocket | undefined, held?: Promise<void>): Worker {
    const worker = this.#start({
      entry: this.#options.entry,
      args: this.#options.args ?? [],
      env: { ...this.#options.env, MAYFLY_WORKER: String(slot.number), ...(held && { MAYFLY_STANDBY: '1' }) },
      socket,
      address: this.#sockets.address,
      limits: this.#limits,
      log: this.#log,
      trouble: () => this.#leader?.trouble,
      held,
    });
    this.#alive.add(worker);
    void worker.exited.then(() => this.#alive.delete(worker));
    return worker;
  }

  /** Puts a worker that listens in charge of the slot and returns the one that was. */
  #install(slot: Slot, worker: Worker): Worker | undefined {
    clearTimeout(slot.restart);
    const before = slot.worker;
    slot.worker = worker;
    // The worker may have died before it was in charge, when nobody watched it.
    if (!this.#alive.has(worker)) void worker.exited.then((exit) => this.#died(slot, worker, exit));
    return before;
  }

  #died(slot: Slot, worker: Worker, exit: WorkerExit): void {
    if (this.#stopping || slot.worker !== worker) return;
    slot.worker = undefined;
    const delay = slot.backOff.next(exit.servedMs);
    const how = exit.killedFor ?? (exit.signal ? `ended by ${exit.signal}` : `exited with ${exit.code}`);
    const when = delay === 0 ? 'at once' : `in ${delay / 1000} s`;
    const { pid } = worker;
    const fields = { worker: slot.number, pid, exitCode: exit.code, signal: exit.signal, reason: how, delayMs: delay };
    const text = `Worker ${slot.number} (process ${pid}) died: ${how}. A new one starts ${when}`;
    logEvent(this.#log, 'worker-died', fields, text);
    this.#leader?.electLater();
    this.#restartIn(slot, delay);
  }

  #restartIn(slot: Slot, delayMs: number): void {
    const others = this.#slots.some(({ worker }) => worker !== undefined);
    if (delayMs > KEEP_SOCKET_MS && others && slot.socket) {
      this.#sockets.release(slot.socket);
      slot.socket = undefined;
    }
    slot.restart = setTimeout(() => void this.#restart(slot), delayMs);
  }

  async #restart(slot: Slot): Promise<void> {
    const worker = this.#startIn(slot);
    try {
      await worker.ready;
    } catch (error) {
      // The slot may have been filled by a reload meanwhile.
      if (!slot.worker) this.#failedToStart(slot, error);
      return;
    }
    if (slot.worker || this.#stopping) return void worker.drain();
    this.#install(slot, worker);
    this.#leader?.electLater();
    worker.allUp();
    const { pid } = worker;
    logEvent(this.#log, 'worker-back', { worker: slot.number, pid }, `Worker ${slot.number} is back (process ${pid})`);
  }

  #failedToStart(slot: Slot, error: unknown): void {
    if (this.#stopping) return;
    const delay = slot.backOff.next(0);
    const text = `Worker ${slot.number} does not start. The next attempt is in ${delay / 1000} s`;
    logEvent(this.#log, 'worker-start-failed', { worker: slot.number, err: error, delayMs: delay }, text);
    this.#restartIn(slot, delay);
  }

  #releaseSockets(): void {
    for (const slot of this.#slots) {
      if (slot.socket) this.#sockets.release(slot.socket);
      slot.socket = undefined;
    }
  }
}
