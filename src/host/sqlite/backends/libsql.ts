// Databases on a libSQL server (sqld, Turso), over HTTP: Hrana over HTTP, version 2. Each connection is a stream there, which
// a baton leads on. https://github.com/tursodatabase/libsql/blob/main/docs/HTTP_V2_SPEC.md
import { messageOf } from '../../../errors.ts';
import { jsonWeight } from '../../json-weight.ts';
import {
  type Caller,
  type Connection,
  type Database,
  MOST_RESULT_BYTES,
  type Query,
  resultTooLarge,
  type Session,
  SqlFault,
  type SqlRow,
  type SqlValue,
} from '../database.ts';

export interface LibsqlOptions {
  /** `libsql:` stands for `https:`. */
  readonly url: string;
  readonly token: string;
}

interface StreamResult {
  readonly type: 'ok' | 'error';
  readonly response?: { readonly result?: StatementResult };
  readonly error?: { readonly message?: string };
}
interface StatementResult {
  readonly cols: readonly { readonly name: string | null }[];
  readonly rows: readonly (readonly HranaValue[])[];
  readonly affected_row_count: number;
  readonly last_insert_rowid: string | null;
}
type HranaValue =
  | { readonly type: 'null' }
  | { readonly type: 'integer' | 'text'; readonly value: string }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'blob'; readonly base64: string };

/** Nobody waits for the end of a stream. */
const CLOSE_MS = 5000;

export async function libsqlDatabase({ url, token }: LibsqlOptions): Promise<Database> {
  const base = url.replace(/^libsql:/, 'https:').replace(/\/+$/, '');
  const open = new Set<LibsqlConnection>();
  return {
    session(): Session {
      const own = new Set<Connection>();
      return {
        connect() {
          const connection = new LibsqlConnection(base, token, open);
          own.add(connection);
          return connection;
        },
        close() {
          for (const connection of own) connection.close();
        },
      };
    },
    async start(statements, all) {
      const connection = new LibsqlConnection(base, token, open);
      const caller = { signal: AbortSignal.timeout(30_000), keep: () => undefined };
      if (all) await connection.sequence(statements, caller);
      else await connection.query(statements, [], caller);
      connection.close();
    },
    close() {
      for (const connection of open) connection.close();
    },
  };
}

class LibsqlConnection implements Connection {
  #base: string;
  readonly #token: string;
  readonly #open: Set<LibsqlConnection>;
  #baton: string | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #rowid = 0n;
  #changes = 0n;
  #closed = false;

  constructor(base: string, token: string, open: Set<LibsqlConnection>) {
    this.#base = base;
    this.#token = token;
    this.#open = open;
  }

