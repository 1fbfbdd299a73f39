// Turns the text that print.ts writes back into a type. It cannot do so for resources: their identity is no text.
import type { Case, Field, FuncType, PrimitiveKind, ValType } from './val-type.ts';

/**
 * Reads a function type. Throws an Error for what printFuncType does not write; `own`, `borrow`, streams and futures
 * are not read.
 */
export function parseFuncType(text: string): FuncType {
  const parser = new Parser(text);
  const type = parser.funcType();
  parser.end();
  return type;
}

const primitives: ReadonlySet<string> = new Set<PrimitiveKind>([
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'f32',
  'f64',
  'char',
  'string',
  'error-context',
]);

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    if (this.#at !== this.#text.length) throw this.#unexpected();
  }

  funcType(): FuncType {
    const async = this.#skip('async ');
    this.#expect('func(');
    const types = this.#skip(')') ? [] : this.#list(')', () => this.#type());
    const params = types.map((type, index) => ({ name: `p${index}`, type }));
    return { async, params, result: this.#skip(' -> ') ? this.#type() : undefined };
  }

  #type(): ValType {
    const word = this.#word();
    switch (word) {
      case 'list':
        return this.#listType();
      case 'option':
        return { kind: 'option', type: this.#inner() };
      case 'tuple':
        this.#expect('<');
        return { kind: 'tuple', types: this.#list('>', () => this.#type()) };
      case 'result':
        return this.#result();
      case 'record':
        this.#expect('{');
        return { kind: 'record', fields: this.#list('}', () => this.#field()) };
      case 'variant':
        this.#expect('{');
        return { kind: 'variant', cases: this.#list('}', () => this.#case()) };
      case 'enum':
      case 'flags':
        this.#expect('{');
        return { kind: word, names: this.#list('}', () => this.#word()) };
      default:
        if (primitives.has(word)) return { kind: word as PrimitiveKind };
        throw this.#unexpected();
    }
  }

  #inner(): ValType {
    this.#expect('<');
    const type = this.#type();
    this.#expect('>');
    return type;
  }

  #listType(): ValType {
    this.#expect('<');
    const element = this.#type();
    const length = this.#skip(', ') ? Number(this.#word()) : undefined;
    this.#expect('>');
    return length === undefined ? { kind: 'list', element } : { kind: 'list', element, length };
  }

  #result(): ValType {
    if (!this.#skip('<')) return { kind: 'result', ok: undefined, err: undefined };
    const ok = this.#skip('_') ? undefined : this.#type();
    const err = this.#skip(', ') ? this.#type() : undefined;
    this.#expect('>');
    return { kind: 'result', ok, err };
  }

  #field(): Field {
    const name = this.#word();
    this.#expect(': ');
    return { name, type: this.#type() };
  }

  #case(): Case {
    const name = this.#word();
    if (!this.#skip('(')) return { name, type: undefined };
    const type = this.#type();
    this.#expect(')');
    return { name, type };
  }

  #list<T>(close: string, item: () => T): T[] {
    const items = [item()];
    while (this.#skip(', ')) items.push(item());
    this.#expect(close);
    return items;
  }

  #word(): string {
    const [word] = /^[a-zA-Z0-9-]+/.exec(this.#text.slice(this.#at)) ?? [];
    if (word === undefined) throw this.#unexpected();
    this.#at += word.length;
    return word;
  }

  #skip(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #expect(text: string): void {
    if (!this.#skip(text)) throw this.#unexpected();
  }

  #unexpected(): Error {
    return new Error(`Unexpected "${this.#text.slice(this.#at, this.#at + 20)}" at ${this.#at} of "${this.#text}"`);
  }
}
