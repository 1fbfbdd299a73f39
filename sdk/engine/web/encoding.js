// TextEncoder and TextDecoder of https://encoding.spec.whatwg.org/, for an engine that has none: UTF-8, UTF-16 and Latin-1.
const REPLACEMENT = 0xfffd;

/** Writes `text` as UTF-8 from `at` on, as far as there is room; gives what was read (code units) and written (bytes). */
function encodeInto(text, bytes, at = 0) {
  const { length } = text;
  const end = bytes.length;
  let to = at;
  let read = 0;
  while (read < length) {
    let code = text.charCodeAt(read);
    if (code < 0x80) {
      if (to >= end) break;
      bytes[to++] = code;
      read++;
      continue;
    }
    let units = 1;
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code < 0xdc00 && read + 1 < length ? text.charCodeAt(read + 1) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        units = 2;
      } else code = REPLACEMENT;
    }
    const size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (to + size > end) break;
    if (size === 2) bytes[to++] = 0xc0 | (code >> 6);
    else {
      if (size === 3) bytes[to++] = 0xe0 | (code >> 12);
      else {
        bytes[to++] = 0xf0 | (code >> 18);
        bytes[to++] = 0x80 | ((code >> 12) & 0x3f);
      }
      bytes[to++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[to++] = 0x80 | (code & 0x3f);
    read += units;
  }
  return { read, written: to - at };
}

export class TextEncoder {
  get encoding() {
    return 'utf-8';
  }

  encode(given = '') {
    const text = String(given);
    // Three bytes hold whatever one code unit becomes; a text of ASCII, as most are, is seen to need one.
    const bytes = new Uint8Array(text.length);
    const { read, written } = encodeInto(text, bytes);
    if (read === text.length) return written === bytes.length ? bytes : bytes.slice(0, written);
    const longer = new Uint8Array(written + (text.length - read) * 3);
    longer.set(bytes.subarray(0, written));
    const rest = encodeInto(text.slice(read), longer, written);
    return longer.slice(0, written + rest.written);
  }

  encodeInto(given, bytes) {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('TextEncoder.encodeInto wants a Uint8Array');
    return encodeInto(String(given), bytes);
  }
}

const labels = new Map([
  ...['unicode-1-1-utf-8', 'utf-8', 'utf8', 'x-unicode20utf8', 'unicode11utf8', 'unicode20utf8'].map((l) => [
    l,
    'utf-8',
  ]),
  ...['utf-16le', 'utf-16', 'unicode', 'ucs-2', 'iso-10646-ucs-2', 'csunicode', 'unicodefeff'].map((l) => [
    l,
    'utf-16le',
  ]),
  ...['utf-16be', 'unicodefffe'].map((l) => [l, 'utf-16be']),
  ...[
    'windows-1252',
    'latin1',
    'iso-8859-1',
    'iso8859-1',
    'iso88591',
    'ascii',
    'us-ascii',
    'l1',
    'cp1252',
    'x-cp1252',
    'ansi_x3.4-1968',
    'cp819',
    'csisolatin1',
    'ibm819',
    'iso-ir-100',
    'iso_8859-1',
    'iso_8859-1:1987',
  ].map((l) => [l, 'windows-1252']),
]);

/** The code points of windows-1252 from 0x80 to 0x9f; the others are those of Latin-1. */
const WINDOWS_1252 = [
  0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
  0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
];

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
    const encoding = labels.get(String(label).trim().toLowerCase());
    if (encoding === undefined) {
      throw new RangeError(`TextDecoder has no "${label}" here: it knows utf-8, utf-16le, utf-16be and windows-1252`);
    }
    this.#encoding = encoding;
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
    else if (this.#encoding === 'windows-1252') for (const byte of bytes) text.add(WINDOWS_1252[byte - 0x80] ?? byte);
    else this.#utf16(bytes, text);
    if (!stream) this.#finish(text);
    return text.end();
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
