// wasi:http/types fields. A list from outside is copied only when a guest changes it, and filtered only when it looks
// at it.
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import type { HeaderList } from '../../http-message.ts';
import { bytesFromValue, isForbidden, normalName, valueFromBytes } from './field-syntax.ts';
import { defaultHttpLimits, type HttpLimits, type HttpOwner, httpLimitsOf } from './state.ts';

export type HeaderError = { readonly tag: 'invalid-syntax' | 'forbidden' | 'immutable' };
type Entry = readonly [name: string, value: string];
type FieldResult = Result<undefined, HeaderError>;

const invalidSyntax = err<HeaderError>({ tag: 'invalid-syntax' });
const forbidden = err<HeaderError>({ tag: 'forbidden' });
const immutable = err<HeaderError>({ tag: 'immutable' });
const done: FieldResult = ok();
const none: Entry[] = [];
/** The count of the request's own fields, which never change and are not the guest's: it counts nothing. */
const uncounted = new HeldBytes(undefined);
/** Bytes of `: ` and the line end, so that the size is that of the wire. */
const entryOverhead = 4;

/**
 * The trap for fields that exceed a limit: header-error of 0.2 has no case for it, and 'invalid-syntax' would send the
 * author on a false track.
 */
export class FieldsOverLimit extends Trap {}

export class Fields {
  readonly #limits: HttpLimits;
  #entries: Entry[];
  /** Whether the array belongs to someone else, too: it must then be copied before the first change. */
  #shared = true;
  /** Whether the list may still hold fields that guests must not see. */
  #raw: boolean;
  readonly #isHidden: (name: string) => boolean;
  #frozen: boolean;
  readonly #held: HeldBytes;
  /** The number of the guest's handles and messages that have the fields: their bytes count until the last is gone. */
  #holders = 1;

  private constructor(
    limits: HttpLimits,
    entries: HeaderList,
    raw: boolean,
    frozen: boolean,
    held: HeldBytes = new HeldBytes(limits.held),
    isHidden: (name: string) => boolean = isForbidden,
  ) {
    this.#limits = limits;
    this.#entries = entries as Entry[];
    this.#raw = raw;
    this.#frozen = frozen;
    this.#isHidden = isHidden;
    this.#held = held;
  }

  static empty(limits: HttpLimits): Fields {
    return new Fields(limits, none, false, false);
  }

  /** The fields that came with the guest's own request: immutable, without those that guests must not see. */
  static incoming(list: HeaderList, isHidden = isForbidden): Fields {
    return new Fields(defaultHttpLimits, list, true, true, uncounted, isHidden);
  }

  /**
   * The fields of an answer that the guest has asked for; they are counted, since it may hold many. Undefined when
   * there is no room.
   */
  static received(list: HeaderList, limits: HttpLimits): Fields | undefined {
    const made = new Fields(limits, list, true, true);
    return made.#held.trySet(sizeOf(list)) ? made : undefined;
  }

  /** Bytes that the fields take of the account. */
  get heldBytes(): number {
    return this.#held.bytes;
  }

  /** Adds a handle on the fields. */
  share(): this {
    this.#holders++;
    return this;
  }

