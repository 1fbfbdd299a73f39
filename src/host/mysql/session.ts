// One connection to a server, with its session: statements, one after another, each ended with its caller. statement.ts has
// how one is run.
import type { Caller } from '../guest-call.ts';
import type { SharedSession } from '../network/leased-connections.ts';
import { Inbox } from '../sql/inbox.ts';
import { StatementTurns } from '../sql/statement-turns.ts';
import type { MysqlAddress } from './address.ts';
import type { Channel } from './channel.ts';
import { closedFault, MysqlFault, protocolFault } from './fault.ts';
import { type Run, runStatement, type StatementRequest } from './statement.ts';
import type { Opened } from './wire/connect.ts';
import { requestKill } from './wire/kill.ts';
import { ERROR, readError } from './wire/messages.ts';
import type { Packet } from './wire/packets.ts';

/** In milliseconds; putting a session back may take so long. */
const RESET_MS = 5000;
const LEAVE_MS = 1000;
/** In bytes, of a packet that is no row. */
const MOST_PACKET = 1_048_576;

const COM_QUIT = 0x01;
const COM_INIT_DB = 0x02;
const COM_QUERY = 0x03;
const COM_RESET_CONNECTION = 0x1f;

type RowAnnounced = (bytes: number) => void;

export class MysqlSession implements SharedSession, Channel {
  readonly inbox: Inbox<Packet>;
  readonly isExtended: boolean;
  readonly #opened: Opened;
  readonly #address: MysqlAddress;
  readonly #turns = new StatementTurns((error) => this.#end(error));
  #rowAnnounced: RowAnnounced | undefined;
  #failure: Error | undefined;

  constructor(opened: Opened, address: MysqlAddress) {
    this.#opened = opened;
    this.#address = address;
    this.isExtended = opened.isExtended;
    this.inbox = new Inbox<Packet>(opened.socket);
    opened.hand({
      announced: (bytes) => this.#orEnd(() => this.#announced(bytes)),
      take: (packet) => this.#orEnd(() => this.#take(packet)),
      ended: (error) => this.#end(error),
    });
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** Runs a statement when those before it are done. Rejects with a MysqlFault, a Trap or the reason of the signal. */
  async run<T>(request: StatementRequest, caller: Caller, use: (run: Run) => Promise<T>): Promise<T> {
    try {
      return await this.#turns.take(caller, async () => {
        if (this.#failure) throw this.#failure;
        return runStatement(this, request, caller, use).finally(() => this.onRows(undefined));
      });
    } catch (error) {
      throw told(error);
    }
  }

  whenDone(): Promise<void> {
    return this.#turns.whenDone();
  }

  send(command: number, ...parts: readonly Buffer[]): void {
    this.#opened.send(Buffer.concat([Buffer.of(command), ...parts]));
  }

  onRows(announced: RowAnnounced | undefined): void {
    this.#rowAnnounced = announced;
  }

  break(error: Error): void {
    this.#end(error);
  }

  /**
   * Takes back transactions, variables, tables and locks. The server keeps the database that was chosen, and forgets the
   * character set: both are set anew.
   */
  async reset(): Promise<void> {
    if (this.#turns.isBusy) throw new Error('a statement is under way');
    const timer = setTimeout(() => this.#end(new Error('the session could not be put back')), RESET_MS);
    const { database } = this.#address;
    try {
      await this.#turns.alone(async () => {
        await this.#command(COM_RESET_CONNECTION);
        await this.#command(COM_QUERY, Buffer.from('SET NAMES utf8mb4'));
        if (database !== undefined) await this.#command(COM_INIT_DB, Buffer.from(database));
      });
      if (database === undefined && (await this.#hasDatabase())) throw new Error('a database was chosen');
    } finally {
      clearTimeout(timer);
    }
  }

  destroy(): void {
    if (!this.isOpen || this.#turns.isBusy) {
      this.#end(closedFault());
      return;
    }
    this.#failure = closedFault();
    this.send(COM_QUIT);
    this.#opened.socket.end();
    setTimeout(() => this.#opened.socket.destroy(), LEAVE_MS).unref();
  }

  async #hasDatabase(): Promise<boolean> {
    const request: StatementRequest = { text: 'SELECT DATABASE()', parameters: [], wants: 'all' };
    const caller = { signal: AbortSignal.timeout(RESET_MS), keep: () => undefined };
    const { rows } = await this.run(request, caller, (run) => run.next());
    return rows[0]?.[0]?.tag !== 'db-null';
  }

  async #command(command: number, ...parts: readonly Buffer[]): Promise<void> {
    this.send(command, ...parts);
    const { body } = await this.inbox.next();
    if (body[0] === ERROR) throw readError(body);
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

  #announced(bytes: number): void {
    if (this.#rowAnnounced) this.#rowAnnounced(bytes);
    else if (bytes > MOST_PACKET) throw protocolFault('a packet is too long');
  }

  #take(packet: Packet): void {
    if (!this.#turns.isBusy) throw protocolFault('it says something that nobody asked for');
    this.inbox.put(packet);
  }

  /** Idempotent; the first error is told to all. */
  #end(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    const { socket, threadId } = this.#opened;
    if (this.#turns.isBusy && !socket.destroyed) requestKill(this.#address, threadId);
    socket.destroy();
    this.inbox.end(error);
  }
}

/** What a caller gets to know: its own signal's reason, and no error of the socket. */
function told(error: unknown): unknown {
  if (error instanceof MysqlFault || !(error instanceof Error)) return error;
  if (error instanceof RangeError) return protocolFault(error.message);
  return 'code' in error || /^the connection /.test(error.message) ? closedFault() : error;
}
