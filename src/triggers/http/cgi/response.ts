// Makes a response of what a CGI program prints: its head is read up to the empty line, the rest stays a stream.
// https://www.rfc-editor.org/rfc/rfc3875#section-6
import { type ByteSource, HttpError, type HttpResponse } from '../../../host/http-message.ts';
import { contentLengthOf, isToken } from '../../../host/http-syntax.ts';
import { endOrMore } from '../../../host/whole-body.ts';

const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads the response. Rejects with an HttpError when the output ends in its head, has a head of more than `maxBytes`,
 * or none that is valid.
 */
export async function readResponse(output: ByteSource, maxBytes: number): Promise<HttpResponse> {
  const head = new Head(maxBytes);
  for (;;) {
    const chunk = await output.read();
    if (chunk === undefined) {
      throw malformed(head.length === 0 ? 'printed nothing' : 'ended before the empty line that ends the headers');
    }
    const rest = head.add(chunk);
    if (rest !== undefined) return responseOf(head.text(), rest, output);
  }
}

/** The head, which is printed until the empty line. Each byte is looked at once, in however small pieces it comes. */
class Head {
  readonly #most: number;
  #bytes = Buffer.alloc(1024);
  length = 0;
  /** The offset at which the line that is not over starts. A lone CR does not end a line. */
  #lineStart = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Adds a chunk. When it ends the head, the result is what comes behind it. Lines end in LF or CR LF. */
  add(chunk: Uint8Array): Uint8Array | undefined {
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(LF, from);
      const to = end < 0 ? chunk.length : end + 1;
      this.#append(chunk.subarray(from, to));
      from = to;
      if (end < 0) break;
      if (this.#isEmptyLine()) return chunk.subarray(from);
      this.#lineStart = this.length;
    }
    return undefined;
  }

  #isEmptyLine(): boolean {
    const size = this.length - this.#lineStart;
    return size === 1 || (size === 2 && this.#bytes[this.#lineStart] === CR);
  }

  #append(part: Uint8Array): void {
    const length = this.length + part.length;
    if (length > this.#most) throw malformed(`printed more than ${this.#most} bytes before the empty line`);
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(part, this.length);
    this.length = length;
  }

  #grow(length: number): void {
    const larger = Buffer.alloc(Math.min(this.#most, Math.max(length, 2 * this.#bytes.length)));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  text(): string {
    return this.#bytes.toString('latin1', 0, this.length);
  }
}

function malformed(what: string): HttpError {
  return new HttpError('HTTP-response-incomplete', `the CGI program ${what}`);
}

function responseOf(head: string, rest: Uint8Array, output: ByteSource): HttpResponse {
  const fields = head
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(parseField);
  const status = fields.find(([name]) => name === 'status')?.[1];
  const location = fields.some(([name]) => name === 'location');
  if (status === undefined && !location && !fields.some(([name]) => name === 'content-type')) {
    throw malformed('printed none of the headers "content-type", "location" and "status"');
  }
  const length = contentLengthOf(fields);
  return {
    status: status === undefined ? (location ? 302 : 200) : parseStatus(status),
    headers: fields.filter(([name]) => !ofServer.has(name)),
    body: new CgiBody(rest, output, length === 'invalid' ? undefined : length),
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

/**
 * Fields that are not passed on: `Status` is for us, and the server decides how the body is framed and the connection
 * goes on.
 */
const ofServer = new Set(['status', 'connection', 'transfer-encoding', 'keep-alive', 'upgrade', 'trailer']);

/** The status in `404 Not Found`. */
function parseStatus(text: string): number {
  const code = /^([2-5]\d\d)(?:\s|$)/.exec(text)?.[1];
  if (code === undefined) throw malformed(`printed the status "${text.slice(0, 100)}"`);
  return Number(code);
}

/**
 * What the program prints behind its head. The body is whole once as many bytes came as were announced, however the
 * program ends, and even if it never does.
 */
class CgiBody implements ByteSource {
  #first: Uint8Array | undefined;
  readonly #output: ByteSource;
  readonly #announced: number | undefined;
  #printed = 0;

  constructor(first: Uint8Array, output: ByteSource, announced: number | undefined) {
    this.#first = first.length > 0 ? first : undefined;
    this.#output = output;
    this.#announced = announced;
  }

  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) return this.#counted(first);
    return this.#printed === this.#announced ? this.#more() : this.#next();
  }

  #next(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const chunk = this.#output.read();
    return chunk instanceof Promise ? chunk.then((one) => this.#counted(one)) : this.#counted(chunk);
  }

  /** What comes behind a whole body. */
  async #more(): Promise<Uint8Array | undefined> {
    return endOrMore((async () => this.#next())().catch(() => undefined));
  }

  #counted(chunk: Uint8Array | undefined): Uint8Array | undefined {
    this.#printed += chunk?.length ?? 0;
    return chunk;
  }

  cancel(reason?: unknown): void {
    this.#first = undefined;
    this.#output.cancel(reason);
  }
}
