// What StarlingMonkey lacks of the Web's globals, and what it has in a way that an image cannot keep. Read before programs, so
// that it costs requests nothing.
import './bodies.js';
import { URLPattern } from 'urlpattern-polyfill';
import { console } from '../host/console.js';
import { reportError } from '../host/report.js';
import { eventGlobals } from '../program.js';
import './crypto.js';
import { MessageChannel, MessagePort } from '../web/messages.js';
import { EventSource, WebAssembly, WebSocket } from '../web/missing.js';
import { Navigator } from '../web/navigator.js';
import { clearImmediate, scheduler, setImmediate } from '../web/tasks.js';
import { TextDecoderStream, TextEncoderStream } from '../web/text-streams.js';
import { fetch } from './fetch.js';
import { timers } from './timers.js';

/** The parsed URL, or null. */
function parse(text, base) {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}

/** The engine's own signal does not keep its event loop going. */
function timeout(milliseconds) {
  const controller = new AbortController();
  const fault = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  timers.setTimeout(() => controller.abort(fault()), milliseconds);
  return controller.signal;
}

/** The engine's own follows no signal that is aborted later. */
function any(signals) {
  const controller = new AbortController();
  const all = [...signals];
  const first = all.find(({ aborted }) => aborted);
  if (first) controller.abort(first.reason);
  else for (const one of all) one.addEventListener('abort', () => controller.abort(one.reason));
  return controller.signal;
}

const { FetchEvent, ...events } = eventGlobals;
const globals = {
  ...events,
  ...timers,
  EventSource,
  FetchEvent,
  MessageChannel,
  MessagePort,
  Navigator,
  TextDecoderStream,
  TextEncoderStream,
  URLPattern,
  WebAssembly,
  WebSocket,
  clearImmediate,
  console,
  fetch,
  navigator: new Navigator(),
  reportError,
  scheduler,
  setImmediate,
};
for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}
const statics = [
  [AbortSignal, { any, timeout }],
  [URL, { canParse: (text, base) => parse(text, base) !== null, parse }],
];
for (const [owner, functions] of statics) {
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(owner, name, { value, writable: true, enumerable: true, configurable: true });
  }
}
