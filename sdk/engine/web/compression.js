// CompressionStream and DecompressionStream of https://compression.spec.whatwg.org/, and bodies that come compressed.
import { Deflate, Gunzip, Gzip, Inflate, Unzlib, Zlib } from 'fflate';
import { joined } from './blob.js';

/** The checksum of gzip (RFC 1952), by a table. */
const crcTable = Int32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(before, bytes) {
  let value = ~before;
  for (const byte of bytes) value = crcTable[(value ^ byte) & 0xff] ^ (value >>> 8);
  return ~value;
}

/** The checksum of zlib (RFC 1950). */
function adler32(before, bytes) {
  let low = before & 0xffff;
  let high = before >>> 16;
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return (high << 16) | low;
}

const little = (bytes, at) => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
const big = (bytes, at) => (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];

/** What stands behind the compressed data: its length, and whether it is that of the data. */
const trailers = {
  gzip: {
    size: 8,
    first: 0,
    sum: crc32,
    holds: (bytes, sum, length) => little(bytes, 0) === sum && little(bytes, 4) === (length | 0),
  },
  deflate: { size: 4, first: 1, sum: adler32, holds: (bytes, sum) => big(bytes, 0) === sum },
};

const packers = { gzip: Gzip, deflate: Zlib, 'deflate-raw': Deflate };
const unpackers = { gzip: Gunzip, deflate: Unzlib, 'deflate-raw': Inflate };

function broken(cause) {
  const text = cause?.message ?? cause;
  return new TypeError(`The compressed data is broken: ${text}`, { cause });
}

/** What both ways have in common: `push(bytes)` and `end()` give the pieces that come of it. */
class Machine {
  #machine;
  #pieces = [];

  constructor(made) {
    this.#machine = made;
    this.#machine.ondata = (piece) => {
      if (piece.length > 0) this.#pieces.push(piece);
    };
  }

  push(bytes, isLast = false) {
    this.#machine.push(bytes, isLast);
    return this.#pieces.splice(0);
  }

  end() {
    return this.push(new Uint8Array(0), true);
  }
}

/** As `Machine`, for data that others have compressed. Throws a TypeError for data that is broken or incomplete. */
class Unpacker {
  #machine;
  #trailer;
  #last = new Uint8Array(0);
  #sum;
  #length = 0;

  /** Without its trailer being looked at, data may consist of several parts. */
  constructor(format, withTrailer) {
    this.#machine = new Machine(new unpackers[format]());
    this.#trailer = withTrailer ? trailers[format] : undefined;
    this.#sum = this.#trailer?.first;
  }

  #run(bytes, isLast) {
    let pieces;
    try {
      pieces = this.#machine.push(bytes, isLast);
    } catch (cause) {
      throw broken(cause);
    }
    for (const piece of pieces) {
      this.#length += piece.length;
      if (this.#trailer) this.#sum = this.#trailer.sum(this.#sum, piece);
    }
    return pieces;
  }

  push(bytes) {
    if (this.#trailer) this.#last = joined([this.#last, bytes]).slice(-this.#trailer.size);
    // The machine keeps what it is given.
    return this.#run(bytes.slice(), false);
  }

  end() {
    const pieces = this.#run(new Uint8Array(0), true);
    const { size, holds } = this.#trailer ?? {};
    if (holds && (this.#last.length < size || !holds(this.#last, this.#sum, this.#length)))
      throw broken('its end is not that of the data');
    return pieces;
  }
}

function bytesOf(chunk) {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk.slice(0));
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength).slice();
  throw new TypeError('The stream wants pieces of bytes');
}

function streamsOf(machine) {
  return new TransformStream({
    transform(chunk, controller) {
      for (const piece of machine.push(bytesOf(chunk))) controller.enqueue(piece);
    },
    flush(controller) {
      for (const piece of machine.end()) controller.enqueue(piece);
    },
  });
}

function checkedFormat(given) {
  const format = String(given);
  if (Object.hasOwn(packers, format)) return format;
  throw new TypeError(`"${format}" is no format of compression here: gzip, deflate and deflate-raw are`);
}

export class CompressionStream {
  #streams;

  constructor(format) {
    this.#streams = streamsOf(new Machine(new packers[checkedFormat(format)]({ level: 6 })));
  }

  get readable() {
    return this.#streams.readable;
  }

  get writable() {
    return this.#streams.writable;
  }

  get [Symbol.toStringTag]() {
    return 'CompressionStream';
  }
}

export class DecompressionStream {
  #streams;

  constructor(format) {
    this.#streams = streamsOf(new Unpacker(checkedFormat(format), true));
  }

  get readable() {
    return this.#streams.readable;
  }

  get writable() {
    return this.#streams.writable;
  }

  get [Symbol.toStringTag]() {
    return 'DecompressionStream';
  }
}

const codings = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
]);

/** Whether a body with this `content-encoding` can be read. */
export const isDecodable = (coding) => codings.has(String(coding).trim().toLowerCase());

/** The pieces of a body that came with the `content-encoding`, decoded. */
export async function* decoded(source, coding) {
  const format = codings.get(coding.trim().toLowerCase());
  let unpacker;
  for await (const piece of source) {
    if (piece.length === 0) continue;
    // Some servers mean the bare format by "deflate": the first byte tells (RFC 9110, 8.4.1.2).
    unpacker ??= new Unpacker(format === 'deflate' && (piece[0] & 0x0f) !== 8 ? 'deflate-raw' : format, false);
    yield* unpacker.push(piece);
  }
  if (unpacker) yield* unpacker.end();
}