  query(statement: string, parameters: readonly SqlValue[], caller: Caller): Promise<Query> {
    return this.#inTurn(async () => {
      const args = parameters.map(toHrana).join(',');
      const sql = JSON.stringify(statement);
      const request = `{"type":"execute","stmt":{"sql":${sql},"args":[${args}],"want_rows":true}}`;
      const result = (await this.#send(request, caller))?.result;
      if (!result) throw new SqlFault('the server gave no result');
      return understood(() => {
        this.#changes = integerOf(result.affected_row_count);
        if (result.last_insert_rowid !== null) this.#rowid = integerOf(result.last_insert_rowid);
        return {
          columns: result.cols.map(({ name }) => String(name ?? '')),
          rows: result.rows.map((row): SqlRow => row.map(fromHrana)),
          next: undefined,
        };
      });
    });
  }

  /** Several statements, without results. */
  async sequence(statements: string, caller: Caller): Promise<void> {
    await this.#inTurn(() => this.#send(`{"type":"sequence","sql":${JSON.stringify(statements)}}`, caller));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work, work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #send(request: string, caller: Caller): Promise<StreamResult['response']> {
    if (this.#closed) throw new SqlFault('the connection is closed');
    const baton = this.#baton === undefined ? 'null' : JSON.stringify(this.#baton);
    let answer: { baton?: string | null; base_url?: string | null; results?: readonly StreamResult[] };
    try {
      answer = JSON.parse(await this.#post(`{"baton":${baton},"requests":[${request}]}`, caller));
    } catch (error) {
      this.#baton = undefined; // The server closes a stream whose request failed.
      if (caller.signal.aborted || error instanceof SqlFault) throw error;
      const cause = (error as Error).cause ?? error;
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      throw new SqlFault(`libSQL: ${messageOf(cause)}`, { cause: error });
    }
    return understood(() => {
      this.#baton = typeof answer.baton === 'string' ? answer.baton : undefined;
      if (this.#baton !== undefined) this.#open.add(this);
      const [first] = answer.results ?? [];
      if (first?.type !== 'ok') throw new SqlFault(String(first?.error?.message ?? 'the server gave no result'));
      return first.response;
    });
  }

  async #post(body: string, caller: Caller): Promise<string> {
    const { signal } = caller;
    signal.throwIfAborted();
    const headers = {
      'content-type': 'application/json',
      ...(this.#token && { authorization: `Bearer ${this.#token}` }),
    };
    // A redirect would carry the token elsewhere.
    const response = await fetch(`${this.#base}/v2/pipeline`, {
      method: 'POST',
      headers,
      body,
      signal,
      redirect: 'error',
    });
    const text = await textOf(response, caller);
    if (!response.ok) throw new SqlFault(`libSQL: the server answered ${response.status}: ${detailOf(text)}`);
    return text;
  }

  lastInsertRowid(): Promise<bigint> {
    return this.#inTurn(async () => this.#rowid);
  }

  changes(): Promise<bigint> {
    return this.#inTurn(async () => this.#changes);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#open.delete(this);
    if (this.#baton === undefined) return;
    const body = `{"baton":${JSON.stringify(this.#baton)},"requests":[{"type":"close"}]}`;
    const caller = { signal: AbortSignal.timeout(CLOSE_MS), keep: () => undefined };
    this.#post(body, caller).catch(() => undefined);
  }
}

/** Counted as it comes. */
async function textOf(response: Response, caller: Caller): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_RESULT_BYTES) throw resultTooLarge();
    caller.keep(chunk.byteLength);
    parts.push(chunk);
  }
  const whole = Buffer.concat(parts);
  caller.keep(jsonWeight(whole));
  return whole.toString();
}

function detailOf(text: string): string {
  try {
    const { error, message } = JSON.parse(text) as { error?: unknown; message?: unknown };
    return String(error ?? message ?? text).slice(0, 500);
  } catch {
    return text.slice(0, 500);
  }
}

/** As text of JSON, in which -0 is a number of its own. */
function toHrana(value: SqlValue): string {
  if (value === null || Number.isNaN(value)) return '{"type":"null"}';
  if (typeof value === 'bigint') return `{"type":"integer","value":"${value}"}`;
  if (typeof value === 'string') return `{"type":"text","value":${JSON.stringify(value)}}`;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new SqlFault(`${value} cannot be sent to the server: its protocol is JSON`);
    return `{"type":"float","value":${Object.is(value, -0) ? '-0.0' : JSON.stringify(value)}}`;
  }
  const { buffer, byteOffset, byteLength } = value;
  return `{"type":"blob","base64":"${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}"}`;
}

/** An answer that has not the form of the protocol is a fault of the server, whatever reading it meets. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SqlFault) throw error;
    throw new SqlFault('libSQL: the server gave an answer that is none', { cause: error });
  }
}

function integerOf(value: unknown): bigint {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  const integer = /^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  if (integer !== undefined && BigInt.asIntN(64, integer) === integer) return integer;
  throw new SqlFault('libSQL: the server gave an integer that is none');
}

function fromHrana(value: HranaValue): SqlValue {
  switch (value.type) {
    case 'null':
      return null;
    case 'integer':
      return integerOf(value.value);
    case 'float':
      if (typeof value.value === 'number') return value.value;
      break;
    case 'text':
      if (typeof value.value === 'string') return value.value;
      break;
    case 'blob':
      if (typeof value.base64 === 'string') return Uint8Array.from(Buffer.from(value.base64, 'base64'));
      break;
    default:
      throw new SqlFault(`the server gave a value of an unknown type, "${(value as { type: string }).type}"`);
  }
  throw new SqlFault('libSQL: the server gave a value that is not of its type');
}
