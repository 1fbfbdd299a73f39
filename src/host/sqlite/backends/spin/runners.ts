// The runners of an app: a few processes, each lent to one request at a time. One that does not answer in time, or whose
// request is over, is killed.
import { type ChildProcess, fork } from 'node:child_process';
import { entryFile } from '../../../../home.ts';
import { SqlFault } from '../../database.ts';
import type { Answer, Failure, Order, Reply, Request } from './protocol.ts';

/** At once. A request that needs one more waits until another request is over. */
const MOST = 8;
/** How long one may be idle, and a statement may run. */
const IDLE_MS = 10_000;
const STATEMENT_MS = 30_000;

const script = entryFile('host/sqlite/backends/spin/runner');

/** SQLite's result code stays with it, so that a lock can be waited for. */
function faultOf({ message, errcode }: Failure): SqlFault {
  return Object.assign(new SqlFault(message), { errcode });
}

export class Runner {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  #last = 0;
  #dead: SqlFault | undefined;

  constructor(child = fork(script, [], { serialization: 'advanced', stdio: 'ignore', env: {} })) {
    this.#child = child;
    this.#child.on('message', (reply: Reply) => this.#settle(reply));
    this.#child.on('error', () => this.#died('the process that runs statements could not be started'));
    this.#child.on('exit', () => this.#died('the process that ran the statement has ended'));
    this.#child.unref();
    this.#child.channel?.unref();
  }

  get isDead(): boolean {
    return this.#dead !== undefined;
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#child.channel?.unref();
    if ('answer' in reply) waiting?.resolve(reply.answer);
    else waiting?.reject(faultOf(reply.failure));
  }

  #died(message: string): void {
    this.#dead ??= new SqlFault(message);
    for (const { reject } of this.#waiting.values()) reject(this.#dead);
    this.#waiting.clear();
  }

  /** Rejects with an SqlFault, or with the reason of the signal; then, and when it takes too long, the runner is dead. */
  async tell(order: Order, signal?: AbortSignal): Promise<Answer> {
    if (this.#dead) throw this.#dead;
    signal?.throwIfAborted();
    this.#last += 1;
    const request: Request = { id: this.#last, order };
    const answer = new Promise<Answer>((resolve, reject) => this.#waiting.set(request.id, { resolve, reject }));
    this.#child.channel?.ref();
    this.#child.send(request, (error) => {
      if (error) this.#died('the process that runs statements is gone');
    });
    const abort = (): void => this.kill('the request is over');
    const timer = setTimeout(
      () => this.kill(`interrupted: a statement may take ${STATEMENT_MS / 1000} s`),
      STATEMENT_MS,
    );
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await answer;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  kill(why: string): void {
    this.#died(why);
    this.#child.kill('SIGKILL');
  }
}

export class Runners {
  readonly #start: () => Runner;
  readonly #idle: { readonly runner: Runner; readonly timer: NodeJS.Timeout }[] = [];
  readonly #lent = new Set<Runner>();
  readonly #queue: ((runner: Runner) => void)[] = [];
  #closed = false;

  constructor(start = () => new Runner()) {
    this.#start = start;
  }

  /** For the use of one request, until `giveBack`. Rejects when the signal is aborted. */
  async lend(signal: AbortSignal): Promise<Runner> {
    if (this.#closed) throw new SqlFault('the database is closed');
    if (this.#lent.size < MOST) return this.#take();
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#queue.splice(this.#queue.indexOf(take), 1);
        reject(signal.reason);
      };
      const take = (runner: Runner): void => {
        signal.removeEventListener('abort', leave);
        resolve(runner);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#queue.push(take);
    });
  }

  #take(): Runner {
    let found: Runner | undefined;
    while (!found || found.isDead) {
      const idle = this.#idle.pop();
      clearTimeout(idle?.timer);
      found = idle?.runner ?? this.#start();
    }
    this.#lent.add(found);
    return found;
  }

  /** Its connections are closed, or it is dead. */
  giveBack(runner: Runner): void {
    this.#lent.delete(runner);
    if (this.#closed) runner.kill('the database is closed');
    else if (!runner.isDead) this.#keep(runner);
    if (this.#lent.size < MOST && !this.#closed) {
      const next = this.#queue.shift();
      if (next) next(this.#take());
    }
  }

  #keep(runner: Runner): void {
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((one) => one.runner === runner),
        1,
      );
      runner.kill('idle');
    }, IDLE_MS).unref();
    this.#idle.push({ runner, timer });
  }

  close(): void {
    this.#closed = true;
    for (const { runner, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      runner.kill('the database is closed');
    }
    for (const runner of this.#lent) runner.kill('the database is closed');
  }
}
