// A program as its engine sees it: evaluated once, then called for requests and other events. The forms of handlers are
// those of Workers, Deno and Bun, and of Service Workers.
import { decodeValue, encodeValue } from '../../src/script/values.ts';
import { explain } from './explain.js';
import { Event } from './web/events.js';
import { handleSocketEvent } from './web-sockets.js';

const FORMS = "'export default { fetch(request) { … } }', or addEventListener('fetch', …)";

/** What the program exports, and its listeners. */
let exported = {};
const listeners = new Map();
let variables = [];
let readVariable = () => undefined;
let interfaces = new Map();

class FetchEvent extends Event {
  #state;

  constructor(state) {
    super('fetch');
    this.#state = state;
  }

  get request() {
    return this.#state.request;
  }

  respondWith(response) {
    if (this.#state.response !== undefined) throw new Error('respondWith was called twice for one request');
    this.#state.response = Promise.resolve(response);
    // A response that fails is seen to by whoever waits for it, later.
    this.#state.response.catch(() => undefined);
  }

  waitUntil(work) {
    this.#state.later.push(work);
  }

  passThroughOnException() {}
}

/** The globals by which a program without exports says what it does. */
export const eventGlobals = {
  FetchEvent,
  addEventListener(type, listener) {
    const call = typeof listener === 'function' ? listener : listener?.handleEvent?.bind(listener);
    if (typeof call !== 'function') throw new TypeError('addEventListener wants a function');
    listeners.set(String(type), [...(listeners.get(String(type)) ?? []), call]);
  },
  removeEventListener(type, listener) {
    listeners.set(
      type,
      (listeners.get(type) ?? []).filter((one) => one !== listener),
    );
  },
};

/**
 * Evaluates a bundle by `evaluate`, and keeps what it exports. `host` has the interfaces of the host and how a variable is
 * read. Throws the JSON of what went wrong.
 */
export async function loadProgram(evaluate, options, host) {
  const globals = {
    __mayfly_program: (found) => {
      exported = found;
    },
    __mayfly_import: (name) => host.interfaces.get(name),
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  try {
    ({ variables = [] } = JSON.parse(options));
    readVariable = host.variable;
    interfaces = host.interfaces;
    await evaluate();
    mustDoSomething();
  } catch (error) {
    throw JSON.stringify(described(error));
  } finally {
    for (const name of Object.keys(globals)) delete globalThis[name];
  }
}

function described(error) {
  if (!(error instanceof Error)) return { name: '', message: `The program threw ${typeof error}: ${String(error)}` };
  const { name, message, stack } = explain(error);
  return { name, message, stack };
}

function mustDoSomething() {
  const has = Object.keys(exported);
  if (has.length > 0 || [...listeners.values()].some(({ length }) => length > 0)) return;
  const error = new Error(`It has no handler: a program has ${FORMS}`);
  error.name = '';
  throw error;
}

/** The function of the program for events of this kind; undefined when there is none. */
function handlerOf(kind) {
  const { default: main } = exported;
  if (typeof main?.[kind] === 'function') return (...given) => main[kind](...given);
  if (kind === 'fetch' && typeof main === 'function') return main;
  return typeof exported[kind] === 'function' && kind !== 'fetch' ? exported[kind] : undefined;
}

/** The component's variables, read when they are asked for: as they are called, and in capitals. */
function environment() {
  const env = {};
  for (const name of variables) {
    for (const key of [name, name.toUpperCase()]) {
      Object.defineProperty(env, key, {
        get: () => readVariable(name),
        enumerable: key === name,
        configurable: true,
      });
    }
  }
  return env;
}

function contextOf(later) {
  return { waitUntil: (work) => void later.push(work), passThroughOnException() {}, props: {} };
}

/** Answers a request. Throws what the program throws, and what is wrong with its answer. */
export async function answer(request, later) {
  const handler = handlerOf('fetch');
  const response = handler ? await handler(request, environment(), contextOf(later)) : await byEvent(request, later);
  if (response instanceof Response) return response;
  const given = response === null ? 'null' : Array.isArray(response) ? 'an array' : typeof response;
  throw new TypeError(
    `The handler returned ${given === 'object' ? 'an object' : given}: it must return a Response, or a promise of one`,
  );
}

async function byEvent(request, later) {
  const all = listeners.get('fetch') ?? [];
  if (all.length === 0) throw new TypeError(`The program answers no requests: it has to have ${FORMS}`);
  const state = { request, response: undefined, later };
  const event = new FetchEvent(state);
  for (const listener of all) {
    listener(event);
    if (state.response !== undefined) return state.response;
  }
  throw new TypeError(
    "The listener of 'fetch' did not call event.respondWith while it ran: call it at once, with a promise",
  );
}

/** What handlers are called where their trigger has another name: as in Workers. */
const kinds = { cron: 'scheduled', sqs: 'queue' };

/** Hands an event of another trigger to the program. */
export async function handleEvent(trigger, payload, metadata, later) {
  if (trigger === 'websocket') {
    const handlers = exported.default?.websocket ?? exported.websocket;
    const host = interfaces.get('mayfly:websocket/connections@0.1.0');
    await handleSocketEvent(handlers, host, payload, JSON.parse(metadata), [environment(), contextOf(later)]);
    return;
  }
  const kind = kinds[trigger] ?? trigger;
  const handler = handlerOf(kind);
  if (!handler)
    throw new TypeError(
      `The program has no handler for ${trigger}: 'export default { ${kind}(event, env, ctx) { … } }'`,
    );
  const facts = JSON.parse(metadata);
  const event = {
    type: kind,
    ...facts,
    payload,
    text: () => new TextDecoder().decode(payload),
    json: () => JSON.parse(new TextDecoder().decode(payload)),
  };
  return handler(event, environment(), contextOf(later));
}

/** Calls an exported function with values; gives its result. */
export async function callExported(name, given) {
  const func = Object.hasOwn(exported, name) ? exported[name] : exported.default?.[name];
  if (typeof func !== 'function')
    throw JSON.stringify({ name: 'TypeError', message: `The program exports no function "${name}"` });
  try {
    return encodeValue(await func(...decodeValue(given)));
  } catch (error) {
    throw JSON.stringify(described(error));
  }
}
