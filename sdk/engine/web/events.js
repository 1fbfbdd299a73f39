// Events, and what is built on them: AbortController and AbortSignal. https://dom.spec.whatwg.org/#events
export class Event {
  #type;
  #init;
  #isStopped = false;
  #isPrevented = false;
  target = null;
  currentTarget = null;
  timeStamp = 0;

  constructor(type, init = {}) {
    this.#type = String(type);
    this.#init = init ?? {};
  }

  get type() {
    return this.#type;
  }

  get bubbles() {
    return Boolean(this.#init.bubbles);
  }

  get cancelable() {
    return Boolean(this.#init.cancelable);
  }

  get composed() {
    return Boolean(this.#init.composed);
  }

  get defaultPrevented() {
    return this.#isPrevented;
  }

  get eventPhase() {
    return this.currentTarget ? 2 : 0;
  }

  get isTrusted() {
    return false;
  }

  get srcElement() {
    return this.target;
  }

  get cancelBubble() {
    return this.#isStopped;
  }

  composedPath() {
    return this.currentTarget ? [this.currentTarget] : [];
  }

  preventDefault() {
    if (this.cancelable) this.#isPrevented = true;
  }

  stopPropagation() {}

  stopImmediatePropagation() {
    this.#isStopped = true;
  }
}

export class CustomEvent extends Event {
  #detail;

  constructor(type, init = {}) {
    super(type, init);
    this.#detail = init.detail ?? null;
  }

  get detail() {
    return this.#detail;
  }
}

export class MessageEvent extends Event {
  constructor(type, { data = null, origin = '', lastEventId = '', source = null, ports = [], ...init } = {}) {
    super(type, init);
    Object.assign(this, { data, origin, lastEventId, source, ports });
  }
}

export class ErrorEvent extends Event {
  constructor(type, { message = '', filename = '', lineno = 0, colno = 0, error, ...init } = {}) {
    super(type, init);
    Object.assign(this, { message, filename, lineno, colno, error });
  }
}

export class CloseEvent extends Event {
  constructor(type, { wasClean = false, code = 0, reason = '', ...init } = {}) {
    super(type, init);
    Object.assign(this, { wasClean, code, reason });
  }
}

export class PromiseRejectionEvent extends Event {
  constructor(type, { promise, reason, ...init } = {}) {
    super(type, init);
    Object.assign(this, { promise, reason });
  }
}

const listenersOf = new WeakMap();

export class EventTarget {
  addEventListener(type, listener, options = {}) {
    if (listener === null || listener === undefined) return;
    const { once = false, signal, capture = options === true } = typeof options === 'object' && options ? options : {};
    if (signal?.aborted) return;
    if (!listenersOf.has(this)) listenersOf.set(this, []);
    const all = listenersOf.get(this);
    if (all.some((one) => one.type === type && one.listener === listener && one.capture === capture)) return;
    all.push({ type: String(type), listener, once, capture });
    signal?.addEventListener('abort', () => this.removeEventListener(type, listener, { capture }));
  }

  removeEventListener(type, listener, options = {}) {
    const capture = typeof options === 'boolean' ? options : Boolean(options?.capture);
    const all = listenersOf.get(this) ?? [];
    const at = all.findIndex((one) => one.type === type && one.listener === listener && one.capture === capture);
    if (at >= 0) all.splice(at, 1);
  }

  dispatchEvent(event) {
    if (!(event instanceof Event)) throw new TypeError('dispatchEvent wants an Event');
    event.target = this;
    event.currentTarget = this;
    const handler = this[`on${event.type}`];
    const all = [...(listenersOf.get(this) ?? [])].filter(({ type }) => type === event.type);
    if (typeof handler === 'function') all.unshift({ listener: handler });
    for (const { type, listener, once, capture } of all) {
      if (once) this.removeEventListener(type, listener, { capture });
      try {
        if (typeof listener === 'function') listener.call(this, event);
        else listener.handleEvent?.(event);
      } catch (error) {
        globalThis.reportError?.(error);
      }
      if (event.cancelBubble) break;
    }
    event.currentTarget = null;
    return !event.defaultPrevented;
  }
}

const construct = Symbol('construct');
/** The specification's "signal abort", and the making of a signal; programs cannot do either. */
let abort;
let make;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason;
  #followers = [];
  onabort = null;

  constructor(key) {
    super();
    if (key !== construct) throw new TypeError('Illegal constructor');
  }

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  static {
    make = () => new AbortSignal(construct);
    abort = (signal, reason) => {
      if (signal.#aborted) return;
      signal.#aborted = true;
      signal.#reason = reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason;
      signal.dispatchEvent(new Event('abort'));
      for (const follower of signal.#followers.splice(0)) abort(follower, signal.#reason);
    };
  }

  static abort(reason) {
    const signal = make();
    abort(signal, reason);
    return signal;
  }

  static timeout(milliseconds) {
    const signal = make();
    const fault = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    setTimeout(() => abort(signal, fault()), milliseconds);
    return signal;
  }

  static any(signals) {
    const signal = make();
    const all = [...signals];
    const done = all.find(({ aborted }) => aborted);
    if (done) abort(signal, done.reason);
    else for (const one of all) one.#followers.push(signal);
    return signal;
  }
}

export class AbortController {
  #signal = make();

  get signal() {
    return this.#signal;
  }

  abort(reason) {
    abort(this.#signal, reason);
  }
}
