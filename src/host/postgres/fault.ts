// What goes wrong with a server, a statement or a value, as guests are told of it: the errors of interface 4, with texts as
// Spin has them, which are those of tokio-postgres.
import { ServiceFault as Fault, type ServiceFault } from '../guest-call.ts';
import { type DbErrorFields, debugText } from './wire/db-error.ts';

export interface DbError {
  readonly asText: string;
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly detail: string | undefined;
  readonly extras: readonly (readonly [string, string])[];
}

export type QueryError =
  | { readonly tag: 'text'; readonly val: string }
  | { readonly tag: 'db-error'; readonly val: DbError };

type TextTag = 'connection-failed' | 'bad-parameter' | 'value-conversion-failed' | 'other';

export type PgError =
  | { readonly tag: TextTag; readonly val: string }
  | { readonly tag: 'query-failed'; readonly val: QueryError };

export class PgFault extends Fault {
  override readonly name = 'PgFault';
  readonly error: PgError;

  constructor(error: PgError) {
    super(typeof error.val === 'string' ? error.val : queryText(error.val));
    this.error = error;
  }
}

export function fault(tag: TextTag, text: string): PgFault {
  return new PgFault({ tag, val: text });
}

export function queryFault(text: string): PgFault {
  return new PgFault({ tag: 'query-failed', val: { tag: 'text', val: text } });
}

/** In the words that Debug gives to an error of tokio-postgres. */
export function clientFault(kind: string, cause = 'None'): PgFault {
  return queryFault(`Error { kind: ${kind}, cause: ${cause} }`);
}

export function dbFault(fields: DbErrorFields): PgFault {
  const extras = extraFields.flatMap(([name, letter]) => {
    const value = fields.get(letter);
    return value === undefined ? [] : [[name, value] as const];
  });
  const val: DbError = {
    asText: `Error { kind: Db, cause: Some(${debugText(fields)}) }`,
    severity: fields.get('S') ?? '',
    code: fields.get('C') ?? '',
    message: fields.get('M') ?? '',
    detail: fields.get('D'),
    extras,
  };
  return new PgFault({ tag: 'query-failed', val: { tag: 'db-error', val } });
}

/** In Spin's order. */
const extraFields = [
  ['column', 'c'],
  ['constraint', 'n'],
  ['routine', 'R'],
  ['hint', 'H'],
  ['table', 't'],
  ['datatype', 'd'],
  ['schema', 's'],
  ['file', 'F'],
  ['line', 'L'],
  ['where_', 'W'],
] as const;

export function pgErrorOf(error: ServiceFault): PgError {
  return error instanceof PgFault ? error.error : { tag: 'other', val: error.message };
}

/** As the interfaces before 4 have it. */
export function queryText(error: QueryError): string {
  return error.tag === 'text' ? error.val : error.val.asText;
}
