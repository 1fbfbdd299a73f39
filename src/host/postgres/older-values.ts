// Results as the interfaces before 4 have them: enumerations for types, and `unsupported` for what they have no case for.
import { type PgError, queryText } from './fault.ts';
import type { RowSet } from './query.ts';
import type { DbValue } from './types/values.ts';

/** The cases of values besides `unsupported`; those of types are the same, and `other`. */
const cases2 = ['boolean', 'int8', 'int16', 'int32', 'int64', 'floating32', 'floating64', 'str', 'binary'];
const cases3 = [...cases2, 'date', 'time', 'datetime', 'timestamp'];

export interface OlderRowSet {
  readonly columns: readonly { readonly name: string; readonly dataType: string }[];
  readonly rows: readonly (readonly DbValue[])[];
}

const unsupported: DbValue = { tag: 'unsupported' };

function older(cases: ReadonlySet<string>, { columns, rows }: RowSet): OlderRowSet {
  const value = (one: DbValue): DbValue => (one.tag === 'db-null' || cases.has(one.tag) ? one : unsupported);
  return {
    columns: columns.map(({ name, dataType: { tag } }) => ({ name, dataType: cases.has(tag) ? tag : 'other' })),
    rows: rows.map((row) => row.map(value)),
  };
}

const set2 = new Set(cases2);
const set3 = new Set(cases3);
export const rowSet2 = (rows: RowSet): OlderRowSet => older(set2, rows);
export const rowSet3 = (rows: RowSet): OlderRowSet => older(set3, rows);

/** Of interfaces 2 and 3. */
export interface OlderError {
  readonly tag: string;
  readonly val: string;
}

export function olderError({ tag, val }: PgError): OlderError {
  return { tag, val: typeof val === 'string' ? val : queryText(val) };
}

export function error1(error: PgError): OlderError {
  const { tag, val } = olderError(error);
  return { tag: tag === 'other' ? 'other-error' : tag, val };
}
