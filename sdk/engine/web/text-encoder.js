// TextEncoder of https://encoding.spec.whatwg.org/#interface-textencoder, for an engine that has none.
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
