// URL of https://url.spec.whatwg.org/#url-class.
import { encode, FRAGMENT, QUERY, SPECIAL_QUERY, USERINFO } from './encode.js';
import {
  defaultPort,
  hostText,
  isSpecial,
  isSpecialScheme,
  parsePlace,
  parseUrl,
  pathText,
  urlText,
  withPath,
} from './parse.js';
import { onChange, readQuery, URLSearchParams } from './search-params.js';

const string = (value) => String(value).toWellFormed();

/** The parts; undefined when one of the two is no URL. */
function partsOf(given, givenBase) {
  if (givenBase === undefined) return parseUrl(string(given), undefined);
  const base = parseUrl(string(givenBase), undefined);
  return base && parseUrl(string(given), base);
}

const parsed = Symbol('parsed');

export class URL {
  #parts;
  #params;

  constructor(url, base) {
    if (url === parsed) {
      this.#parts = base;
      return;
    }
    const parts = partsOf(url, base);
    if (!parts) throw new TypeError(`Invalid URL: "${string(url).slice(0, 200)}"`);
    this.#parts = parts;
  }

  static canParse(url, base) {
    return partsOf(url, base) !== undefined;
  }

  static parse(url, base) {
    const parts = partsOf(url, base);
    return parts ? new URL(parsed, parts) : null;
  }

  get href() {
    return urlText(this.#parts);
  }

  set href(given) {
    const parts = partsOf(given);
    if (!parts) throw new TypeError(`Invalid URL: "${string(given).slice(0, 200)}"`);
    this.#parts = parts;
    if (this.#params) readQuery(this.#params, parts.query);
  }

  get origin() {
    const { scheme } = this.#parts;
    if (scheme === 'blob') {
      const inner = URL.parse(pathText(this.#parts));
      return inner && /^https?:$/.test(inner.protocol) ? inner.origin : 'null';
    }
    return isSpecial(this.#parts) && scheme !== 'file' ? `${scheme}://${hostText(this.#parts)}` : 'null';
  }

  get protocol() {
    return `${this.#parts.scheme}:`;
  }

  set protocol(given) {
    const [, name] = /^([a-z][a-z0-9+.-]*)(?::|$)/i.exec(string(given).replace(/[\t\n\r]/g, '')) ?? [];
    const scheme = name?.toLowerCase();
    const parts = this.#parts;
    if (scheme === undefined || isSpecialScheme(scheme) !== isSpecial(parts)) return;
    if (scheme === 'file' && (parts.username !== '' || parts.password !== '' || parts.port !== null)) return;
    if (parts.scheme === 'file' && parts.host === '') return;
    parts.scheme = scheme;
    if (parts.port === defaultPort(scheme)) parts.port = null;
  }

  /** Whether it may have a user and a port. */
  get #hasPlace() {
    const { host, scheme } = this.#parts;
    return host !== null && host !== '' && scheme !== 'file';
  }

  get username() {
    return this.#parts.username;
  }

  set username(given) {
    if (this.#hasPlace) this.#parts.username = encode(string(given), USERINFO);
  }

  get password() {
    return this.#parts.password;
  }

  set password(given) {
    if (this.#hasPlace) this.#parts.password = encode(string(given), USERINFO);
  }

  get host() {
    return hostText(this.#parts);
  }

  set host(given) {
    this.#setPlace(string(given), true);
  }

  get hostname() {
    return this.#parts.host ?? '';
  }

  set hostname(given) {
    this.#setPlace(string(given), false);
  }

  #setPlace(given, withPort) {
    const parts = this.#parts;
    if (typeof parts.path === 'string') return;
    const [text] = given.replace(/[\t\n\r]/g, '').split(isSpecial(parts) ? /[/\\?#]/ : /[/?#]/, 1);
    const [, name, digits] = /^(\[[^\]]*\]|[^:]*)(?::(\d*)[\s\S]*)?$/.exec(text) ?? [];
    if (name === undefined || (name !== text && (!withPort || parts.scheme === 'file' || name === ''))) return;
    const isPlain = name === '' && (parts.username !== '' || parts.password !== '' || parts.port !== null);
    const place = parts.scheme === 'file' && name === '' ? { host: '' } : parsePlace(name, parts);
    if (place === undefined || isPlain) return;
    parts.host = parts.scheme === 'file' && place.host === 'localhost' ? '' : place.host;
    if (digits) this.port = digits;
  }

  get port() {
    return this.#parts.port === null ? '' : String(this.#parts.port);
  }

  set port(given) {
    if (!this.#hasPlace) return;
    const text = string(given).replace(/[\t\n\r]/g, '');
    const [digits] = /^\d+/.exec(text) ?? [];
    if (given === '') this.#parts.port = null;
    else if (digits !== undefined && Number(digits) <= 65_535) {
      this.#parts.port = Number(digits) === defaultPort(this.#parts.scheme) ? null : Number(digits);
    }
  }

  get pathname() {
    return pathText(this.#parts);
  }

  set pathname(given) {
    if (typeof this.#parts.path === 'string') return;
    const parts = this.#parts;
    const text = string(given).replace(/[\t\n\r]/g, '');
    this.#parts = text === '' && parts.host === null ? { ...parts, path: [''] } : withPath(parts, text, []);
  }

  get search() {
    const { query } = this.#parts;
    return query === null || query === '' ? '' : `?${query}`;
  }

  set search(given) {
    const text = string(given)
      .replace(/^\?/, '')
      .replace(/[\t\n\r]/g, '');
    this.#parts.query = string(given) === '' ? null : encode(text, isSpecial(this.#parts) ? SPECIAL_QUERY : QUERY);
    if (this.#params) readQuery(this.#params, this.#parts.query);
  }

  get searchParams() {
    if (!this.#params) {
      this.#params = new URLSearchParams();
      readQuery(this.#params, this.#parts.query);
      onChange(this.#params, (text) => {
        this.#parts.query = text === '' ? null : text;
      });
    }
    return this.#params;
  }

  get hash() {
    const { fragment } = this.#parts;
    return fragment === null || fragment === '' ? '' : `#${fragment}`;
  }

  set hash(given) {
    const text = string(given)
      .replace(/^#/, '')
      .replace(/[\t\n\r]/g, '');
    this.#parts.fragment = string(given) === '' ? null : encode(text, FRAGMENT);
  }

  toString() {
    return this.href;
  }

  toJSON() {
    return this.href;
  }

  get [Symbol.toStringTag]() {
    return 'URL';
  }
}
