// The numbers of what is no data: resources, streams and futures, in the order in which they cross.
import type { ValType } from '../component/types/val-type.ts';
import { Fields } from '../host/wasi/http/fields.ts';
import type { Numbering } from './values.ts';

export interface Newcomers {
  /** Header fields, which a response may be made of without the guest looking at them. */
  fields(number: number, fields: Fields): void;
  /** A stream or a future. */
  stream(number: number, object: unknown, type: StreamType): void;
}

export type StreamType = Extract<ValType, { kind: 'stream' | 'future' }>;

export class Numbers implements Numbering {
  readonly #numbers = new Map<unknown, number>();
  readonly #newcomers: Newcomers;

  constructor(newcomers: Newcomers) {
    this.#newcomers = newcomers;
  }

  numberOf(object: unknown, type: ValType): number {
    const known = this.#numbers.get(object);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(object, number);
    if (object instanceof Fields) this.#newcomers.fields(number, object);
    else if (type.kind === 'stream' || type.kind === 'future') this.#newcomers.stream(number, object, type);
    return number;
  }

  objectOf(): never {
    throw new Error('A recorder makes no objects');
  }
}
