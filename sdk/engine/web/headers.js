// Headers of https://fetch.spec.whatwg.org/#headers-class.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function checkedName(given) {
  const name = String(given);
  if (!TOKEN.test(name)) throw new TypeError(`"${name}" is no name of a header`);
  return name.toLowerCase();
}

function checkedValue(given) {
  const value = String(given).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === 0 || code === 10 || code === 13)
      throw new TypeError(`A header's value may not hold the character ${code}`);
    if (code > 0xff)
      throw new TypeError('A header may only hold characters up to U+00FF: encodeURIComponent makes others fit');
  }
  return value;
}

/** The headers as they are sent: one for each `append`. */
export let listOf;
/** Headers of what `list` gives, which is a list as `listOf` gives it: of names in lower case and valid values. */
export let headersFrom;

export class Headers {
  /** Names in lower case, in the order in which they came; or a function that gives them when they are first asked for. */
  #held = [];

  constructor(init) {
    if (init === undefined) return;
    if (init === null || typeof init !== 'object') throw new TypeError('Headers wants an object or a list of pairs');
    if (typeof init[Symbol.iterator] === 'function') {
      for (const pair of init) {
        const [name, value, ...rest] = pair;
        if (value === undefined || rest.length > 0) throw new TypeError('A header is a pair of name and value');
        this.append(name, value);
      }
    } else for (const name of Object.keys(init)) this.append(name, init[name]);
  }

  get #list() {
    if (typeof this.#held === 'function') this.#held = this.#held();
    return this.#held;
  }

  set #list(list) {
    this.#held = list;
  }

  append(name, value) {
    this.#list.push([checkedName(name), checkedValue(value)]);
  }

  delete(name) {
    const wanted = checkedName(name);
    this.#list = this.#list.filter(([one]) => one !== wanted);
  }

  get(name) {
    const wanted = checkedName(name);
    const values = this.#list.filter(([one]) => one === wanted);
    return values.length === 0 ? null : values.map(([, value]) => value).join(', ');
  }

  getSetCookie() {
    return this.#list.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
  }

  has(name) {
    const wanted = checkedName(name);
    return this.#list.some(([one]) => one === wanted);
  }

  set(name, value) {
    const wanted = checkedName(name);
    const text = checkedValue(value);
    const at = this.#list.findIndex(([one]) => one === wanted);
    if (at < 0) {
      this.#list.push([wanted, text]);
      return;
    }
    this.#list = this.#list.filter(([one], index) => one !== wanted || index === at);
    this.#list[this.#list.findIndex(([one]) => one === wanted)][1] = text;
  }

  /** Sorted, with the values of a name joined, those of set-cookie apart. */
  #entries() {
    const names = [...new Set(this.#list.map(([name]) => name))].sort();
    return names.flatMap((name) =>
      name === 'set-cookie' ? this.getSetCookie().map((value) => [name, value]) : [[name, this.get(name)]],
    );
  }

  *entries() {
    yield* this.#entries();
  }

  *keys() {
    for (const [name] of this.#entries()) yield name;
  }

  *values() {
    for (const [, value] of this.#entries()) yield value;
  }

  forEach(callback, that) {
    for (const [name, value] of this.#entries()) callback.call(that, value, name, this);
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  get [Symbol.toStringTag]() {
    return 'Headers';
  }

  static {
    listOf = (headers) => headers.#list;
    headersFrom = (list) => {
      const headers = new Headers();
      headers.#held = list;
      return headers;
    };
  }
}
