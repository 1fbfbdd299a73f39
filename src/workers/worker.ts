// The parent's side of one worker process: start, heartbeat, drain, kill. The pool decides whether it is replaced.
import { type ChildProcess, fork as forkProcess, type SendHandle } from 'node:child_process';
import { MayflyError } from '../errors.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Address, ListenSocket } from './listen-socket.ts';
import { fromWire, isMessage, type ToParent, type ToWorker } from './messages.ts';

/** Limits of a worker; all times are in milliseconds. */
export interface WorkerLimits {
  /** The time from the start of the process until it listens. */
  readonly startMs: number;
  /** The time between two pings. */
  readonly heartbeatMs: number;
  /**
   * The number of pings without an answer after which the worker is taken for stuck and killed, in addition to those
   * that it said it may miss.
   */
  readonly missedHeartbeats: number;
  /** The time for the requests in flight when a worker is told to stop; then it is killed. */
  readonly drainMs: number;
}

export const defaultWorkerLimits: WorkerLimits = {
  startMs: 60_000,
  heartbeatMs: 1_000,
  missedHeartbeats: 10,
  drainMs: 30_000,
};

export interface WorkerStart {
  readonly entry: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly socket: ListenSocket | undefined;
  readonly address: Address;
  readonly limits: WorkerLimits;
  readonly log: Logger;
  /** Why what the leading worker runs takes nothing now; workers are told with each ping. */
  readonly trouble?: (() => string | undefined) | undefined;
  /** The worker loads its code and listens only after this, from when on its start has a limit. It never rejects. */
  readonly held?: Promise<void> | undefined;
}

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds since the worker listened; 0 when it never did. */
  readonly servedMs: number;
  /** Why the parent killed the worker; undefined when it did not. */
  readonly killedFor?: string;
}

export interface Worker {
  readonly pid: number | undefined;
  /** The URL that it serves. Rejects with the worker's own error, or 'worker-failed' when it ends or takes too long. */
  readonly ready: Promise<string>;
  /** Settles when the process is gone, for whatever reason. Never rejects. */
  readonly exited: Promise<WorkerExit>;
  /**
   * Has the worker run what must run once. Resolves when it does; rejects with its error, or when it ends before.
   */
  lead(): Promise<void>;
  /** Why what it runs as the leading one takes nothing, as of its last answer. */
  readonly trouble: string | undefined;
  /** Resolves when the worker takes no more events, since it drains or is gone. Never rejects. */
  readonly resigned: Promise<void>;
  /** Lets requests in flight finish, for `drainMs` at most, then ends the worker. A second call changes nothing. */
  drain(): Promise<WorkerExit>;
  /** Tells it that all workers have listened once. */
  allUp(): void;
  /** What it has to tell; undefined when it has not answered after so many milliseconds, or is gone. Never rejects. */
  ask(timeoutMs: number): Promise<unknown>;
  kill(reason: string): void;
}

