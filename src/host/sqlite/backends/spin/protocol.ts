// What the host and a runner tell each other: values that structured cloning keeps as they are.
import type { SqlRow, SqlValue } from '../../database.ts';
import type { Written } from './in-place.ts';

export interface OpenOptions {
  readonly path: string;
  readonly allowAttachFile: boolean;
  /** In a temporary place: a power failure may take all of it. */
  readonly temporary: boolean;
}

export type Order =
  | { readonly kind: 'open'; readonly connection: number; readonly options: OpenOptions; readonly written: Written }
  | {
      readonly kind: 'query';
      readonly connection: number;
      readonly statement: string;
      readonly parameters: readonly SqlValue[];
    }
  | { readonly kind: 'next'; readonly connection: number; readonly cursor: number }
  | { readonly kind: 'stop'; readonly connection: number; readonly cursor: number }
  | { readonly kind: 'close'; readonly connection: number };

export interface Request {
  readonly id: number;
  readonly order: Order;
}

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly SqlRow[];
  /** The rows behind; undefined at the end. */
  readonly cursor: number | undefined;
  readonly rowid: bigint;
  readonly changes: bigint;
}

export interface Failure {
  readonly message: string;
  /** SQLite's result code. */
  readonly errcode: number | undefined;
}

export type Reply =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly failure: Failure };
