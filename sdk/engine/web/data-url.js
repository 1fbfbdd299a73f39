// Data URLs, as fetch reads them: https://fetch.spec.whatwg.org/#data-url-processor

/** `{ bytes, type }`; throws a TypeError for a URL that has no data. */
export function readDataUrl(url) {
  const text = String(url).slice('data:'.length).replace(/#.*$/s, '');
  const comma = text.indexOf(',');
  if (comma < 0) throw new TypeError('fetch failed: a data: URL has a comma before its data');
  const head = text.slice(0, comma).trim();
  const isBase64 = /;\s*base64$/i.test(head);
  const type = isBase64 ? head.replace(/;\s*base64$/i, '') : head;
  const raw = percentDecoded(text.slice(comma + 1));
  const bytes = isBase64 ? fromBase64(raw) : raw;
  return { bytes, type: type === '' || type.startsWith(';') ? `text/plain${type || ';charset=US-ASCII'}` : type };
}

function percentDecoded(text) {
  const bytes = new TextEncoder().encode(text);
  const found = [];
  for (let at = 0; at < bytes.length; at++) {
    const pair = bytes[at] === 0x25 ? /^[0-9a-f]{2}$/i.exec(String.fromCharCode(bytes[at + 1], bytes[at + 2])) : null;
    found.push(pair ? Number.parseInt(pair[0], 16) : bytes[at]);
    if (pair) at += 2;
  }
  return Uint8Array.from(found);
}

function fromBase64(bytes) {
  try {
    const text = atob(new TextDecoder().decode(bytes));
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  } catch {
    throw new TypeError('fetch failed: the data of the data: URL is no base64');
  }
}
