// Performance of https://w3c.github.io/hr-time/ and https://w3c.github.io/user-timing/: time since the request began, marks
// and measures.
import { EventTarget } from './events.js';

const construct = Symbol('construct');
const MOST_ENTRIES = 10_000;

export class PerformanceEntry {
  #facts;

  constructor(key, facts) {
    if (key !== construct) throw new TypeError('Illegal constructor');
    this.#facts = facts;
  }

  get name() {
    return this.#facts.name;
  }

  get entryType() {
    return this.#facts.entryType;
  }

  get startTime() {
    return this.#facts.startTime;
  }

  get duration() {
    return this.#facts.duration;
  }

  get detail() {
    return this.#facts.detail;
  }

  toJSON() {
    return { ...this.#facts };
  }
}

export class PerformanceMark extends PerformanceEntry {
  constructor(name, { detail = null, startTime = performance.now() } = {}) {
    super(construct, {
      name: String(name),
      entryType: 'mark',
      startTime,
      duration: 0,
      detail: structuredClone(detail),
    });
  }
}

export class PerformanceMeasure extends PerformanceEntry {}

const observers = new Set();
/** Hands an entry to an observer. */
let tell;

export class PerformanceObserver {
  static supportedEntryTypes = Object.freeze(['mark', 'measure']);
  #callback;
  #types = new Set();
  #seen = [];

  constructor(callback) {
    if (typeof callback !== 'function') throw new TypeError('PerformanceObserver wants a function');
    this.#callback = callback;
  }

  observe({ entryTypes, type, buffered = false } = {}) {
    for (const one of entryTypes ?? [type]) this.#types.add(String(one));
    observers.add(this);
    if (buffered) for (const entry of performance.getEntries()) tell(this, entry);
  }

  disconnect() {
    observers.delete(this);
    this.#types.clear();
    this.#seen = [];
  }

  takeRecords() {
    return this.#seen.splice(0);
  }

  static {
    tell = (observer, entry) => {
      if (!observer.#types.has(entry.entryType)) return;
      observer.#seen.push(entry);
      if (observer.#seen.length > 1) return;
      setTimeout(() => {
        const entries = observer.takeRecords();
        if (entries.length > 0) observer.#callback.call(observer, listOf(entries), observer);
      }, 0);
    };
  }
}

const listOf = (entries) => ({
  getEntries: () => [...entries],
  getEntriesByName: (name, type) => entries.filter((one) => matches(one, name, type)),
  getEntriesByType: (type) => entries.filter(({ entryType }) => entryType === type),
});

const matches = (entry, name, type) => entry.name === String(name) && (type === undefined || entry.entryType === type);

/**
 * `{ performance, begin, Performance … }`. `clock()` is a time in milliseconds that never goes back; `begin` makes the time
 * begin anew, as requests do.
 */
export function performanceWith(clock) {
  let origin = 0;
  let began = 0;
  let entries = [];

  function keep(entry) {
    if (entries.length >= MOST_ENTRIES) entries.shift();
    entries.push(entry);
    for (const observer of observers) tell(observer, entry);
    return entry;
  }

  function timeOf(mark) {
    if (typeof mark === 'number') return mark;
    const found = entries.findLast(({ name, entryType }) => entryType === 'mark' && name === String(mark));
    if (found) return found.startTime;
    throw new DOMException(`There is no mark "${mark}"`, 'SyntaxError');
  }

  const clear = (type, name) => {
    entries = entries.filter((one) => one.entryType !== type || (name !== undefined && one.name !== String(name)));
  };

  class Performance extends EventTarget {
    constructor(key) {
      super();
      if (key !== construct) throw new TypeError('Illegal constructor');
    }

    get timeOrigin() {
      return began;
    }

    now() {
      return clock() - origin;
    }

    mark(name, options) {
      return keep(new PerformanceMark(name, options));
    }

    /** From a mark or time to another; from the beginning, and to now, where they are not given. */
    measure(name, from, to) {
      const {
        start,
        end,
        duration,
        detail = null,
      } = typeof from === 'object' && from ? from : { start: from, end: to };
      const ends = end !== undefined ? timeOf(end) : duration !== undefined ? timeOf(start) + duration : this.now();
      const starts = start !== undefined ? timeOf(start) : duration !== undefined ? ends - duration : 0;
      const facts = { name: String(name), entryType: 'measure', startTime: starts, duration: ends - starts };
      return keep(new PerformanceMeasure(construct, { ...facts, detail: structuredClone(detail) }));
    }

    clearMarks(name) {
      clear('mark', name);
    }

    clearMeasures(name) {
      clear('measure', name);
    }

    getEntries() {
      return entries.toSorted((one, other) => one.startTime - other.startTime);
    }

    getEntriesByName(name, type) {
      return this.getEntries().filter((one) => matches(one, name, type));
    }

    getEntriesByType(type) {
      return this.getEntries().filter(({ entryType }) => entryType === type);
    }

    toJSON() {
      return { timeOrigin: began };
    }

    get [Symbol.toStringTag]() {
      return 'Performance';
    }
  }

  function begin() {
    origin = clock();
    began = Date.now();
  }
  const performance = new Performance(construct);
  return {
    begin,
    performance,
    Performance,
    PerformanceEntry,
    PerformanceMark,
    PerformanceMeasure,
    PerformanceObserver,
  };
}
