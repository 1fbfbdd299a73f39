// Hosts of URLs: https://url.spec.whatwg.org/#host-parsing. Each function gives undefined for what is none.
import { C0, decode, encode } from './encode.js';
import { toPunycode } from './punycode.js';

const FORBIDDEN = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const FORBIDDEN_DOMAIN = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/;

/** The host in its usual form. */
export function parseHost(text, isSpecial) {
  if (text.startsWith('[')) return text.endsWith(']') ? parseIPv6(text.slice(1, -1)) : undefined;
  if (!isSpecial) return FORBIDDEN.test(text) ? undefined : encode(text, C0);
  const domain = toAscii(decode(text));
  if (domain === undefined || domain === '' || FORBIDDEN_DOMAIN.test(domain)) return undefined;
  return endsInNumber(domain) ? parseIPv4(domain) : domain;
}

/** Domain to ASCII (UTS #46), without the tables of what a registry would refuse. */
function toAscii(text) {
  if (!/[^\0-\x7f]/.test(text)) {
    const lower = text.toLowerCase();
    return lower.split('.').every((label) => !label.startsWith('xn--') || isPunycode(label)) ? lower : undefined;
  }
  const mapped = text
    .replace(/\u00ad|\u034f|[\u180b-\u180d]|\u200b|\u2060|[\ufe00-\ufe0f]|\ufeff/g, '')
    .replace(/\u1e9e/g, 'ss')
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[\u3002\uff0e\uff61]/g, '.');
  if (/[\u200c-\u200f\u202a-\u202e\u2066-\u2069\ufff9-\uffff\ud800-\udfff]|\p{Cn}|\p{Co}/u.test(mapped))
    return undefined;
  const labels = mapped.split('.').map((label) => (/[^\0-\x7f]/.test(label) ? labelToAscii(label) : label));
  return labels.includes(undefined) ? undefined : labels.join('.');
}

function labelToAscii(label) {
  // A label may not begin with a mark that belongs to a letter before.
  return /^\p{M}/u.test(label) || label.startsWith('xn--') ? undefined : `xn--${toPunycode(label)}`;
}

const isPunycode = (label) => /^xn--.*[^-]$/.test(label);

function endsInNumber(domain) {
  const parts = domain.split('.');
  if (parts.at(-1) === '') {
    if (parts.length === 1) return false;
    parts.pop();
  }
  return /^(\d+|0x[0-9a-f]*)$/.test(parts.at(-1));
}

function ipv4Number(text) {
  if (text === '') return undefined;
  if (/^0x[0-9a-f]*$/.test(text)) return text === '0x' ? 0 : Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^(0|[1-9]\d*)$/.test(text) ? Number(text) : undefined;
}

function parseIPv4(domain) {
  const parts = domain.split('.');
  if (parts.at(-1) === '') parts.pop();
  if (parts.length > 4) return undefined;
  const numbers = parts.map(ipv4Number);
  if (numbers.includes(undefined)) return undefined;
  const last = numbers.pop();
  if (numbers.some((one) => one > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
  const address = numbers.reduce((sum, one, index) => sum + one * 256 ** (3 - index), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

function parseIPv6(text) {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [before, after] = halves.map((half, index) => pieces(half, index === halves.length - 1));
  if (before === undefined || (halves.length === 2 && after === undefined)) return undefined;
  if (halves.length === 1) return before.length === 8 ? `[${shortened(before)}]` : undefined;
  const missing = 8 - before.length - after.length;
  if (missing < 1) return undefined;
  return `[${shortened([...before, ...Array(missing).fill(0), ...after])}]`;
}

/** The numbers of a part between colons. An IPv4 address may be the last. */
function pieces(text, isLast) {
  if (text === '') return [];
  const all = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) all.push(Number.parseInt(part, 16));
    else {
      const [, ...bytes] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(part) ?? [];
      if (!isLast || index < parts.length - 1 || bytes.length === 0) return undefined;
      if (bytes.some((one) => Number(one) > 255 || /^0\d/.test(one))) return undefined;
      const [a, b, c, d] = bytes.map(Number);
      all.push(a * 256 + b, c * 256 + d);
    }
  }
  return all;
}

/** The longest run of zeros, of two at least, is left out. */
function shortened(numbers) {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && numbers[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = numbers.map((one) => one.toString(16));
  if (best.start < 0) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}
