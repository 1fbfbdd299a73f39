// Reads the text of a function's type, and of its name, as signatures.json has them.

/** Names as JavaScript has them: of functions and fields, and of resources. */
export const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
export const pascal = (name) => camel(`-${name}`);

/**
 * The functions of an interface that are not asynchronous, which engines cannot call: `{ kind, resource, method, params, result }`
 * of each, without the handle on which a method is called.
 */
export function plainFunctions(signatures) {
  return Object.entries(signatures)
    .filter(([, signature]) => !signature.startsWith('async'))
    .map(([called, signature]) => {
      const name = parseName(called);
      const { params, result } = parseFunction(signature);
      return { ...name, params: name.kind === 'method' ? params.slice(1) : params, result };
    });
}

/** `kind` of a function's name is `method`, `static`, `constructor`, or undefined for one that belongs to no resource. */
function parseName(called) {
  const [, kind, resource, method] = /^\[(method|static|constructor)\]([^.]+)\.?(.*)$/.exec(called) ?? [];
  return { kind, resource, method: method ?? called };
}

function parseFunction(text) {
  const reader = new Reader(text);
  reader.expect('func(');
  const params = reader.list(')', () => reader.type());
  const result = reader.skip(' -> ') ? reader.type() : undefined;
  return { params, result };
}

/** Types as `{ name, args }`, `{ name, fields: [{ name, type }] }`, or `{ name }`. */
class Reader {
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  skip(part) {
    if (!this.#text.startsWith(part, this.#at)) return false;
    this.#at += part.length;
    return true;
  }

  expect(part) {
    if (!this.skip(part)) throw new Error(`"${part}" is missing at ${this.#at} in ${this.#text}`);
  }

  list(end, read) {
    const all = [];
    while (!this.skip(end)) {
      all.push(read());
      this.skip(', ');
    }
    return all;
  }

  word() {
    const [word] = /^[\w:/-]+/.exec(this.#text.slice(this.#at)) ?? [''];
    if (word === '') throw new Error(`A name is missing at ${this.#at} in ${this.#text}`);
    this.#at += word.length;
    return word;
  }

  type() {
    const name = this.word();
    if (this.skip('<')) return { name, args: this.list('>', () => this.type()) };
    if (!this.skip('{')) return { name };
    const fields = this.list('}', () => {
      // `word` takes the colon of a record's field with it.
      const field = this.word().replace(/:$/, '');
      if (name === 'record') this.skip(' ');
      const inner = name === 'record' || this.skip('(') ? this.type() : undefined;
      if (name !== 'record' && inner) this.expect(')');
      return { name: field, type: inner };
    });
    return { name, fields };
  }
}
