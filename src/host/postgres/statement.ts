// One statement on a session, by the extended protocol: its parameters are checked against the types that the server says,
// and bound as data; its rows come at the pace of the one who reads them.
// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
import type { Caller } from '../guest-call.ts';
import type { Piece, RowRun } from '../sql/row-stream.ts';
import type { Channel, RowWatcher } from './channel.ts';
import { clientFault, dbFault, queryFault } from './fault.ts';
import { lookUpTypes } from './type-lookup.ts';
import { dataTypeOf, decodeValue } from './types/decode.ts';
import { encodeParameter, fitParameter } from './types/encode.ts';
import { knownType } from './types/type-names.ts';
import type { Column, DbValue, ParameterValue } from './types/values.ts';
import type { Frame } from './wire/frames.ts';
import {
  type ColumnDescription,
  readColumns,
  readErrorFields,
  readParameterTypes,
  readRow,
  readRowCount,
} from './wire/messages.ts';

/** In bytes, of what one statement gives, or a row of a stream; as in Spin. */
const MOST_RESULT_BYTES = 134_217_728;
/** What a value takes beside its bytes. */
const VALUE_BYTES = 24;
/** Rows of a stream that are asked for at once, and bytes of which a piece is made. */
const PIECE_ROWS = 1000;
const PIECE_BYTES = 262_144;
/** In bytes, of a row that is dropped. */
const MOST_UNWANTED = 16_777_216;
const MOST_PARAMETERS = 65_535;

export type DbRow = readonly DbValue[];

type Bodies = readonly (Buffer | null)[];

export interface StatementRequest {
  readonly text: string;
  readonly parameters: readonly ParameterValue[];
  /** Whether columns of other types are told with their names. */
  readonly namesTypes: boolean;
  /** `count`: no row is kept; `all`: rows count together; `stream`: each on its own, and some are asked for at a time. */
  readonly wants: 'count' | 'all' | 'stream';
}

/** A statement that is under way. */
export interface Run extends RowRun<Column, DbRow> {
  /** Rows touched, once the last piece was read. */
  readonly count: bigint;
}

/** The statement is over when `use` settles; what it has not read is dropped. */
export async function runStatement<T>(
  session: Channel,
  request: StatementRequest,
  caller: Caller,
  use: (run: Run) => Promise<T>,
): Promise<T> {
  if (request.text.includes('\0')) {
    throw clientFault('Encode', 'Some(Custom { kind: InvalidInput, error: "string contains embedded null" })');
  }
  const bodies = request.parameters.map(encodeParameter);
  const statement = new Statement(session, request, caller);
  session.onRows(statement);
  let result: T;
  try {
    await statement.begin(bodies);
    result = await use(statement);
  } catch (error) {
    await statement.end().catch(() => undefined); // The first error counts.
    throw error;
  }
  await statement.end();
  return result;
}

class Statement implements Run, RowWatcher {
  columns: readonly Column[] = [];
  count = 0n;
  readonly #session: Channel;
  readonly #request: StatementRequest;
  readonly #caller: Caller;
  #described: readonly ColumnDescription[] = [];
  #types: readonly number[] = [];
  #room = MOST_RESULT_BYTES;
  #isSynced = false;
  #suspended = false;
  #over = false;
  #isAtOnce = false;

  constructor(session: Channel, request: StatementRequest, caller: Caller) {
    this.#session = session;
    this.#request = request;
    this.#caller = caller;
  }

  /** Where all goes out at once, rows may come in one packet with what they are, and count by it. */
  described(body: Buffer): void {
    if (this.#isAtOnce) this.#described = readColumns(body);
  }

  announced(bytes: number): void {
    if (this.#over) {
      if (bytes > MOST_UNWANTED) throw queryFault('a row that nobody reads is too long');
      return;
    }
    const cost = this.#costOf(bytes);
    if (cost > (this.#request.wants === 'all' ? this.#room : MOST_RESULT_BYTES)) {
      throw queryFault(`query result exceeds limit of ${MOST_RESULT_BYTES} bytes`);
    }
    this.#caller.keep(cost);
    this.#room -= cost;
  }

  /** Binds the parameters, and lets the server begin. */
  async begin(bodies: Bodies): Promise<void> {
    if (await this.#beginAtOnce(bodies)) return;
    await this.#prepare();
    this.#session.parameterTypes.keep(this.#request.text, this.#types);
    await this.#start(bodies);
  }

  /**
   * Does all in one exchange when the types of the parameters are known from before. The server is told which types they
   * are, so that it never takes a value for one of another type; where they do not fit any more it refuses the statement.
   * False then, and when nothing is known: nothing was done.
   */
  async #beginAtOnce(bodies: Bodies): Promise<boolean> {
    const { wire, inbox, parameterTypes, isInTransaction } = this.#session;
    const { text } = this.#request;
    const types = parameterTypes.get(text);
    const values = types && this.#fitting(bodies, types);
    if (!types || !values) return false;
    this.#isAtOnce = true;
    together(wire.stream, () => {
      wire.parse({ text, types: [...types] });
      wire.describe({ type: 'S' });
      wire.bind({ binary: true, values });
      this.#execute();
    });
    for (const expected of ['1', 't', 'Tn', '2']) {
      const frame = await inbox.next();
      // An error in a transaction is one for the guest, since it has ended the transaction.
      if (frame.type === 'E' && !isInTransaction) {
        parameterTypes.forget(text);
        this.#sync();
        await this.#session.settle();
        this.#isSynced = false;
        this.#isAtOnce = false;
        return false;
      }
      if (!expected.includes(frame.type)) this.#unexpected(frame);
    }
    this.#nameColumns();
    return true;
  }

  /** The values for parameters of these types; undefined when they do not fit. */
  #fitting(bodies: Bodies, types: readonly number[]): (Buffer | null)[] | undefined {
    try {
      return this.#fit(bodies, types);
    } catch {
      return undefined;
    }
  }

  async #prepare(): Promise<void> {
    const { wire } = this.#session;
    together(wire.stream, () => {
      wire.parse({ text: this.#request.text });
      wire.describe({ type: 'S' });
      wire.flush();
    });
    await this.#expect('1');
    this.#types = readParameterTypes((await this.#expect('t')).body);
    const rows = await this.#expect('T', 'n');
    this.#described = rows.type === 'T' ? readColumns(rows.body) : [];
    const { parameters, namesTypes } = this.#request;
    const unknown = [
      ...this.#types.filter((_, index) => parameters[index] && parameters[index].tag !== 'db-null'),
      ...(namesTypes ? this.#described.map(({ type }) => type) : []),
    ].filter((type) => knownType(type) === undefined);
    if (unknown.length > 0) await lookUpTypes(this.#session, unknown, (...types) => this.#expect(...types));
    this.#nameColumns();
  }

  #nameColumns(): void {
    const { typeNames } = this.#session;
    this.columns = this.#described.map(({ name, type }) => ({
      name,
      dataType: dataTypeOf(type) ?? { tag: 'other', val: knownType(type) ?? typeNames.get(type) ?? String(type) },
    }));
  }

