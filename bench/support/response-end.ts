// Where an HTTP/1.1 response ends, for clients that trust their server: one of the benchmark.

/** Characters of the first response in `text`, a latin1 string; undefined as long as it is not complete. */
export function responseEnd(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const headers = text.slice(0, head + 2).toLowerCase();
  const body = head + 4;
  const length = /\r\ncontent-length: *(\d+)\r\n/.exec(headers)?.[1];
  if (length !== undefined) return complete(text, body + Number(length));
  if (!/\r\ntransfer-encoding: *chunked\r\n/.test(headers)) return body;
  return chunkedEnd(text, body);
}

function chunkedEnd(text: string, start: number): number | undefined {
  let at = start;
  for (;;) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(text.slice(at, line), 16);
    if (Number.isNaN(size)) throw new Error('The chunked body of a response is broken');
    if (size === 0) return trailerEnd(text, line + 2);
    at = line + 2 + size + 2;
    if (at > text.length) return undefined;
  }
}

function trailerEnd(text: string, start: number): number | undefined {
  if (text.startsWith('\r\n', start)) return start + 2;
  const end = text.indexOf('\r\n\r\n', start);
  return end < 0 ? undefined : end + 4;
}

function complete(text: string, end: number): number | undefined {
  return end <= text.length ? end : undefined;
}
