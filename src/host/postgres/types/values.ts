// Values as guests have them: those of the newest interface, of which the older ones have a part each.
import type { WitDate, WitDatetime, WitTime } from './calendar.ts';

export type BoundKind = 'inclusive' | 'exclusive';
type Bound<T> = readonly [T, BoundKind] | undefined;
export type Range<T> = readonly [lower: Bound<T>, upper: Bound<T>];

export interface Interval {
  readonly micros: bigint;
  readonly days: number;
  readonly months: number;
}

export type SharedValue =
  | { readonly tag: 'boolean'; readonly val: boolean }
  | { readonly tag: 'int8' | 'int16' | 'int32' | 'floating32' | 'floating64'; readonly val: number }
  | { readonly tag: 'int64' | 'timestamp'; readonly val: bigint }
  | { readonly tag: 'str' | 'uuid' | 'decimal'; readonly val: string }
  | { readonly tag: 'binary' | 'jsonb'; readonly val: Uint8Array }
  | { readonly tag: 'date'; readonly val: WitDate }
  | { readonly tag: 'time'; readonly val: WitTime }
  | { readonly tag: 'datetime'; readonly val: WitDatetime }
  | { readonly tag: 'range-int32'; readonly val: Range<number> }
  | { readonly tag: 'range-int64'; readonly val: Range<bigint> }
  | { readonly tag: 'range-decimal'; readonly val: Range<string> }
  | { readonly tag: 'array-int32'; readonly val: readonly (number | undefined)[] }
  | { readonly tag: 'array-int64'; readonly val: readonly (bigint | undefined)[] }
  | { readonly tag: 'array-decimal' | 'array-str'; readonly val: readonly (string | undefined)[] }
  | { readonly tag: 'interval'; readonly val: Interval }
  | { readonly tag: 'db-null' };

/** In interfaces 1 and 2, too, of which PostgreSQL has no types. */
type UnsignedValue =
  | { readonly tag: 'uint8' | 'uint16' | 'uint32'; readonly val: number }
  | { readonly tag: 'uint64'; readonly val: bigint };

export type ParameterValue = SharedValue | UnsignedValue;
export type DbValue = SharedValue | { readonly tag: 'unsupported'; readonly val?: Uint8Array };

export type DataType = { readonly tag: string; readonly val?: string };

export interface Column {
  readonly name: string;
  readonly dataType: DataType;
}
