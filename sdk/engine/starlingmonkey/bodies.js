// Bodies of StarlingMonkey's requests and responses: what it lacks (`bytes`, Response.clone, streams that can be iterated)
// and does wrong (files of forms come out as the numbers of their bytes).
import { blobBytes } from '../web/blob.js';
import { readForm } from '../web/form-data.js';

function extend(target, methods) {
  for (const name of Reflect.ownKeys(methods)) {
    const { value, get } = Object.getOwnPropertyDescriptor(methods, name);
    const accessor = get ? { get } : { value, writable: true };
    Object.defineProperty(target, name, { ...accessor, enumerable: false, configurable: true });
  }
}

/** Reads a stream to its end, or until whoever iterates has enough. */
async function* piecesOf(stream, preventCancel) {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!isDone && !preventCancel) await reader.cancel();
    reader.releaseLock();
  }
}

extend(ReadableStream.prototype, {
  values({ preventCancel = false } = {}) {
    return piecesOf(this, preventCancel);
  },
  [Symbol.asyncIterator]() {
    return piecesOf(this, false);
  },
});

extend(ReadableStream, {
  from(given) {
    const iterator = given?.[Symbol.asyncIterator]?.() ?? given?.[Symbol.iterator]?.();
    if (!iterator) throw new TypeError('ReadableStream.from wants something that can be iterated');
    return new ReadableStream(
      {
        async pull(controller) {
          const { done, value } = await iterator.next();
          if (done) controller.close();
          else controller.enqueue(await value);
        },
        async cancel(reason) {
          await iterator.return?.(reason);
        },
      },
      { highWaterMark: 0 },
    );
  },
});

/** Streams of bodies that were cloned: half of the first body for each. */
const halves = new WeakMap();
const nativeBody = Object.getOwnPropertyDescriptor(Response.prototype, 'body').get;
const nativeUsed = Object.getOwnPropertyDescriptor(Response.prototype, 'bodyUsed').get;

/** A response that can be sent: one whose body was cloned gets the half that it kept. */
export function sendable(response) {
  const half = halves.get(response);
  return half
    ? new Response(half, { status: response.status, statusText: response.statusText, headers: response.headers })
    : response;
}

/** A method that reads the half, where there is one. */
function reading(name) {
  const native = Response.prototype[name];
  return function read(...given) {
    return native.call(sendable(this), ...given);
  };
}

extend(Response.prototype, {
  arrayBuffer: reading('arrayBuffer'),
  blob: reading('blob'),
  json: reading('json'),
  text: reading('text'),
  get body() {
    return halves.get(this) ?? nativeBody.call(this);
  },
  get bodyUsed() {
    return halves.get(this)?.locked ?? nativeUsed.call(this);
  },
  clone() {
    if (this.bodyUsed || this.body?.locked) throw new TypeError('What has been read already cannot be cloned');
    const { status, statusText, headers, body } = this;
    if (!body) return new Response(null, { status, statusText, headers });
    const [own, other] = body.tee();
    halves.set(this, own);
    return new Response(other, { status, statusText, headers });
  },
});

/** Forms are read by our parser, and given as the engine's own. */
async function formData() {
  const form = new FormData();
  const type = this.headers.get('content-type') ?? '';
  for (const [name, value] of readForm(await this.bytes(), type)) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new File([blobBytes(value)], value.name, { type: value.type }));
  }
  return form;
}

async function bytes() {
  return new Uint8Array(await this.arrayBuffer());
}

extend(Request.prototype, { bytes, formData });
extend(Response.prototype, { bytes, formData });
