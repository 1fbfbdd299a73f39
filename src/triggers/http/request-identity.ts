// What the log calls a request: an id that every line about it carries, also those that its guest prints. The header
// fields themselves go to the guest as they came.
import { randomUUID } from 'node:crypto';
import type { HeaderList, IdentityFields } from '../../host/http-message.ts';

/** An id that a client or a proxy chose is taken when it is a word of a bounded length; any other would fill the log. */
const REQUEST_ID = /^[\w.:/+=@-]{1,128}$/;

/** Of a `traceparent` of W3C Trace Context: a version other than ff, and a trace that is not all zeros. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/** The identity of one request; its parts are made when the log first asks for them. */
export class RequestIdentity {
  readonly #headers: HeaderList;
  #fields: IdentityFields | undefined;

  constructor(headers: HeaderList) {
    this.#headers = headers;
  }

  get fields(): IdentityFields {
    this.#fields ??= identityOf(this.#headers);
    return this.#fields;
  }
}

function identityOf(headers: HeaderList): IdentityFields {
  const given = only(headers, 'x-request-id');
  const traceId = TRACEPARENT.exec(only(headers, 'traceparent') ?? '')?.[1];
  const requestId = given !== undefined && REQUEST_ID.test(given) ? given : (traceId ?? randomUUID());
  return { requestId, ...(traceId && { traceId }) };
}

/** The value of a field that stands there once. */
function only(headers: HeaderList, wanted: string): string | undefined {
  const found = headers.filter(([name]) => name === wanted);
  return found.length === 1 ? found[0]?.[1].trim() : undefined;
}
