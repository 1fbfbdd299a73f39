// What must not stand in a recording: values of secret variables, and of header fields that prove who somebody is. Each is
// replaced by as many bytes, so that lengths, and with them what a guest does, stay the same.

/** The header fields whose values are never written. */
const sensitive: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie']);

/** Bytes of a value that is looked for wherever it may stand; a shorter one would be found in what has nothing to do with it. */
const SHORTEST = 6;

const MASK = 'x';

/** Whether it is the name of such a field, or of the variable that CGI programs have for it. */
export function isSensitive(name: string): boolean {
  return (
    name.length < 30 &&
    sensitive.has(
      name
        .toLowerCase()
        .replace(/^http_/, '')
        .replaceAll('_', '-'),
    )
  );
}

export function masked(value: string): string {
  return MASK.repeat(Buffer.byteLength(value));
}

export function maskedBytes(value: Uint8Array): Uint8Array {
  return new Uint8Array(value.length).fill(MASK.charCodeAt(0));
}

export class Secrets {
  readonly #values: Buffer[] = [];

  constructor(values: Iterable<string> = []) {
    for (const value of values) this.add(value);
  }

  get some(): boolean {
    return this.#values.length > 0;
  }

  /** The bytes of the longest one. */
  get longest(): number {
    return this.#values[0]?.length ?? 0;
  }

  add(value: string | Uint8Array): void {
    const bytes = Buffer.from(value as string);
    if (bytes.length < SHORTEST || this.#values.some((one) => one.equals(bytes))) return;
    this.#values.push(bytes);
    // A secret that another one begins with must not leave the rest of that behind.
    this.#values.sort((one, other) => other.length - one.length);
  }

  /** Adds the value of a sensitive field, and the parts of it that guests take out: a token, the values of cookies. */
  addField(value: string | Uint8Array): void {
    this.add(value);
    const text = Buffer.from(value as string).toString('latin1');
    for (const part of text.split(/[\s;,]+/)) {
      this.add(Buffer.from(part, 'latin1'));
      const equals = part.indexOf('=');
      if (equals > 0) this.add(Buffer.from(part.slice(equals + 1), 'latin1'));
    }
  }

  bytes(given: Uint8Array): Uint8Array {
    let found: Buffer | undefined;
    const source = Buffer.from(given.buffer, given.byteOffset, given.length);
    for (const value of this.#values) {
      for (let at = (found ?? source).indexOf(value); at >= 0; at = found.indexOf(value, at + value.length)) {
        found ??= Buffer.from(source);
        found.fill(MASK, at, at + value.length);
      }
    }
    return found ?? given;
  }

  text(given: string): string {
    if (this.#values.length === 0) return given;
    const bytes = Buffer.from(given);
    const clean = this.bytes(bytes);
    return clean === bytes ? given : Buffer.from(clean).toString();
  }
}
