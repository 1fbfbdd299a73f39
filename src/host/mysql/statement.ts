// One statement on a session: prepared, so that its parameters are data, and executed; its rows come in binary format, at
// the pace of the one who reads them.
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase_ps.html
import type { Caller } from '../guest-call.ts';
import type { Piece, RowRun } from '../sql/row-stream.ts';
import type { Channel } from './channel.ts';
import { MysqlFault, protocolFault } from './fault.ts';
import { type DataType, type DbValue, dataTypeOf, encodeParameter, type ParameterValue, readRow } from './values.ts';
import {
  type ColumnDefinition,
  ERROR,
  isEnd,
  LOCAL_FILE,
  MORE_RESULTS,
  OK,
  type Prepared,
  Reader,
  readColumn,
  readError,
  readPrepared,
  statusOfEnd,
  statusOfOk,
} from './wire/messages.ts';

const COM_STMT_PREPARE = 0x16;
const COM_STMT_EXECUTE = 0x17;
const COM_STMT_CLOSE = 0x19;

/** In bytes, of what one statement gives, or a row of a stream; as in Spin. */
const MOST_RESULT_BYTES = 134_217_728;
/** What a value takes beside its bytes. */
const VALUE_BYTES = 24;
/** In bytes, of which a piece is made, and that are read to the end when nobody wants them. */
const PIECE_BYTES = 262_144;
const MOST_UNWANTED = 16_777_216;
const MOST_COLUMNS = 4096;
/** In bytes; what is longer comes in several packets. */
const MOST_OF_PACKET = 0xffffff;

export type DbRow = readonly DbValue[];

export interface Column {
  readonly name: string;
  readonly dataType: DataType;
}

export interface StatementRequest {
  readonly text: string;
  readonly parameters: readonly ParameterValue[];
  /** `nothing`: no row is kept; `all`: rows count together; `stream`: each on its own. */
  readonly wants: 'nothing' | 'all' | 'stream';
}

export type Run = RowRun<Column, DbRow>;

/** The statement is over when `use` settles; what it has not read is dropped. */
export async function runStatement<T>(
  session: Channel,
  request: StatementRequest,
  caller: Caller,
  use: (run: Run) => Promise<T>,
): Promise<T> {
  const statement = new Statement(session, request, caller);
  let result: T;
  try {
    await statement.prepare();
    await statement.start();
    result = await use(statement);
  } catch (error) {
    await statement.end().catch(() => undefined); // The first error counts.
    throw error;
  }
  await statement.end();
  return result;
}

class Statement implements Run {
  columns: readonly Column[] = [];
  readonly #session: Channel;
  readonly #request: StatementRequest;
  readonly #caller: Caller;
  #prepared: Prepared | undefined;
  #definitions: readonly ColumnDefinition[] = [];
  #room = MOST_RESULT_BYTES;
  /** Whether the server has said all that it has to say. */
  #isComplete = true;
  /** Whether what comes now is dropped. */
  #isOver = false;

  constructor(session: Channel, request: StatementRequest, caller: Caller) {
    this.#session = session;
    this.#request = request;
    this.#caller = caller;
  }

