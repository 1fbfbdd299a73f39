// Request of https://fetch.spec.whatwg.org/#request-class.
import { cloneContent, contentOf, getContent, setContent, withBody } from './body.js';
import { Headers } from './headers.js';

const USUAL = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);

function methodOf(given) {
  const method = String(given);
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) throw new TypeError(`"${method}" is no method of HTTP`);
  const upper = method.toUpperCase();
  if (upper === 'CONNECT' || upper === 'TRACE' || upper === 'TRACK')
    throw new TypeError(`fetch does not send ${upper}`);
  return USUAL.has(upper) ? upper : method;
}

class Bare {}

const received = Symbol('received');
/** A request that came from outside: its parts are valid, and are not looked at again. */
export let requestFrom;

export class Request extends withBody(Bare) {
  #url;
  #method;
  #headers;
  #signal;
  #init;

  constructor(input, init = {}) {
    super();
    if (input === received) return;
    const other = input instanceof Request ? input : undefined;
    const { body, method, headers, signal, redirect } = init ?? {};
    this.#url = other ? other.url : addressOf(input);
    this.#method = method === undefined ? (other?.method ?? 'GET') : methodOf(method);
    this.#headers = new Headers(headers ?? other?.headers);
    this.#signal = signal === undefined ? other?.signal : (signal ?? undefined);
    if (redirect !== undefined && !['follow', 'manual', 'error'].includes(redirect)) {
      throw new TypeError(`"${redirect}" is no way to treat redirects: follow, manual or error`);
    }
    this.#init = { redirect: redirect ?? other?.redirect ?? 'follow', ...pick(other), ...pick(init ?? {}) };
    const content = body === undefined || body === null ? undefined : contentOf(body);
    if (content && (this.#method === 'GET' || this.#method === 'HEAD')) {
      throw new TypeError(`A request with the method ${this.#method} has no body`);
    }
    if (content?.type && !this.#headers.has('content-type')) this.#headers.set('content-type', content.type);
    if (content) setContent(this, content);
    else if (other && body === undefined) {
      const given = getContent(other);
      if (given && other.bodyUsed) throw new TypeError('The body of that request has been read already');
      if (given) {
        setContent(this, given);
        given.isUsed = true;
      }
    }
  }

  static {
    requestFrom = ({ url, method, headers, content }) => {
      const request = new Request(received);
      request.#url = url;
      request.#method = method;
      request.#headers = headers;
      request.#init = {};
      if (content) setContent(request, content);
      return request;
    };
  }

  get url() {
    return this.#url;
  }

  get method() {
    return this.#method;
  }

  get headers() {
    return this.#headers;
  }

  get signal() {
    this.#signal ??= new AbortController().signal;
    return this.#signal;
  }

  get redirect() {
    return this.#init.redirect ?? 'follow';
  }

  get mode() {
    return this.#init.mode ?? 'cors';
  }

  get credentials() {
    return this.#init.credentials ?? 'same-origin';
  }

  get cache() {
    return this.#init.cache ?? 'default';
  }

  get integrity() {
    return this.#init.integrity ?? '';
  }

  get keepalive() {
    return Boolean(this.#init.keepalive);
  }

  get referrer() {
    return this.#init.referrer ?? 'about:client';
  }

  get referrerPolicy() {
    return this.#init.referrerPolicy ?? '';
  }

  get destination() {
    return '';
  }

  get duplex() {
    return 'half';
  }

  clone() {
    const content = cloneContent(this);
    const copy = new Request(this.#url, {
      ...this.#init,
      method: this.#method,
      headers: this.#headers,
      signal: this.#signal,
    });
    if (content) setContent(copy, content);
    return copy;
  }

  get [Symbol.toStringTag]() {
    return 'Request';
  }
}

const KEPT = ['mode', 'credentials', 'cache', 'integrity', 'keepalive', 'referrer', 'referrerPolicy'];

function pick(from) {
  const found = {};
  for (const key of KEPT) if (from?.[key] !== undefined) found[key] = from[key];
  return found;
}

function addressOf(input) {
  const url = URL.parse(String(input));
  if (!url) throw new TypeError(`"${String(input).slice(0, 200)}" is no absolute URL, as a request needs`);
  if (url.username !== '' || url.password !== '')
    throw new TypeError('The URL of a request may hold no user and password');
  return url.href;
}
