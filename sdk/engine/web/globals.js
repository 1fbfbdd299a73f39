// The Web's globals that are of no engine: what an engine lacks of them it takes from here. `crypto` and `performance` are made
// of what the engine has (crypto/crypto.js, performance.js), and so is `fetch` (fetch.js).
import { URLPattern } from 'urlpattern-polyfill';
import * as streams from 'web-streams-polyfill';
import { Blob, File } from './blob.js';
import { CompressionStream, DecompressionStream } from './compression.js';
import * as events from './events.js';
import { FormData } from './form-data.js';
import { Headers } from './headers.js';
import { intl, localeMethods } from './intl/intl.js';
import { MessageChannel, MessagePort } from './messages.js';
import { EventSource, WebAssembly, WebSocket } from './missing.js';
import { Navigator } from './navigator.js';
import { createObjectURL, revokeObjectURL } from './object-urls.js';
import { Request } from './request.js';
import { Response } from './response.js';
import { structuredClone } from './structured-clone.js';
import { clearImmediate, scheduler, setImmediate } from './tasks.js';
import { TextDecoder } from './text-decoder.js';
import { TextEncoder } from './text-encoder.js';
import { TextDecoderStream, TextEncoderStream } from './text-streams.js';
import { URLSearchParams } from './url/search-params.js';
import { URL } from './url/url.js';

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

export const globals = {
  ...events,
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
  navigator: new Navigator(),
  scheduler,
  setImmediate,
  structuredClone,
};

export function define(on, values) {
  for (const [name, value] of Object.entries(values)) {
    // The bundler may have called it otherwise.
    if (typeof value === 'function' && value.name !== name && /\$/.test(value.name))
      Object.defineProperty(value, 'name', { value: name, configurable: true });
    Object.defineProperty(on, name, { value, writable: true, enumerable: false, configurable: true });
  }
}

/** For an engine without Intl: the methods that are made of it, and those of URL that others lack. */
export function defineMethods() {
  define(globalThis.URL, { createObjectURL, revokeObjectURL });
  for (const [prototype, methods] of localeMethods) define(prototype, methods);
}
