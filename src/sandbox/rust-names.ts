// Names of Rust functions as they stand in the name section, made readable for the log: `_RNvNtC3std5panic` → `std::panic`.
// Both forms: legacy, and v0 of https://doc.rust-lang.org/rustc/symbol-mangling/v0.html without the values of constants.

/** The readable form of `name`; `name` itself when it is none of Rust's, or of a form that is not known. */
export function rustName(name: string): string {
  if (name.startsWith('_ZN')) return legacyName(name) ?? name;
  if (name.startsWith('_R')) return new V0(name.slice('_R'.length)).read() ?? name;
  return name;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['SP', '@'],
  ['BP', '*'],
  ['RF', '&'],
  ['LT', '<'],
  ['GT', '>'],
  ['LP', '('],
  ['RP', ')'],
  ['C', ','],
]);

function legacyName(name: string): string | undefined {
  const parts: string[] = [];
  let rest = name.slice('_ZN'.length);
  while (rest !== '' && !rest.startsWith('E')) {
    const digits = /^\d+/.exec(rest)?.[0];
    if (digits === undefined) return undefined;
    const end = digits.length + Number(digits);
    if (end > rest.length) return undefined;
    parts.push(rest.slice(digits.length, end));
    rest = rest.slice(end);
  }
  if (/^h[0-9a-f]{16}$/.test(parts.at(-1) ?? '')) parts.pop();
  return parts.length > 0 && rest !== '' ? parts.map(unescapeLegacy).join('::') : undefined;
}

function unescapeLegacy(part: string): string {
  return part
    .replace(/^_(?=\$)/, '')
    .replace(/\$([A-Z]+)\$/g, (whole, code: string) => escapes.get(code) ?? whole)
    .replace(/\$u([0-9a-f]{1,6})\$/g, (whole, hex: string) => character(hex) ?? whole)
    .replaceAll('..', '::');
}

function character(hex: string): string | undefined {
  const code = Number.parseInt(hex, 16);
  return code >= 0x20 && code < 0xd800 ? String.fromCodePoint(code) : undefined;
}

const basicTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: 'i8',
    b: 'bool',
    c: 'char',
    d: 'f64',
    e: 'str',
    f: 'f32',
    h: 'u8',
    i: 'isize',
    j: 'usize',
    l: 'i32',
    m: 'u32',
    n: 'i128',
    o: 'u128',
    p: '_',
    s: 'i16',
    t: 'u16',
    u: '()',
    v: '...',
    x: 'i64',
    y: 'u64',
    z: '!',
  }),
);
const pointers: ReadonlyMap<string, string> = new Map([
  ['R', '&'],
  ['Q', '&mut '],
  ['P', '*const '],
  ['O', '*mut '],
  ['S', '[]'],
]);
const specialPaths: ReadonlyMap<string, string> = new Map([
  ['C', '{closure}'],
  ['S', '{shim}'],
]);

/** The most levels of nesting. Names of hostile modules must not cost much: what is longer or deeper stays as it is. */
const MOST_DEPTH = 64;
const MOST_STEPS = 2_000;

class Unreadable extends Error {}

/**
 * A parser of v0 names, with one recursive function per production of the grammar; generic arguments and types of
 * functions are left out.
 */
