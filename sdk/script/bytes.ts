// Values that services take as bytes and programs have as texts.

export function bytesOf(value: string | Uint8Array | ArrayBuffer): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value);
  if (isBytes(value)) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError(`A value must be a string, a Uint8Array or an ArrayBuffer, not ${kindOf(value)}`);
}

/** Also of bytes that were made where `Uint8Array` is another one. */
export function isBytes(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** Bytes of the host: StarlingMonkey makes them where `Uint8Array` is another one, and they would be no instances of ours. */
export function ownBytes<T extends Uint8Array>(bytes: T): T {
  if (!(bytes instanceof Uint8Array)) Object.setPrototypeOf(bytes, Uint8Array.prototype);
  return bytes;
}

export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  const { name } = Object(value).constructor ?? {};
  return typeof value === 'object' && typeof name === 'string' ? `an object (${name})` : `a ${typeof value}`;
}
