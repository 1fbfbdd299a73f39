// TextDecoder of https://encoding.spec.whatwg.org/#interface-textdecoder, for an engine that has none: UTF-8, UTF-16 and the
// encodings of one byte.
import { singleByte } from './single-byte.js';

const REPLACEMENT = 0xfffd;

const labels = new Map(
  Object.entries({
    'utf-8': 'unicode-1-1-utf-8 utf-8 utf8 x-unicode20utf8 unicode11utf8 unicode20utf8',
    'utf-16le': 'utf-16le utf-16 unicode ucs-2 iso-10646-ucs-2 csunicode unicodefeff',
    'utf-16be': 'utf-16be unicodefffe',
  }).flatMap(([encoding, all]) => all.split(' ').map((label) => [label, encoding])),
);

const bytesOf = (input) => {
  if (input === undefined) return new Uint8Array(0);
  if (input instanceof ArrayBuffer || input instanceof SharedArrayBuffer) return new Uint8Array(input);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  throw new TypeError('TextDecoder.decode wants an ArrayBuffer or a view of one');
};

/** Code units are made into text in pieces: an engine has no room for a call with more arguments. */
const PIECE = 4096;

class Text {
  #text = '';
  #units = [];

  add(code) {
    if (code >= 0x10000) {
      this.#units.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
    } else this.#units.push(code);
    if (this.#units.length >= PIECE) this.#flush();
  }

  #flush() {
    this.#text += String.fromCharCode.apply(null, this.#units);
    this.#units.length = 0;
  }

  end() {
    this.#flush();
    return this.#text;
  }
}

export class TextDecoder {
  #encoding;
  /** Of an encoding of one byte: its characters from 0x80 on. */
  #table;
  #fatal;
  #ignoreBOM;
  #isContinued = false;
  #sawBom = false;
  /** Of UTF-8: what is known of a character that is not complete. */
  #code = 0;
  #needed = 0;
  #low = 0x80;
  #high = 0xbf;
  /** Of UTF-16: a byte without its other, and a first surrogate without its second. */
  #byte = -1;
  #lead = 0;

  constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    const wanted = String(label).trim().toLowerCase();
    const other = labels.has(wanted) ? undefined : singleByte(wanted);
    const encoding = labels.get(wanted) ?? other?.name;
    if (encoding === undefined) {
      throw new RangeError(
        `TextDecoder has no "${label}" here: it knows UTF-8, UTF-16 and the encodings of one byte. The package iconv-lite has others`,
      );
    }
    this.#encoding = encoding;
    this.#table = other?.table;
    this.#fatal = Boolean(fatal);
    this.#ignoreBOM = Boolean(ignoreBOM);
  }

  get encoding() {
    return this.#encoding;
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#ignoreBOM;
  }

  decode(input, { stream = false } = {}) {
    const bytes = bytesOf(input);
    if (!this.#isContinued) this.#reset();
    this.#isContinued = stream;
    const ascii = this.#encoding === 'utf-8' && this.#needed === 0 ? asciiText(bytes) : undefined;
    if (ascii !== undefined) {
      if (bytes.length > 0) this.#sawBom = true;
      return ascii;
    }
    const text = new Text();
    if (this.#encoding === 'utf-8') this.#utf8(bytes, text);
    else if (this.#table) this.#bytes(bytes, text);
    else this.#utf16(bytes, text);
    if (!stream) this.#finish(text);
    return text.end();
  }

  #bytes(bytes, text) {
    for (const byte of bytes) {
      const code = byte < 0x80 ? byte : this.#table[byte - 0x80];
      if (code === undefined) this.#fault(text);
      else text.add(code);
    }
  }

  #reset() {
    this.#sawBom = false;
    this.#needed = 0;
    this.#low = 0x80;
    this.#high = 0xbf;
    this.#byte = -1;
    this.#lead = 0;
  }

  #put(text, code) {
    if (!this.#sawBom) {
      this.#sawBom = true;
      if (code === 0xfeff && !this.#ignoreBOM) return;
    }
    text.add(code);
  }

  #fault(text) {
    if (this.#fatal) {
      this.#isContinued = false;
      throw new TypeError(`The encoded data was not valid ${this.#encoding}`);
    }
    this.#put(text, REPLACEMENT);
  }

  #utf8(bytes, text) {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (this.#needed === 0) {
        if (byte < 0x80) this.#put(text, byte);
        else if (byte >= 0xc2 && byte <= 0xdf) this.#begin(1, byte & 0x1f);
        else if (byte >= 0xe0 && byte <= 0xef)
          this.#begin(2, byte & 0xf, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf);
        else if (byte >= 0xf0 && byte <= 0xf4)
          this.#begin(3, byte & 7, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf);
        else this.#fault(text);
        continue;
      }
      if (byte < this.#low || byte > this.#high) {
        this.#needed = 0;
        this.#low = 0x80;
        this.#high = 0xbf;
        this.#fault(text);
        at--;
        continue;
      }
      this.#low = 0x80;
      this.#high = 0xbf;
      this.#code = (this.#code << 6) | (byte & 0x3f);
      this.#needed--;
      if (this.#needed === 0) this.#put(text, this.#code);
    }
  }

  #begin(needed, code, low = 0x80, high = 0xbf) {
    this.#needed = needed;
    this.#code = code;
    this.#low = low;
    this.#high = high;
  }

  #utf16(bytes, text) {
    for (const byte of bytes) {
      if (this.#byte < 0) {
        this.#byte = byte;
        continue;
      }
      const unit = this.#encoding === 'utf-16le' ? (byte << 8) | this.#byte : (this.#byte << 8) | byte;
      this.#byte = -1;
      this.#unit(unit, text);
    }
  }

  #unit(unit, text) {
    const lead = this.#lead;
    this.#lead = 0;
    if (lead !== 0 && unit >= 0xdc00 && unit <= 0xdfff) {
      this.#put(text, 0x10000 + ((lead - 0xd800) << 10) + (unit - 0xdc00));
      return;
    }
    if (lead !== 0) this.#fault(text);
    if (unit >= 0xd800 && unit <= 0xdbff) this.#lead = unit;
    else if (unit >= 0xdc00 && unit <= 0xdfff) this.#fault(text);
    else this.#put(text, unit);
  }

  #finish(text) {
    if (this.#needed > 0 || this.#byte >= 0 || this.#lead > 0) {
      this.#reset();
      this.#sawBom = true;
      this.#fault(text);
    }
  }
}

/** The text of bytes that are all ASCII; undefined for others. */
function asciiText(bytes) {
  for (let at = 0; at < bytes.length; at++) if (bytes[at] >= 0x80) return undefined;
  if (bytes.length <= PIECE) return String.fromCharCode.apply(null, bytes);
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE)
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + PIECE));
  return text;
}