class V0 {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #steps = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): string | undefined {
    try {
      return this.#path();
    } catch (error) {
      if (error instanceof Unreadable) return undefined;
      throw error;
    }
  }

  #path(): string {
    return this.#nested(() => {
      const tag = this.#next();
      if (tag === 'C') return this.#identifier();
      if (tag === 'N') return this.#nestedPath();
      if (tag === 'M' || tag === 'X') {
        this.#disambiguator();
        this.#path();
        return this.#implementation(tag === 'X');
      }
      if (tag === 'Y') return this.#implementation(true);
      if (tag === 'I') {
        const path = this.#path();
        while (!this.#skip('E')) this.#argument();
        return path;
      }
      if (tag === 'B') return this.#backReference(() => this.#path());
      throw new Unreadable();
    });
  }

  #nestedPath(): string {
    const space = this.#next();
    const outer = this.#path();
    const name = this.#identifier();
    const special = specialPaths.get(space);
    if (special) return `${outer}::${special}`;
    return name === '' ? outer : `${outer}::${name}`;
  }

  #implementation(ofTrait: boolean): string {
    const type = this.#type();
    return ofTrait ? `<${type} as ${this.#path()}>` : `<${type}>`;
  }

  #argument(): void {
    if (this.#skip('L')) this.#number();
    else if (this.#skip('K')) this.#constant();
    else this.#type();
  }

  #constant(): void {
    if (this.#skip('p')) return;
    if (this.#skip('B')) {
      this.#number();
      return;
    }
    this.#next();
    while (!this.#skip('_')) this.#next();
  }

  #type(): string {
    return this.#nested(() => {
      const tag = this.#peek();
      const basic = basicTypes.get(tag);
      if (basic !== undefined) {
        this.#at++;
        return basic;
      }
      if ('CMXYNI'.includes(tag)) return this.#path();
      this.#at++;
      const pointer = pointers.get(tag);
      if (pointer !== undefined) {
        if (this.#skip('L')) this.#number();
        const target = this.#type();
        return tag === 'S' ? `[${target}]` : `${pointer}${target}`;
      }
      if (tag === 'A') {
        const element = this.#type();
        this.#constant();
        return `[${element}; _]`;
      }
      if (tag === 'T') {
        const types: string[] = [];
        while (!this.#skip('E')) types.push(this.#type());
        return `(${types.join(', ')})`;
      }
      if (tag === 'F') return this.#functionType();
      if (tag === 'D') return this.#traitObject();
      if (tag === 'B') return this.#backReference(() => this.#type());
      throw new Unreadable();
    });
  }

  #functionType(): string {
    if (this.#skip('G')) this.#number();
    this.#skip('U');
    if (this.#skip('K') && !this.#skip('C')) this.#identifier();
    while (!this.#skip('E')) this.#type();
    this.#type();
    return 'fn';
  }

  #traitObject(): string {
    if (this.#skip('G')) this.#number();
    const traits: string[] = [];
    while (!this.#skip('E')) {
      traits.push(this.#path());
      while (this.#skip('p')) {
        this.#identifier();
        this.#type();
      }
    }
    if (this.#skip('L')) this.#number();
    return `dyn ${traits.join(' + ')}`;
  }

  #backReference(read: () => string): string {
    const target = this.#number();
    const back = this.#at;
    if (target >= back - 1) throw new Unreadable();
    this.#at = target;
    const found = read();
    this.#at = back;
    return found;
  }

  #identifier(): string {
    this.#disambiguator();
    if (this.#peek() === 'u') throw new Unreadable();
    const digits = /^(?:0|[1-9]\d*)/.exec(this.#text.slice(this.#at, this.#at + 6))?.[0];
    if (digits === undefined) throw new Unreadable();
    this.#at += digits.length;
    this.#skip('_');
    const end = this.#at + Number(digits);
    if (end > this.#text.length) throw new Unreadable();
    const name = this.#text.slice(this.#at, end);
    this.#at = end;
    return name;
  }

  #disambiguator(): void {
    if (this.#skip('s')) this.#number();
  }

  /** Reads a number of base 62, where `_` is 0, `0_` is 1, and so on. */
  #number(): number {
    const digits = /^[0-9a-zA-Z]{0,16}_/.exec(this.#text.slice(this.#at, this.#at + 17))?.[0];
    if (digits === undefined) throw new Unreadable();
    this.#at += digits.length;
    if (digits === '_') return 0;
    const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
    return [...digits.slice(0, -1)].reduce((sum, digit) => sum * 62 + alphabet.indexOf(digit), 0) + 1;
  }

  #nested(read: () => string): string {
    if (++this.#depth > MOST_DEPTH || ++this.#steps > MOST_STEPS) throw new Unreadable();
    const found = read();
    if (found.length > MOST_STEPS) throw new Unreadable();
    this.#depth--;
    return found;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #next(): string {
    const char = this.#peek();
    if (char === '') throw new Unreadable();
    this.#at++;
    return char;
  }

  #skip(char: string): boolean {
    const found = this.#peek() === char;
    if (found) this.#at++;
    return found;
  }
}
