// What QuickJS lacks of the Web's globals. Read before programs, so that it costs requests nothing.
import { URLPattern } from 'urlpattern-polyfill';
import * as streams from 'web-streams-polyfill';
import { eventGlobals } from '../program.js';
import { Blob, File } from '../web/blob.js';
import { CompressionStream, DecompressionStream } from '../web/compression.js';
import { cryptoWith } from '../web/crypto/crypto.js';
import * as events from '../web/events.js';
import { FormData } from '../web/form-data.js';
import { Headers } from '../web/headers.js';
import { intl, localeMethods } from '../web/intl/intl.js';
import { MessageChannel, MessagePort } from '../web/messages.js';
import { EventSource, WebAssembly, WebSocket } from '../web/missing.js';
import { Navigator } from '../web/navigator.js';
import { createObjectURL, revokeObjectURL } from '../web/object-urls.js';
import { Request } from '../web/request.js';
import { Response } from '../web/response.js';
import { structuredClone } from '../web/structured-clone.js';
import { clearImmediate, scheduler, setImmediate } from '../web/tasks.js';
import { TextDecoder } from '../web/text-decoder.js';
import { TextEncoder } from '../web/text-encoder.js';
import { TextDecoderStream, TextEncoderStream } from '../web/text-streams.js';
import { URLSearchParams } from '../web/url/search-params.js';
import { URL } from '../web/url/url.js';
import { console } from './console.js';
import { fetch } from './http.js';
import * as loop from './loop.js';
import { performanceGlobals } from './performance.js';
import { mathRandom, randomBytes } from './random.js';

function define(on, values) {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(on, name, { value, writable: true, enumerable: false, configurable: true });
  }
}

const {
  ReadableStream,
  ReadableStreamDefaultReader,
  ReadableStreamBYOBReader,
  ReadableStreamDefaultController,
  ReadableByteStreamController,
  ReadableStreamBYOBRequest,
  WritableStream,
  WritableStreamDefaultWriter,
  WritableStreamDefaultController,
  TransformStream,
  TransformStreamDefaultController,
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
} = streams;

function reportError(error) {
  console.error(error);
}

define(globalThis, {
  ...events,
  ...eventGlobals,
  ...performanceGlobals,
  Blob,
  ByteLengthQueuingStrategy,
  CompressionStream,
  CountQueuingStrategy,
  DecompressionStream,
  EventSource,
  File,
  FormData,
  Headers,
  Intl: intl,
  MessageChannel,
  MessagePort,
  Navigator,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  Request,
  Response,
  TextDecoder,
  TextDecoderStream,
  TextEncoder,
  TextEncoderStream,
  TransformStream,
  TransformStreamDefaultController,
  URL,
  URLPattern,
  URLSearchParams,
  WebAssembly,
  WebSocket,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
  clearImmediate,
  clearInterval: loop.clearTimeout,
  clearTimeout: loop.clearTimeout,
  console,
  ...cryptoWith(randomBytes),
  fetch,
  navigator: new Navigator(),
  reportError,
  scheduler,
  self: globalThis,
  setImmediate,
  setInterval: loop.setInterval,
  setTimeout: loop.setTimeout,
  structuredClone,
});
define(URL, { createObjectURL, revokeObjectURL });
for (const [prototype, methods] of localeMethods) define(prototype, methods);
Math.random = mathRandom;