  async prepare(): Promise<void> {
    this.#session.send(COM_STMT_PREPARE, Buffer.from(this.#request.text));
    const body = await this.#next();
    if (body[0] !== OK) throw protocolFault('this is no answer to a statement');
    this.#prepared = readPrepared(body);
    const { parameters, columns } = this.#prepared;
    for (const count of [parameters, columns]) {
      for (let index = 0; index < count; index++) await this.#next();
      if (count > 0 && !isEnd(await this.#next())) throw protocolFault('definitions have no end');
    }
    const supplied = this.#request.parameters.length;
    if (supplied !== parameters) {
      const what = `Driver(StmtParamsMismatch { required: ${parameters}, supplied: ${supplied} })`;
      throw new MysqlFault('query-failed', what);
    }
  }

  async start(): Promise<void> {
    const encoded = this.#request.parameters.map(encodeParameter);
    const nulls = Buffer.alloc(Math.ceil(encoded.length / 8));
    for (const [index, { tag }] of this.#request.parameters.entries()) {
      if (tag === 'db-null') nulls[index >> 3]! |= 1 << (index & 7);
    }
    const bound = encoded.length > 0 ? [nulls, Buffer.of(1)] : [];
    const types = encoded.map(({ type }) => Buffer.of(...type));
    const head = Buffer.concat([this.#id(), Buffer.of(0, 1, 0, 0, 0)]);
    this.#isComplete = false;
    this.#session.onRows((bytes) => this.#announced(bytes));
    this.#session.send(COM_STMT_EXECUTE, head, ...bound, ...types, ...encoded.map(({ body }) => body));
    await this.#result(await this.#next());
  }

  /** The next rows. After the last piece there is none. */
  async next(): Promise<Piece<DbRow>> {
    const rows: DbRow[] = [];
    let bytes = 0;
    while (!this.#isComplete) {
      const { body } = await this.#session.inbox.next();
      if (body[0] === ERROR) this.#fail(body);
      if (isEnd(body)) {
        await this.#drainResults(statusOfEnd(body));
        break;
      }
      const cost = this.#counted(body.length);
      if (this.#request.wants === 'nothing') {
        this.#caller.keep(-cost);
        continue;
      }
      rows.push(readRow(body, this.#definitions));
      bytes += cost;
      if (bytes >= PIECE_BYTES) return { rows, bytes, isLast: false };
    }
    return { rows, bytes, isLast: true };
  }

  /** Reads what is left, or breaks the connection when that is much; then the server forgets the statement. */
  async end(): Promise<void> {
    this.#isOver = true;
    let unwanted = 0;
    while (!this.#isComplete && this.#session.isOpen) {
      const { body } = await this.#session.inbox.next();
      unwanted += body.length;
      if (body[0] === ERROR) this.#isComplete = true;
      else if (isEnd(body)) await this.#drainResults(statusOfEnd(body));
      else if (unwanted > MOST_UNWANTED) this.#session.break(protocolFault('too many rows were not read'));
    }
    if (this.#prepared && this.#session.isOpen) this.#session.send(COM_STMT_CLOSE, this.#id());
  }

  /** Reads the head of a result: OK, or columns. */
  async #result(body: Buffer): Promise<void> {
    if (body[0] === LOCAL_FILE) {
      const refused = protocolFault('it asks for a file');
      this.#session.break(refused);
      throw refused;
    }
    if (body[0] === OK) {
      await this.#drainResults(statusOfOk(body));
      return;
    }
    const count = new Reader(body).length();
    if (count > MOST_COLUMNS) throw this.#broken('a result has too many columns');
    const definitions: ColumnDefinition[] = [];
    for (let index = 0; index < count; index++) {
      definitions.push(readColumn(await this.#next(), this.#session.isExtended));
    }
    if (!isEnd(await this.#next())) throw this.#broken('columns have no end');
    this.#definitions = definitions;
    this.columns = definitions.map((definition) => ({ name: definition.name, dataType: dataTypeOf(definition) }));
  }

  /** Procedures give several results: the first is the one that counts, as in Spin. */
  async #drainResults(status: number): Promise<void> {
    let isMore = (status & MORE_RESULTS) !== 0;
    this.#isOver = true;
    while (isMore) {
      const head = await this.#next();
      if (head[0] === OK) {
        isMore = (statusOfOk(head) & MORE_RESULTS) !== 0;
        continue;
      }
      while (!isEnd(await this.#next())) {
        // These are its columns.
      }
      for (let row = await this.#next(); ; row = await this.#next()) {
        if (!isEnd(row)) continue;
        isMore = (statusOfEnd(row) & MORE_RESULTS) !== 0;
        break;
      }
    }
    this.#isComplete = true;
  }

  /** So many bytes come of a packet. */
  #announced(bytes: number): void {
    if (!this.#isOver) this.#keep(bytes);
    else if (bytes >= MOST_OF_PACKET) throw protocolFault('a row that nobody reads is too long');
  }

  /** What a row of so many bytes counts, together with its values. */
  #counted(bytes: number): number {
    const beside = VALUE_BYTES * this.#definitions.length;
    this.#keep(beside);
    return bytes + beside;
  }

  #keep(bytes: number): void {
    if (bytes > (this.#request.wants === 'all' ? this.#room : MOST_RESULT_BYTES)) {
      throw new MysqlFault('other', `query result exceeds limit of ${MOST_RESULT_BYTES} bytes`);
    }
    this.#caller.keep(bytes);
    this.#room -= bytes;
  }

  async #next(): Promise<Buffer> {
    const { body } = await this.#session.inbox.next();
    if (body[0] === ERROR) this.#fail(body);
    return body;
  }

  #fail(body: Buffer): never {
    this.#isComplete = true;
    throw readError(body);
  }

  #broken(what: string): MysqlFault {
    const fault = protocolFault(what);
    this.#session.break(fault);
    return fault;
  }

  #id(): Buffer {
    const id = Buffer.alloc(4);
    id.writeUInt32LE(this.#prepared?.id ?? 0);
    return id;
  }
}