  #fit(bodies: Bodies, types: readonly number[]): (Buffer | null)[] {
    if (bodies.length !== types.length || bodies.length > MOST_PARAMETERS) {
      throw clientFault(`Parameters(${bodies.length}, ${types.length})`);
    }
    const { typeNames } = this.#session;
    return bodies.map((body, index) => {
      const type = types[index]!;
      const name = knownType(type) ?? typeNames.get(type) ?? String(type);
      return fitParameter(body, this.#request.parameters[index]!.tag, name, index);
    });
  }

  async #start(bodies: Bodies): Promise<void> {
    const { wire } = this.#session;
    const values = this.#fit(bodies, this.#types);
    together(wire.stream, () => {
      wire.bind({ binary: true, values });
      this.#execute();
    });
    await this.#expect('2');
  }

  /** The next rows. After the last piece there is none. */
  async next(): Promise<Piece<DbRow>> {
    const rows: DbRow[] = [];
    let bytes = 0;
    if (this.#suspended) this.#goOn();
    for (;;) {
      const frame = await this.#session.inbox.next();
      switch (frame.type) {
        case 'D': {
          const cost = this.#costOf(frame.body.length);
          if (this.#request.wants === 'count') {
            this.#caller.keep(-cost);
            break;
          }
          bytes += cost;
          rows.push(
            readRow(frame.body).map((body, index) => decodeValue(body, this.#described[index]?.type ?? 0, index)),
          );
          if (bytes >= PIECE_BYTES) return { rows, bytes, isLast: false };
          break;
        }
        case 's':
          this.#suspended = true;
          if (rows.length > 0) return { rows, bytes, isLast: false };
          this.#goOn();
          break;
        case 'C':
          this.count = readRowCount(frame.body);
          return { rows, bytes, isLast: true };
        case 'I':
          return { rows, bytes, isLast: true };
        default:
          this.#unexpected(frame);
      }
    }
  }

  /** Drops what is still to come. Rejects when the statement fails at its very end, as with constraints that wait for it. */
  async end(): Promise<void> {
    this.#over = true;
    if (!this.#session.isOpen) return;
    this.#sync();
    const failed = await this.#session.settle();
    if (failed) throw dbFault(failed);
  }

  #execute(): void {
    const { wire } = this.#session;
    const isStream = this.#request.wants === 'stream';
    this.#suspended = false;
    wire.execute({ portal: '', rows: isStream ? PIECE_ROWS : 0 });
    if (isStream) wire.flush();
    else this.#sync();
  }

  #goOn(): void {
    together(this.#session.wire.stream, () => this.#execute());
  }

  #sync(): void {
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#session.wire.sync();
  }

  async #expect(...types: readonly string[]): Promise<Frame> {
    const frame = await this.#session.inbox.next();
    return types.includes(frame.type) ? frame : this.#unexpected(frame);
  }

  #unexpected({ type, body }: Frame): never {
    if (type === 'E') throw dbFault(readErrorFields(body));
    const fault = clientFault('UnexpectedMessage');
    if (type === 'G') this.#refuseCopy();
    else this.#session.break(fault);
    throw fault;
  }

  /** The server takes no Sync while it waits for data, and wants one after the refusal. */
  #refuseCopy(): void {
    this.#isSynced = false;
    this.#session.wire.sendCopyFail('COPY is not supported');
  }

  #costOf(bytes: number): number {
    return bytes + VALUE_BYTES * this.#described.length;
  }
}

function together(stream: { cork(): void; uncork(): void }, write: () => void): void {
  stream.cork();
  write();
  stream.uncork();
}
