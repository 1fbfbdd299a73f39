// What services say when they refuse or fail, as errors of JavaScript.

/** A call of a host service that did not succeed. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** The service, as in `key-value`. */
  readonly service: string;
  /** The case of the interface's error type, as in `access-denied`. */
  readonly code: string;

  constructor(service: string, code: string, detail: string | undefined, cause: unknown) {
    super(`${service}: ${detail === undefined || detail === '' ? code : `${detail} (${code})`}`, { cause });
    this.service = service;
    this.code = code;
  }

  /** Engines have a class of their own for the connections that they hand to handlers: it is the same to programs. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'ServiceError' && 'service' in value;
  }
}

/** Calls the service; an error of its interface becomes a ServiceError. Engines throw the variant itself, or as `payload`. */
export function asking<T>(service: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { tag, val } = variantOf(error) ?? {};
    if (typeof tag !== 'string') throw error;
    throw new ServiceError(service, tag, val === undefined ? undefined : String(val), error);
  }
}

function variantOf(error: unknown): { readonly tag?: unknown; readonly val?: unknown } | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  return 'payload' in error ? Object(error.payload) : error;
}
