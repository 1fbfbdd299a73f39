// Blob and File of https://w3c.github.io/FileAPI/. All bytes are in memory.
const bytesOf = new WeakMap();

function bytesOfPart(part) {
  if (part instanceof Blob) return bytesOf.get(part);
  if (part instanceof ArrayBuffer) return new Uint8Array(part.slice(0));
  if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength).slice();
  return new TextEncoder().encode(String(part));
}

export function joined(parts) {
  const [first] = parts;
  if (parts.length === 1) return first;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const typeOf = (type) => (/^[\x20-\x7e]*$/.test(type) ? type.toLowerCase() : '');

export class Blob {
  #type;

  constructor(parts = [], { type = '' } = {}) {
    if (parts === null || typeof parts !== 'object' || typeof parts[Symbol.iterator] !== 'function') {
      throw new TypeError('Blob wants a list of parts');
    }
    this.#type = typeOf(String(type));
    bytesOf.set(this, joined([...parts].map(bytesOfPart)) ?? new Uint8Array(0));
  }

  get size() {
    return bytesOf.get(this).length;
  }

  get type() {
    return this.#type;
  }

  slice(start = 0, end = this.size, type = '') {
    const part = new Blob([], { type });
    const { size } = this;
    const place = (at) => (at < 0 ? Math.max(size + at, 0) : Math.min(at, size));
    bytesOf.set(part, bytesOf.get(this).subarray(place(start), Math.max(place(start), place(end))));
    return part;
  }

  async arrayBuffer() {
    return bytesOf.get(this).slice().buffer;
  }

  async bytes() {
    return bytesOf.get(this).slice();
  }

  async text() {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesOf.get(this));
  }

  stream() {
    const bytes = bytesOf.get(this).slice();
    return new ReadableStream({
      type: 'bytes',
      start(controller) {
        if (bytes.length > 0) controller.enqueue(bytes);
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
  }

  get [Symbol.toStringTag]() {
    return 'Blob';
  }
}

export class File extends Blob {
  #name;
  #lastModified;

  constructor(parts, name, { lastModified = Date.now(), ...options } = {}) {
    super(parts, options);
    this.#name = String(name);
    this.#lastModified = Number(lastModified);
  }

  get name() {
    return this.#name;
  }

  get lastModified() {
    return this.#lastModified;
  }

  get webkitRelativePath() {
    return '';
  }

  get [Symbol.toStringTag]() {
    return 'File';
  }
}

/** The bytes of a blob, which nobody may change. */
export const blobBytes = (blob) => bytesOf.get(blob);
