// What there is not, and what to use instead. Programs find out by `typeof` what there is, so most of it is not defined; who
// reads the error gets the sentence. Some say it themselves.
const SOCKETS = 'programs send requests with fetch, and other components talk over MQTT or Redis';

const instead = {
  Atomics: 'a program has one thread, in which reads and writes are as good',
  BroadcastChannel: 'each request has a sandbox of its own: use a queue, Redis or MQTT to reach others',
  Buffer: "import it: import { Buffer } from 'node:buffer'",
  HTMLRewriter: 'use a package that parses HTML, such as htmlparser2 or linkedom',
  Temporal: "use Date, or the package 'temporal-polyfill'",
  Worker: 'each request has a sandbox of its own, and one thread: call another component with fetch',
  XMLHttpRequest: 'use fetch',
  alert: 'use console.log, which goes to the log',
  caches: 'nothing is kept between requests in a program: use a key-value store',
  document: 'a program runs on the server, and answers requests with a Response',
  indexedDB: 'nothing is kept between requests in a program: use a key-value store or SQLite',
  localStorage: 'nothing is kept between requests in a program: use a key-value store',
  module: 'use export default',
  process: "variables are in the handler's second argument, env; import process from 'node:process' for the rest",
  require: 'use import',
  sessionStorage: 'nothing is kept between requests in a program: use a key-value store',
  window: 'a program runs on the server: globalThis has what is global',
};

/** What to use instead of a global that is not defined; undefined for others. */
export const insteadOf = (name) => (Object.hasOwn(instead, name) ? instead[name] : undefined);

function refuse(what, use) {
  throw new DOMException(`There is no ${what} here: ${use}`, 'NotSupportedError');
}

export class WebSocket {
  constructor() {
    refuse('WebSocket', SOCKETS);
  }
}

export class EventSource {
  constructor() {
    refuse('EventSource', 'read the body of an answer of fetch, piece by piece, with for await');
  }
}

const BUILD = 'what is WebAssembly already is a component of its own: call it with fetch, or build the program as one';

/** Packages ask `validate` whether WebAssembly may be used, and go another way. */
export const WebAssembly = {
  validate: () => false,
  compile: async () => refuse('WebAssembly', BUILD),
  compileStreaming: async () => refuse('WebAssembly', BUILD),
  instantiate: async () => refuse('WebAssembly', BUILD),
  instantiateStreaming: async () => refuse('WebAssembly', BUILD),
  Module: class Module {
    constructor() {
      refuse('WebAssembly', BUILD);
    }
  },
  Instance: class Instance {
    constructor() {
      refuse('WebAssembly', BUILD);
    }
  },
  CompileError: class CompileError extends Error {},
  LinkError: class LinkError extends Error {},
  RuntimeError: class RuntimeError extends Error {},
};
