// What the log calls a request: an id that every line about it carries, also those that its guest prints. The header
// fields themselves go to the guest as they came.
import { randomUUID } from 'node:crypto';
import type { HeaderList, IdentityFields } from '../../host/http-message.ts';
import type { EventIdentity } from '../../telemetry/event-identity.ts';
import { onlyValue, type Propagation, receivedPropagation } from '../../telemetry/trace-context.ts';

/** An id that a client or a proxy chose is taken when it is a word of a bounded length; any other would fill the log. */
const REQUEST_ID = /^[\w.:/+=@-]{1,128}$/;

/** The identity of one request; its parts are made when the log first asks for them. */
export class RequestIdentity implements EventIdentity {
  readonly #headers: HeaderList;
  #fields: IdentityFields | undefined;

  constructor(headers: HeaderList) {
    this.#headers = headers;
  }

  get fields(): IdentityFields {
    this.#fields ??= identityOf(this.#headers, this.propagation?.context?.traceId);
    return this.#fields;
  }

  /** The fields if somebody has asked for them; otherwise no line of the log has them. */
  get knownFields(): IdentityFields | undefined {
    return this.#fields;
  }

  get propagation(): Propagation | undefined {
    return receivedPropagation(this.#headers);
  }
}

function identityOf(headers: HeaderList, traceId: string | undefined): IdentityFields {
  const given = onlyValue(headers, 'x-request-id');
  const requestId = given !== undefined && REQUEST_ID.test(given) ? given : (traceId ?? randomUUID());
  return { requestId, ...(traceId && { traceId }) };
}
