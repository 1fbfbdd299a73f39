// The text of a function's type, as src/component/types/print.ts writes it, read again: for what guests are generated from.

/** A type: its word, and its parts. A part has a name in records, variants, enums and flags. */
export interface Type {
  readonly kind: string;
  readonly parts: readonly Part[];
}

export interface Part {
  readonly name: string;
  /** Undefined for a case without payload, and for the `_` of a result. */
  readonly type: Type | undefined;
}

export interface Signature {
  readonly isAsync: boolean;
  readonly params: readonly Type[];
  readonly result: Type | undefined;
}

export type CoreType = 'i32' | 'i64' | 'f32' | 'f64';

export function parseSignature(text: string): Signature {
  const isAsync = text.startsWith('async ');
  const reader = new Reader(text.slice(isAsync ? 'async func('.length : 'func('.length));
  const params: Type[] = [];
  while (!reader.takes(')')) {
    params.push(reader.type());
    reader.takes(', ');
  }
  return { isAsync, params, result: reader.takes(' -> ') ? reader.type() : undefined };
}

class Reader {
  #rest: string;

  constructor(text: string) {
    this.#rest = text;
  }

  takes(text: string): boolean {
    if (!this.#rest.startsWith(text)) return false;
    this.#rest = this.#rest.slice(text.length);
    return true;
  }

  type(): Type {
    const kind = this.#word();
    if (kind === 'own' || kind === 'borrow') {
      const [all = '', name = ''] = /^<([^>]+)>/.exec(this.#rest) ?? [];
      this.takes(all);
      return { kind, parts: [{ name, type: undefined }] };
    }
    const parts: Part[] = [];
    if (this.takes('<')) {
      while (!this.takes('>')) {
        parts.push({ name: '', type: this.takes('_') ? undefined : this.type() });
        this.takes(', ');
      }
    } else if (this.takes('{')) {
      while (!this.takes('}')) {
        parts.push(this.#named());
        this.takes(', ');
      }
    }
    return { kind, parts };
  }

  #named(): Part {
    const name = this.#word();
    if (this.takes(': ')) return { name, type: this.type() };
    if (!this.takes('(')) return { name, type: undefined };
    const type = this.type();
    this.takes(')');
    return { name, type };
  }

  #word(): string {
    const [word = ''] = /^[a-z0-9-]+/.exec(this.#rest) ?? [];
    if (word === '') throw new Error(`No type begins with "${this.#rest.slice(0, 40)}"`);
    this.takes(word);
    return word;
  }
}

/** What the type is passed as, one by one, to a core function. */
export function flatten({ kind, parts }: Type): CoreType[] {
  if (kind === 'string' || kind === 'list') return ['i32', 'i32'];
  if (kind === 'u64' || kind === 's64') return ['i64'];
  if (kind === 'f32' || kind === 'f64') return [kind];
  if (kind === 'record' || kind === 'tuple') return parts.flatMap(({ type }) => (type ? flatten(type) : []));
  if (kind === 'variant' || kind === 'option' || kind === 'result' || kind === 'enum') return ['i32', ...joined(parts)];
  return ['i32'];
}

function joined(parts: readonly Part[]): CoreType[] {
  const all: CoreType[] = [];
  for (const { type } of parts) {
    for (const [index, core] of (type ? flatten(type) : []).entries()) {
      const other = all[index] ?? core;
      const narrow = (one: CoreType): boolean => one === 'i32' || one === 'f32';
      all[index] = other === core ? core : narrow(other) && narrow(core) ? 'i32' : 'i64';
    }
  }
  return all;
}

/** All types of a kind in it, in the order in which wit-component numbers them. */
export function pipesIn(type: Type | undefined): Type[] {
  if (type === undefined) return [];
  const inner = type.parts.flatMap((part) => pipesIn(part.type));
  return type.kind === 'stream' || type.kind === 'future' ? [...inner, type] : inner;
}
