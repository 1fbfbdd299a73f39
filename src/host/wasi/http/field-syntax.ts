// Syntax of field names and values (RFC 9110, sections 5.1 and 5.5), and the fields that guests may not touch.

const lowerToken = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/**
 * Fields of the connection, not of the message, which the host sets. They are hidden in what comes in, so that a guest
 * can hand on the headers that it got; the list is Wasmtime's.
 */
const forbidden: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'host',
  'http2-settings',
]);

export function isForbidden(name: string): boolean {
  return forbidden.has(name);
}

/** Whether WASI 0.3 hides the field: of the forbidden ones it lets guests see which host was asked for. */
export function isHidden03(name: string): boolean {
  return name !== 'host' && forbidden.has(name);
}

/** The name in lower case, or undefined when it is no token. */
export function normalName(name: string): string | undefined {
  if (lowerToken.test(name)) return name;
  // The case is changed only after the check: some letters outside ASCII turn into ASCII ones in lower case.
  return token.test(name) ? name.toLowerCase() : undefined;
}

/** The bytes of a field value as a latin1 string, or undefined when a control character is among them. */
export function valueFromBytes(bytes: Uint8Array): string | undefined {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) return undefined;
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export function bytesFromValue(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}
