// One connection to a server, with its session: statements, one after another, each ended with its caller. statement.ts has
// how one is run.
import type { Caller } from '../guest-call.ts';
import type { SharedSession } from '../network/leased-connections.ts';
import { Inbox } from '../sql/inbox.ts';
import { StatementTurns } from '../sql/statement-turns.ts';
import type { Channel, RowWatcher } from './channel.ts';
import { clientFault, PgFault, queryFault } from './fault.ts';
import { ParameterTypes } from './parameter-types.ts';
import { type Run, runStatement, type StatementRequest } from './statement.ts';
import { requestCancel } from './wire/cancel.ts';
import type { Opened, Target, Wire } from './wire/connect.ts';
import type { DbErrorFields } from './wire/db-error.ts';
import type { Frame } from './wire/frames.ts';
import { readErrorFields } from './wire/messages.ts';

/** In milliseconds; putting a session back may take so long. */
const RESET_MS = 5000;
const LEAVE_MS = 1000;
/** In bytes, of a message that is no row. */
const MOST_MESSAGE = 1_048_576;

export class PgSession implements SharedSession, Channel {
  readonly wire: Wire;
  readonly inbox: Inbox<Frame>;
  readonly typeNames = new Map<number, string>();
  readonly parameterTypes = new ParameterTypes();
  readonly #opened: Opened;
  readonly #target: Target;
  readonly #turns = new StatementTurns((error) => this.#end(error));
  #watcher: RowWatcher | undefined;
  #failure: Error | undefined;
  /** What the server says of a transaction: `I` for none. */
  #transaction = 'I';

  constructor(opened: Opened, target: Target) {
    this.#opened = opened;
    this.#target = target;
    this.wire = opened.wire;
    this.inbox = new Inbox<Frame>(opened.wire.stream);
    opened.hand({
      announced: (type, bytes) => this.#orEnd(() => this.#announced(type, bytes)),
      take: (frame) => this.#orEnd(() => this.#take(frame)),
      ended: (error) => this.#end(error),
    });
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  get isInTransaction(): boolean {
    return this.#transaction !== 'I';
  }

  /** Runs a statement when those before it are done. Rejects with a PgFault, a Trap or the reason of the signal. */
  async run<T>(request: StatementRequest, caller: Caller, use: (run: Run) => Promise<T>): Promise<T> {
    try {
      return await this.#turns.take(caller, async () => {
        if (this.#failure) throw this.#failure;
        return runStatement(this, request, caller, use).finally(() => this.onRows(undefined));
      });
    } catch (error) {
      throw this.#told(error);
    }
  }

  whenDone(): Promise<void> {
    return this.#turns.whenDone();
  }

  onRows(watcher: RowWatcher | undefined): void {
    this.#watcher = watcher;
  }

  async settle(): Promise<DbErrorFields | undefined> {
    let failed: DbErrorFields | undefined;
    for (;;) {
      const { type, body } = await this.inbox.next();
      if (type === 'E') failed ??= readErrorFields(body);
      if (type === 'G') {
        this.wire.sendCopyFail('COPY is not supported');
        this.wire.sync();
      }
      if (type !== 'Z') continue;
      this.#transaction = body.toString('latin1', 0, 1);
      return failed;
    }
  }

  break(error: Error): void {
    this.#end(error);
  }

  async reset(): Promise<void> {
    if (this.#turns.isBusy) throw new Error('a statement is under way');
    const timer = setTimeout(() => this.#end(new Error('the session could not be put back')), RESET_MS);
    try {
      await this.#turns.alone(async () => {
        if (this.#transaction !== 'I') await this.#simple('ROLLBACK');
        await this.#simple('DISCARD ALL');
      });
    } finally {
      clearTimeout(timer);
    }
  }

  destroy(): void {
    if (this.isOpen && !this.#turns.isBusy) this.#leave();
    else this.#end(clientFault('Closed'));
  }

  /** Says good-bye; a server that does not close then is left alone. */
  #leave(): void {
    this.#failure = clientFault('Closed');
    this.wire.end();
    setTimeout(() => this.wire.stream.destroy(), LEAVE_MS).unref();
  }

  async #simple(text: string): Promise<void> {
    this.wire.query(text);
    if (await this.settle()) throw new Error(`${text} failed`);
  }

  /** What may not come ends the connection, and what the server does for it. */
  #orEnd(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#end(error as Error);
      throw error;
    }
  }

  #announced(type: string, bytes: number): void {
    if (type === 'D' && this.#watcher) this.#watcher.announced(bytes);
    else if (bytes > MOST_MESSAGE) throw queryFault('the server sent a message that is too long');
  }

  #take(frame: Frame): void {
    if (ignored.has(frame.type)) return;
    if (!this.#turns.isBusy) throw new Error('the server says something that nobody asked for');
    if (frame.type === 'T') this.#watcher?.described(frame.body);
    this.inbox.put(frame);
  }

  /** Idempotent; the first error is told to all. */
  #end(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    if (this.#turns.isBusy && !this.wire.stream.destroyed) requestCancel({ target: this.#target, ...this.#opened });
    this.wire.stream.destroy();
    this.inbox.end(error);
  }

  /** What a caller gets to know: its own signal's reason, and no error of ours. */
  #told(error: unknown): unknown {
    const isOurs = error instanceof PgFault || !(error instanceof Error) || !isSocketError(error);
    return isOurs ? error : clientFault('Closed');
  }
}

/** Notices, parameters and notifications: the server may send them at any time. */
const ignored = new Set(['N', 'S', 'A']);

function isSocketError(error: Error): boolean {
  return 'code' in error || error instanceof RangeError || /^the (?:connection|server) /.test(error.message);
}
