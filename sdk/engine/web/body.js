// What Request and Response have in common: a body. https://fetch.spec.whatwg.org/#body-mixin
import { Blob, blobBytes, joined } from './blob.js';
import { FormData, readForm, writeForm } from './form-data.js';

/**
 * What a body is made of: `bytes` where they are known, else a stream. `source` gives pieces of bytes to whoever reads it
 * without the machinery of streams.
 */
export function contentOf(init) {
  if (init === null || init === undefined) return undefined;
  if (typeof init === 'string') return { bytes: new TextEncoder().encode(init), type: 'text/plain;charset=UTF-8' };
  if (init instanceof ArrayBuffer) return { bytes: new Uint8Array(init.slice(0)) };
  if (ArrayBuffer.isView(init)) return { bytes: new Uint8Array(init.buffer, init.byteOffset, init.byteLength).slice() };
  if (init instanceof Blob) return { bytes: blobBytes(init), type: init.type || undefined };
  if (init instanceof FormData) return writeForm(init);
  if (init instanceof URLSearchParams) {
    return { bytes: new TextEncoder().encode(String(init)), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  }
  if (init instanceof ReadableStream) {
    if (init.locked) throw new TypeError('The stream of a body is being read already');
    return { stream: init };
  }
  if (typeof init === 'object' && typeof init[Symbol.asyncIterator] === 'function')
    return { stream: ReadableStream.from(init) };
  return { bytes: new TextEncoder().encode(String(init)), type: 'text/plain;charset=UTF-8' };
}

const contents = new WeakMap();

/**
 * Gives an object its content: { bytes } | { stream } | { source: async iterator of bytes }, with the `coding` that its bytes
 * still have, if it is one that is not known here.
 */
export function setContent(holder, content) {
  contents.set(holder, content && { ...content, isUsed: false });
}

export const getContent = (holder) => contents.get(holder);

/** All bytes of the content, which is used up by that. */
async function take(holder) {
  const content = contents.get(holder);
  if (!content) return new Uint8Array(0);
  if (isUsed(content) || content.stream?.locked) throw new TypeError('The body has been read already');
  content.isUsed = true;
  if (content.bytes) return content.bytes;
  const parts = [];
  for await (const part of piecesOf(content)) parts.push(part);
  return joined(parts) ?? new Uint8Array(0);
}

/** The bytes of what is to be read as text. Throws a TypeError for one that is compressed in a way that is not known here. */
async function takeText(holder) {
  const coding = contents.get(holder)?.coding;
  if (coding === undefined) return take(holder);
  throw new TypeError(
    `The body is compressed as "${coding}", which is not read here: ask for it with the header "accept-encoding: gzip"`,
  );
}

const isUsed = ({ isUsed: used, wasRead }) => used || Boolean(wasRead?.());

/** The pieces of a content in order. Throws a TypeError for a stream that gives anything but bytes. */
export async function* piecesOf(content) {
  if (content.bytes) yield content.bytes;
  else if (content.source && !content.stream) yield* content.source;
  else {
    for await (const part of content.stream) {
      if (!(part instanceof Uint8Array))
        throw new TypeError('The stream of a body gave something else than a Uint8Array');
      yield part;
    }
  }
}

function streamOf(content) {
  if (content.stream) return content.stream;
  const { bytes, source } = content;
  const iterator = source?.[Symbol.asyncIterator]();
  let wasRead = false;
  content.wasRead = () => wasRead;
  content.stream = new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      wasRead = true;
      const { done, value } = iterator ? await iterator.next() : { done: bytes.length === 0, value: bytes };
      if (!done && value.length > 0) controller.enqueue(value.slice());
      if (done || !iterator) {
        controller.close();
        controller.byobRequest?.respond(0);
      }
    },
    async cancel(reason) {
      wasRead = true;
      await iterator?.return?.(reason);
    },
  });
  content.bytes = undefined;
  content.source = undefined;
  return content.stream;
}

export function withBody(Base) {
  return class extends Base {
    get body() {
      const content = contents.get(this);
      return content ? streamOf(content) : null;
    }

    get bodyUsed() {
      const content = contents.get(this);
      return content ? isUsed(content) : false;
    }

    async arrayBuffer() {
      const bytes = await take(this);
      return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
    }

    async bytes() {
      return await take(this);
    }

    async blob() {
      return new Blob([await take(this)], { type: this.headers.get('content-type') ?? '' });
    }

    async formData() {
      return readForm(await takeText(this), this.headers.get('content-type') ?? '');
    }

    async json() {
      return JSON.parse(new TextDecoder().decode(await takeText(this)));
    }

    async text() {
      return new TextDecoder().decode(await takeText(this));
    }
  };
}

/** Shares a content between the holder and a copy of it. */
export function cloneContent(holder) {
  const content = contents.get(holder);
  if (!content) return undefined;
  if (isUsed(content) || content.stream?.locked) throw new TypeError('What has been read already cannot be cloned');
  if (content.bytes && !content.stream) return { bytes: content.bytes };
  const [own, other] = streamOf(content).tee();
  setContent(holder, { stream: own, coding: content.coding });
  return { stream: other, coding: content.coding };
}
