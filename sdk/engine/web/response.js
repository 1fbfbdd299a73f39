// Response of https://fetch.spec.whatwg.org/#response-class.
import { cloneContent, contentOf, setContent, withBody } from './body.js';
import { Headers } from './headers.js';

const NULL_BODY = new Set([101, 204, 205, 304]);

/** Makes the response to a request of the program's own. */
export let received;

class Bare {}

export class Response extends withBody(Bare) {
  #status;
  #statusText;
  #headers;
  #url = '';
  #type = 'default';
  #redirected = false;

  constructor(body = null, init = {}) {
    super();
    const { status = 200, statusText = '', headers } = init ?? {};
    const code = Number(status);
    if (!(code >= 200 && code <= 599)) throw new RangeError(`${status} is no status of a response: 200 to 599 are`);
    this.#status = code;
    this.#statusText = String(statusText);
    this.#headers = new Headers(headers);
    const content = contentOf(body);
    if (!content) return;
    if (NULL_BODY.has(code)) throw new TypeError(`A response with the status ${code} has no body`);
    setContent(this, content);
    if (content.type && !this.#headers.has('content-type')) this.#headers.set('content-type', content.type);
  }

  static {
    received = ({ status, headers, source, coding, url, redirected }) => {
      const response = new Response(null, { headers });
      response.#status = status;
      response.#url = url;
      response.#type = 'basic';
      response.#redirected = redirected;
      if (source) setContent(response, { source, coding });
      return response;
    };
  }

  get status() {
    return this.#status;
  }

  get statusText() {
    return this.#statusText;
  }

  get ok() {
    return this.#status >= 200 && this.#status < 300;
  }

  get headers() {
    return this.#headers;
  }

  get url() {
    return this.#url;
  }

  get type() {
    return this.#type;
  }

  get redirected() {
    return this.#redirected;
  }

  clone() {
    const content = cloneContent(this);
    const copy = new Response(null, { headers: this.#headers, statusText: this.#statusText });
    copy.#status = this.#status;
    copy.#url = this.#url;
    copy.#type = this.#type;
    copy.#redirected = this.#redirected;
    if (content) setContent(copy, content);
    return copy;
  }

  static json(data, init = {}) {
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('Response.json wants what JSON can hold');
    const response = new Response(text, init);
    if (!new Headers(init?.headers).has('content-type')) response.#headers.set('content-type', 'application/json');
    return response;
  }

  static redirect(url, status = 302) {
    if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`${status} is no status of a redirect`);
    const target = URL.parse(String(url));
    if (!target)
      throw new TypeError(`"${String(url).slice(0, 200)}" is no absolute URL: set the header "location" for others`);
    return new Response(null, { status, headers: { location: target.href } });
  }

  static error() {
    const response = new Response();
    response.#status = 0;
    response.#type = 'error';
    return response;
  }

  get [Symbol.toStringTag]() {
    return 'Response';
  }
}
