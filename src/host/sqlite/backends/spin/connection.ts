// A guest's connection to an SQLite file. It begins in place; with the first statement that is not provably short it moves
// to a runner, where it stays: transactions and temporary tables live there.
import { patiently } from '../../../sql/sqlite-locks.ts';
import {
  type Caller,
  type Connection,
  type Later,
  type Query,
  type RowPiece,
  type Session,
  SqlFault,
  type SqlValue,
} from '../../database.ts';
import type { InPlace, Written } from './in-place.ts';
import type { Answer, OpenOptions } from './protocol.ts';
import type { Runner, Runners } from './runners.ts';

export interface File {
  readonly options: OpenOptions;
  /** Throws an SqlFault when the file cannot be opened. */
  inPlace(): InPlace;
  readonly runners: Runners;
}

/** The connections of one request: those that moved share one runner. */
export class FileSession implements Session {
  readonly file: File;
  readonly #connections = new Set<FileConnection>();
  #runner: Promise<Runner> | undefined;
  #last = 0;
  #closed = false;

  constructor(file: File) {
    this.file = file;
  }

  connect(): Connection {
    this.#last += 1;
    const connection = new FileConnection(this, this.#last);
    this.#connections.add(connection);
    return connection;
  }

  forget(connection: FileConnection): void {
    this.#connections.delete(connection);
  }

  async runner(signal: AbortSignal): Promise<Runner> {
    if (this.#closed) throw new SqlFault('the request is over');
    this.#runner ??= this.#lend(signal);
    return this.#runner;
  }

  async #lend(signal: AbortSignal): Promise<Runner> {
    try {
      const runner = await this.file.runners.lend(signal);
      if (this.#closed) this.#giveBack(runner, []);
      return runner;
    } catch (error) {
      this.#runner = undefined;
      throw error;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#runner) return; // What is in place is whole by itself.
    const isBusy = Array.from(this.#connections).some((connection) => connection.isBusy);
    const closing = Array.from(this.#connections, (connection) => connection.end());
    this.#runner.then(
      (runner) => {
        if (isBusy) runner.kill('the request is over');
        this.#giveBack(runner, closing);
      },
      () => undefined,
    );
  }

  /** The next request gets it when nothing of this one is left in it. */
  #giveBack(runner: Runner, closing: readonly Promise<unknown>[]): void {
    const { runners } = this.file;
    Promise.all(closing)
      .catch(() => runner.kill('the request is over'))
      .finally(() => runners.giveBack(runner));
  }
}

class FileConnection implements Connection {
  readonly #session: FileSession;
  readonly #number: number;
  readonly #written: Written = { rowid: 0n, changes: 0n, total: 0n };
  /** Where it moved to. */
  #runner: Runner | undefined;
  /** What is under way or waits, one after another. */
  #tail: Promise<unknown> | undefined;
  #closed = false;
  #ending: Promise<unknown> | undefined;

  constructor(session: FileSession, number: number) {
    this.#session = session;
    this.#number = number;
  }

  query(statement: string, parameters: readonly SqlValue[], caller: Caller): Later<Query> {
    if (this.#closed || this.#runner || this.#tail)
      return this.#inTurn(() => this.#query(statement, parameters, caller));
    const found = this.#inPlace(statement, parameters, caller);
    if (found instanceof Promise)
      return this.#inTurn(() => found.then((query) => query ?? this.#move(statement, parameters, caller)));
    return found ?? this.#inTurn(() => this.#move(statement, parameters, caller));
  }

  #inPlace(statement: string, parameters: readonly SqlValue[], caller: Caller): Later<Query | undefined> {
    return patiently(() => {
      const result = this.#session.file.inPlace().run(statement, parameters, this.#written);
      return result && { ...result, next: undefined };
    }, caller);
  }

  async #query(statement: string, parameters: readonly SqlValue[], caller: Caller): Promise<Query> {
    if (this.#runner) return this.#remote(statement, parameters, caller);
    return (await this.#inPlace(statement, parameters, caller)) ?? this.#move(statement, parameters, caller);
  }

  async #move(statement: string, parameters: readonly SqlValue[], caller: Caller): Promise<Query> {
    const { options } = this.#session.file;
    const runner = await this.#session.runner(caller.signal);
    const order = { kind: 'open', connection: this.#number, options, written: this.#written } as const;
    await patiently(() => runner.tell(order, caller.signal), caller);
    this.#runner = runner;
    return this.#remote(statement, parameters, caller);
  }

  async #remote(statement: string, parameters: readonly SqlValue[], caller: Caller): Promise<Query> {
    const answer = await this.#tell({ kind: 'query', connection: this.#number, statement, parameters }, caller);
    const { columns, cursor } = answer;
    return {
      columns,
      ...this.#piece(answer),
      close: cursor === undefined ? undefined : () => this.#stop(cursor),
    } as Query;
  }

  #piece({ rows, cursor }: Answer): RowPiece {
    if (cursor === undefined) return { rows, next: undefined };
    const order = { kind: 'next', connection: this.#number, cursor } as const;
    return { rows, next: async (caller) => this.#piece(await this.#inTurn(() => this.#tell(order, caller))) };
  }

  #stop(cursor: number): void {
    if (this.#closed) return;
    this.#runner?.tell({ kind: 'stop', connection: this.#number, cursor }).catch(() => undefined);
  }

  /** A lock of somebody else is waited for here, so that the runner stays free for other connections of the request. */
  async #tell(order: Parameters<Runner['tell']>[0], caller: Caller): Promise<Answer> {
    const runner = this.#runner as Runner;
    const answer = await patiently(() => runner.tell(order, caller.signal), caller);
    this.#written.rowid = answer.rowid;
    this.#written.changes = answer.changes;
    return answer;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new SqlFault('the connection is closed'));
    const turn = this.#tail ? this.#tail.then(work, work) : work();
    const tail = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#tail === tail) this.#tail = undefined;
      });
    this.#tail = tail;
    return turn;
  }

  lastInsertRowid(): Later<bigint> {
    return this.#tail ? this.#tail.then(() => this.#written.rowid) : this.#written.rowid;
  }

  changes(): Later<bigint> {
    return this.#tail ? this.#tail.then(() => this.#written.changes) : this.#written.changes;
  }

  /** A statement is under way, or waits. */
  get isBusy(): boolean {
    return this.#tail !== undefined;
  }

  close(): void {
    if (!this.#runner && !this.#tail) {
      this.#closed = true;
      this.#session.forget(this);
      return;
    }
    const forget = (): void => this.#session.forget(this);
    this.end().then(forget, forget);
  }

  /** What is under way ends first. */
  end(): Promise<unknown> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    await this.#tail;
    this.#closed = true;
    await this.#runner?.tell({ kind: 'close', connection: this.#number });
  }
}
