// MessageChannel and MessagePort of https://html.spec.whatwg.org/#message-channels, within one program.
import { EventTarget, MessageEvent } from './events.js';

const construct = Symbol('construct');
/** Joins two ports. */
let entangle;

export class MessagePort extends EventTarget {
  #other;
  #waiting = [];
  #isStarted = false;
  #isClosed = false;
  #onmessage = null;
  onmessageerror = null;

  constructor(key) {
    super();
    if (key !== construct) throw new TypeError('Illegal constructor');
  }

  static {
    entangle = (one, other) => {
      one.#other = other;
      other.#other = one;
    };
  }

  /** Ports are not handed over: `transfer` may hold buffers. */
  postMessage(message, options = undefined) {
    const transfer = Array.isArray(options) ? options : (options?.transfer ?? []);
    const data = structuredClone(message, { transfer });
    const other = this.#other;
    if (this.#isClosed || other.#isClosed) return;
    other.#waiting.push(data);
    if (other.#isStarted) other.#deliver();
  }

  /** Each message is an event of its own, after what runs now. */
  #deliver() {
    setTimeout(() => {
      if (this.#isClosed || this.#waiting.length === 0) return;
      this.dispatchEvent(new MessageEvent('message', { data: this.#waiting.shift() }));
    }, 0);
  }

  start() {
    if (this.#isStarted) return;
    this.#isStarted = true;
    for (const _ of this.#waiting) this.#deliver();
  }

  close() {
    this.#isClosed = true;
    this.#waiting = [];
  }

  get onmessage() {
    return this.#onmessage;
  }

  set onmessage(listener) {
    this.#onmessage = typeof listener === 'function' ? listener : null;
    this.start();
  }

  get [Symbol.toStringTag]() {
    return 'MessagePort';
  }
}

export class MessageChannel {
  #port1 = new MessagePort(construct);
  #port2 = new MessagePort(construct);

  constructor() {
    entangle(this.#port1, this.#port2);
  }

  get port1() {
    return this.#port1;
  }

  get port2() {
    return this.#port2;
  }

  get [Symbol.toStringTag]() {
    return 'MessageChannel';
  }
}
