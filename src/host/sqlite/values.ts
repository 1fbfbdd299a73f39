// Values of WIT's `value` as the databases have them, and back.
import type { SqlRow, SqlValue } from './database.ts';

export type WitValue =
  | { readonly tag: 'integer'; readonly val: bigint }
  | { readonly tag: 'real'; readonly val: number }
  | { readonly tag: 'text'; readonly val: string }
  | { readonly tag: 'blob'; readonly val: Uint8Array }
  | { readonly tag: 'null' };

export interface WitRow {
  readonly values: readonly WitValue[];
}

export function fromWit(value: WitValue): SqlValue {
  return value.tag === 'null' ? null : value.val;
}

export function toWitRow(row: SqlRow): WitRow {
  return { values: row.map(toWit) };
}

const none: WitValue = { tag: 'null' };

function toWit(value: SqlValue): WitValue {
  if (value === null) return none;
  switch (typeof value) {
    case 'bigint':
      return { tag: 'integer', val: value };
    case 'number':
      return { tag: 'real', val: value };
    case 'string':
      return { tag: 'text', val: value };
    default:
      return { tag: 'blob', val: value };
  }
}
