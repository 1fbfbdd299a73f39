// URLSearchParams of https://url.spec.whatwg.org/#interface-urlsearchparams.
import { decode } from './encode.js';

const FORM = /[^ *\-.0-9A-Z_a-z]/gu;
const encodeOne = (character) =>
  character.charCodeAt(0) < 0x80
    ? `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
    : encodeURIComponent(character);
const written = (text) => text.toWellFormed().replace(FORM, encodeOne).replaceAll(' ', '+');
const read = (text) => decode(text.replaceAll('+', ' '));

function parseForm(text) {
  const list = [];
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    list.push(at < 0 ? [read(pair), ''] : [read(pair.slice(0, at)), read(pair.slice(at + 1))]);
  }
  return list;
}

const string = (value) => String(value).toWellFormed();

/** Makes the parameters those of a query. */
export let readQuery;
/** Has `changed` called with the text of the parameters whenever a program changes them. */
export let onChange;

export class URLSearchParams {
  #list = [];
  #changed;

  constructor(init = '') {
    if (init !== null && (typeof init === 'object' || typeof init === 'function')) {
      if (typeof init[Symbol.iterator] === 'function') {
        for (const pair of init) {
          const [name, value, ...more] = pair;
          if (value === undefined || more.length > 0) throw new TypeError('A parameter is a pair of name and value');
          this.#list.push([string(name), string(value)]);
        }
      } else for (const name of Reflect.ownKeys(init)) this.#add(init, name);
    } else this.#list = parseForm(string(init).replace(/^\?/, ''));
  }

  #add(init, name) {
    if (!Object.getOwnPropertyDescriptor(init, name)?.enumerable) return;
    if (typeof name === 'symbol') throw new TypeError('The name of a parameter is a text');
    this.#list = this.#list.filter(([one]) => one !== string(name));
    this.#list.push([string(name), string(init[name])]);
  }

  static {
    readQuery = (params, query) => {
      params.#list = query === null ? [] : parseForm(query);
    };
    onChange = (params, changed) => {
      params.#changed = changed;
    };
  }

  #update(list) {
    this.#list = list;
    this.#changed?.(this.toString());
  }

  get size() {
    return this.#list.length;
  }

  append(name, value) {
    this.#update([...this.#list, [string(name), string(value)]]);
  }

  delete(name, value) {
    this.#update(
      this.#list.filter(([one, other]) => one !== string(name) || (value !== undefined && other !== string(value))),
    );
  }

  get(name) {
    return this.#list.find(([one]) => one === string(name))?.[1] ?? null;
  }

  getAll(name) {
    return this.#list.filter(([one]) => one === string(name)).map(([, value]) => value);
  }

  has(name, value) {
    return this.#list.some(([one, other]) => one === string(name) && (value === undefined || other === string(value)));
  }

  set(name, value) {
    const wanted = string(name);
    const at = this.#list.findIndex(([one]) => one === wanted);
    if (at < 0) this.append(name, value);
    else {
      const list = this.#list.filter(([one], index) => one !== wanted || index === at);
      list[at] = [wanted, string(value)];
      this.#update(list);
    }
  }

  sort() {
    // By code units, as texts are compared anyway; those of one name stay in their order.
    this.#update(this.#list.toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)));
  }

  forEach(callback, that) {
    for (const [name, value] of this) callback.call(that, value, name, this);
  }

  *entries() {
    for (let at = 0; at < this.#list.length; at++) yield [...this.#list[at]];
  }

  *keys() {
    for (const [name] of this.entries()) yield name;
  }

  *values() {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  toString() {
    return this.#list.map(([name, value]) => `${written(name)}=${written(value)}`).join('&');
  }

  get [Symbol.toStringTag]() {
    return 'URLSearchParams';
  }
}