/** Starts a worker; `fork` makes the process. */
export function startWorker(start: WorkerStart, fork: (start: WorkerStart) => ChildProcess = forkChild): Worker {
  const { limits, log } = start;
  const child = fork(start);
  const { promise: ready, resolve: setReady, reject: setFailed } = Promise.withResolvers<string>();
  const { promise: exited, resolve: setExited } = Promise.withResolvers<WorkerExit>();
  const { promise: resigned, resolve: setResigned } = Promise.withResolvers<void>();
  const { promise: leading, resolve: setLeading, reject: setNotLeading } = Promise.withResolvers<void>();
  ready.catch(() => {});
  leading.catch(() => {});
  let readyAt: number | undefined;
  let killedFor: string | undefined;
  let missed = 0;
  let { missedHeartbeats } = limits;
  let heartbeat: NodeJS.Timeout | undefined;
  let draining = false;
  let trouble: string | undefined;
  let asked = 0;
  /** By their numbers, those who wait for an answer. */
  const asking = new Map<number, (data: unknown) => void>();

  const kill = (reason: string): void => {
    killedFor ??= reason;
    child.kill('SIGKILL');
  };
  let startTimer: NodeJS.Timeout | undefined;
  let isGone = false;
  const beginStart = (): void => {
    if (isGone) return;
    startTimer = setTimeout(() => kill(`it did not listen within ${limits.startMs / 1000} s`), limits.startMs);
  };
  if (start.held) void start.held.then(beginStart);
  else beginStart();
  // Ticks are counted, and the clock is not read: a machine that slept must not kill all of its workers.
  const beat = (): void => {
    if (missed >= missedHeartbeats) {
      const { pid } = child;
      const ms = missed * limits.heartbeatMs;
      logEvent(log, 'worker-stuck', { pid, ms }, `Worker ${pid} has not answered for ${ms / 1000} s: it is killed`);
      kill('its event loop no longer answered');
      return;
    }
    missed++;
    const ofLeader = start.trouble?.();
    tell(child, { type: 'ping', ...(ofLeader !== undefined && { trouble: ofLeader }) });
  };

  const failed = (error: MayflyError): void => {
    const { pid } = child;
    if (readyAt !== undefined) {
      logEvent(log, 'worker-stop-failed', { pid, err: error }, `Worker ${pid} did not stop well`);
    }
    setFailed(error);
  };

  child.on('message', (message) => {
    if (!isMessage(message)) return;
    const told = message as ToParent;
    if (told.type === 'pong') {
      missed = 0;
      trouble = told.trouble;
    }
    if (told.type === 'loaded') void listen();
    if (told.type === 'failed') failed(fromWire(told.error));
    if (told.type === 'leading') setLeading();
    if (told.type === 'not-leading') setNotLeading(fromWire(told.error));
    if (told.type === 'resigned') setResigned();
    if (told.type === 'told') asking.get(told.number)?.(told.data);
    if (told.type !== 'ready') return;
    clearTimeout(startTimer);
    readyAt = performance.now();
    missedHeartbeats += Math.ceil((told.silentMs ?? 0) / limits.heartbeatMs);
    heartbeat = setInterval(beat, limits.heartbeatMs);
    setReady(told.url);
  });
  child.once('error', (cause) => end(new MayflyError('worker-failed', 'Cannot start a worker', { cause }), null, null));
  child.once('exit', (code, signal) => {
    const how = killedFor ?? (signal ? `it was ended by ${signal}` : `it exited with ${code}`);
    end(new MayflyError('worker-failed', `Worker ${child.pid} did not start: ${how}`), code, signal);
  });

  async function listen(): Promise<void> {
    if (start.held) await start.held;
    tell(child, { type: 'listen', ...start.address }, start.socket);
  }

  function end(error: MayflyError, code: number | null, signal: NodeJS.Signals | null): void {
    isGone = true;
    clearTimeout(startTimer);
    clearInterval(heartbeat);
    const servedMs = readyAt === undefined ? 0 : performance.now() - readyAt;
    setFailed(error);
    setNotLeading(error);
    setResigned();
    setExited({ code, signal, servedMs, ...(killedFor !== undefined && { killedFor }) });
  }

  return {
    pid: child.pid,
    ready,
    exited,
    kill,
    resigned,
    get trouble() {
      return trouble;
    },
    lead() {
      tell(child, { type: 'lead' });
      return leading;
    },
    allUp: () => tell(child, { type: 'all-up' }),
    async ask(timeoutMs) {
      const number = ++asked;
      const { promise: answer, resolve } = Promise.withResolvers<unknown>();
      const timer = setTimeout(resolve, timeoutMs, undefined);
      asking.set(number, resolve);
      tell(child, { type: 'ask', number });
      try {
        return await Promise.race([answer, exited.then(() => undefined)]);
      } finally {
        clearTimeout(timer);
        asking.delete(number);
      }
    },
    async drain() {
      if (!draining) {
        draining = true;
        tell(child, { type: 'drain' });
        const timer = setTimeout(() => kill(`it did not drain within ${limits.drainMs / 1000} s`), limits.drainMs);
        void exited.then(() => clearTimeout(timer));
      }
      return exited;
    },
  };
}

function forkChild({ entry, args, env }: WorkerStart): ChildProcess {
  return forkProcess(entry, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** Sends a message. A worker that has just died cannot be told anything; its exit is handled elsewhere. */
function tell(child: ChildProcess, message: ToWorker, socket?: ListenSocket): void {
  if (child.connected) child.send(message, socket as SendHandle | undefined, {}, () => {});
}