  /** The entries as they are, for a message that leaves the guest. The caller must not change them. */
  get list(): HeaderList {
    if (this.#raw) this.#filter();
    return this.#entries;
  }

  get count(): number {
    return this.list.length;
  }

  /** Makes the fields immutable, since they belong to a message: every change is answered with `immutable`. */
  freeze(): this {
    this.#frozen = true;
    return this;
  }

  get(name: string): Uint8Array[] {
    const key = normalName(name);
    const values: Uint8Array[] = [];
    for (const [entryName, value] of this.list) if (entryName === key) values.push(bytesFromValue(value));
    return values;
  }

  has(name: string): boolean {
    const key = normalName(name);
    return key !== undefined && this.list.some((entry) => entry[0] === key);
  }

  /** Replaces all values of a name; an empty list removes the name. */
  set(name: string, values: readonly Uint8Array[]): FieldResult {
    const key = normalName(name);
    const refusal = this.#refusal(key);
    if (refusal) return refusal;
    const entries: Entry[] = [];
    for (const bytes of values) {
      const value = valueFromBytes(bytes);
      if (value === undefined) return invalidSyntax;
      entries.push([key!, value]);
    }
    const before = this.#entries;
    const bytes = this.#held.bytes;
    this.#remove(key!);
    try {
      for (const entry of entries) this.#push(entry);
    } catch (error) {
      this.#entries = before;
      this.#held.set(bytes);
      this.#shared = true;
      throw error;
    }
    return done;
  }

  delete(name: string): FieldResult {
    const key = normalName(name);
    const refusal = this.#refusal(key);
    if (refusal) return refusal;
    this.#remove(key!);
    return done;
  }

  append(name: string, bytes: Uint8Array): FieldResult {
    const key = normalName(name);
    const refusal = this.#refusal(key);
    if (refusal) return refusal;
    const value = valueFromBytes(bytes);
    if (value === undefined) return invalidSyntax;
    this.#push([key!, value]);
    return done;
  }

  entries(): [string, Uint8Array][] {
    return this.list.map(([name, value]) => [name, bytesFromValue(value)]);
  }

  /** Makes a copy that may be changed, under the limits of the sandbox that asked for it. */
  clone(limits: HttpLimits): Fields {
    const list = this.list;
    const copy = new Fields(limits, list, false, false);
    const bytes = sizeOf(list);
    this.#shared = true;
    copy.#check(list.length, bytes);
    copy.#held.set(bytes);
    return copy;
  }

  /** Says that a handle, or a message that had the fields, is gone. */
  release(): void {
    this.#holders--;
    if (this.#holders === 0) this.#held.release();
  }

  #refusal(key: string | undefined): FieldResult | undefined {
    if (key === undefined) return invalidSyntax;
    if (isForbidden(key)) return forbidden;
    return this.#frozen ? immutable : undefined;
  }

  #filter(): void {
    this.#raw = false;
    const isHidden = this.#isHidden;
    if (this.#entries.some((entry) => isHidden(entry[0]))) {
      this.#entries = this.#entries.filter((entry) => !isHidden(entry[0]));
      this.#shared = false;
    }
  }

  #push(entry: Entry): void {
    const bytes = this.#held.bytes + entry[0].length + entry[1].length + entryOverhead;
    this.#check(this.#entries.length + 1, bytes);
    this.#own();
    this.#held.set(bytes);
    this.#entries.push(entry);
  }

  #remove(key: string): void {
    if (!this.#entries.some((entry) => entry[0] === key)) return;
    this.#entries = this.#entries.filter((entry) => entry[0] !== key);
    this.#shared = false;
    this.#held.set(sizeOf(this.#entries));
  }

  #own(): void {
    if (!this.#shared) return;
    this.#entries = this.#entries.slice();
    this.#shared = false;
  }

  #check(count: number, bytes: number): void {
    if (count > this.#limits.headerCount) {
      throw new FieldsOverLimit(`fields hold more than ${this.#limits.headerCount} entries (limit header_count)`);
    }
    if (bytes > this.#limits.headerBytes) {
      throw new FieldsOverLimit(`fields hold more than ${this.#limits.headerBytes} bytes (limit header_bytes)`);
    }
  }
}

function sizeOf(list: HeaderList): number {
  let bytes = 0;
  for (const [name, value] of list) bytes += name.length + value.length + entryOverhead;
  return bytes;
}

export function newFields(owner: HttpOwner): Fields {
  return Fields.empty(httpLimitsOf(owner));
}

export function fieldsFromList(
  owner: HttpOwner,
  entries: readonly [string, Uint8Array][],
): Result<Fields, HeaderError> {
  const fields = newFields(owner);
  for (const [name, value] of entries) {
    const result = fields.append(name, value);
    if (result.tag === 'err') return result;
  }
  return ok(fields);
}

export function dropFields(_owner: HttpOwner, self: Fields): void {
  self.release();
}

export function getField(_owner: HttpOwner, self: Fields, name: string): Uint8Array[] {
  return self.get(name);
}

export function hasField(_owner: HttpOwner, self: Fields, name: string): boolean {
  return self.has(name);
}

export function setField(_owner: HttpOwner, self: Fields, name: string, values: readonly Uint8Array[]): FieldResult {
  return self.set(name, values);
}

export function deleteField(_owner: HttpOwner, self: Fields, name: string): FieldResult {
  return self.delete(name);
}

export function appendField(_owner: HttpOwner, self: Fields, name: string, value: Uint8Array): FieldResult {
  return self.append(name, value);
}

export function allFields(_owner: HttpOwner, self: Fields): [string, Uint8Array][] {
  return self.entries();
}

export function cloneFields(owner: HttpOwner, self: Fields): Fields {
  return self.clone(httpLimitsOf(owner));
}
