// Percent-encoding as https://url.spec.whatwg.org/#percent-encoded-bytes has it, with its sets of characters.
export const C0 = /[^ -~]/gu;
export const FRAGMENT = /[^!#-;=?-_a-~]/gu;
export const QUERY = /[^!$-;=?-~]/gu;
export const SPECIAL_QUERY = /[^!$-&(-;=?-~]/gu;
export const PATH = /[^!$-;=@-\]_a-z|~]/gu;
export const USERINFO = /[^!$-.0-9A-Z_a-z~]/gu;

function encodeOne(character) {
  const code = character.charCodeAt(0);
  if (code < 0x80) return `%${code < 16 ? '0' : ''}${code.toString(16).toUpperCase()}`;
  return encodeURIComponent(character);
}

/** `text` with what is in `set` encoded. The text is well-formed. */
export function encode(text, set) {
  return text.replace(set, encodeOne);
}

/** The text of percent-encoded UTF-8; what is none becomes U+FFFD. */
export function decode(text) {
  if (!text.includes('%')) return text;
  try {
    // What is no pair of digits stands for itself.
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return decodeBytes(text);
  }
}

function decodeBytes(text) {
  const source = new TextEncoder().encode(text);
  const bytes = new Uint8Array(source.length);
  let length = 0;
  for (let at = 0; at < source.length; at++) {
    const pair = source[at] === 0x25 ? String.fromCharCode(source[at + 1], source[at + 2]) : '';
    const isPair = /^[0-9a-f]{2}$/i.test(pair);
    bytes[length++] = isPair ? Number.parseInt(pair, 16) : source[at];
    if (isPair) at += 2;
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, length));
}
