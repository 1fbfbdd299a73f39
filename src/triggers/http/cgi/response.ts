// From what a CGI program prints to a response: its head is read up to the empty line, the rest stays a stream.
// https://www.rfc-editor.org/rfc/rfc3875#section-6
import { type ByteSource, HttpError, type HttpResponse } from '../../../host/http-message.ts';
import { isToken } from '../../../host/http-syntax.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Rejects with an HttpError when the output ends in its head, has a head of more than `maxBytes`, or none that is one. */
export async function readResponse(output: ByteSource, maxBytes: number): Promise<HttpResponse> {
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const end = endOfHead(bytes);
    if (end !== undefined && end <= maxBytes) return responseOf(bytes.subarray(0, end), bytes.subarray(end), output);
    if (bytes.length > maxBytes) throw malformed(`printed more than ${maxBytes} bytes before the empty line`);
    const chunk = await output.read();
    if (chunk === undefined) {
      throw malformed(bytes.length === 0 ? 'printed nothing' : 'ended before the empty line that ends the headers');
    }
    bytes = Buffer.concat([bytes, chunk]);
  }
}

function malformed(what: string): HttpError {
  return new HttpError('HTTP-response-incomplete', `the CGI program ${what}`);
}

/** Behind the first empty line; lines end in LF or CR LF. */
function endOfHead(bytes: Buffer): number | undefined {
  for (let line = 0; ; ) {
    const end = bytes.indexOf(LF, line);
    if (end < 0) return undefined;
    if (end === line || (end === line + 1 && bytes[line] === CR)) return end + 1;
    line = end + 1;
  }
}

function responseOf(head: Buffer, rest: Buffer, output: ByteSource): HttpResponse {
  const fields = head
    .toString('latin1')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(parseField);
  const status = fields.find(([name]) => name === 'status')?.[1];
  const location = fields.some(([name]) => name === 'location');
  if (status === undefined && !location && !fields.some(([name]) => name === 'content-type')) {
    throw malformed('printed none of the headers "content-type", "location" and "status"');
  }
  return {
    status: status === undefined ? (location ? 302 : 200) : parseStatus(status),
    headers: fields.filter(([name]) => !ofServer.has(name)),
    body: withRest(rest, output),
  };
}

function parseField(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
  if (!isToken(name)) throw malformed(`printed a line among the headers that is none: "${line.slice(0, 100)}"`);
  const value = line.slice(colon + 1).trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) throw malformed(`printed a header "${name}" with control characters`);
  return [name, value];
}

/** `Status` is for us; how the body is framed and the connection goes on is the server's business. */
const ofServer = new Set(['status', 'connection', 'transfer-encoding', 'keep-alive', 'upgrade', 'trailer']);

/** `404 Not Found` */
function parseStatus(text: string): number {
  const code = /^([2-5]\d\d)(?:\s|$)/.exec(text)?.[1];
  if (code === undefined) throw malformed(`printed the status "${text.slice(0, 100)}"`);
  return Number(code);
}

function withRest(rest: Buffer, output: ByteSource): ByteSource {
  let first: Uint8Array | undefined = rest.length > 0 ? rest : undefined;
  return {
    read() {
      const chunk = first;
      first = undefined;
      return chunk ?? output.read();
    },
    cancel(reason) {
      first = undefined;
      output.cancel(reason);
    },
  };
}
