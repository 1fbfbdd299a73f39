// Follows a request until it is over, for those who want to know what became of it and what it cost: until the last byte
// of its answer was taken, and its guest has ended.
import type { ByteSource, HttpRequest, HttpResponse, IdentityFields } from '../../host/http-message.ts';
import { type Chunk, RelayedBody } from '../../host/relayed-body.ts';
import type { Propagation } from '../../telemetry/trace-context.ts';
import type { RequestSpan, Tracer } from '../../telemetry/tracer.ts';
import type { FinishedRequest, Usage } from '../../telemetry/usage.ts';
import { RequestIdentity } from './request-identity.ts';
import { hasNoBody } from './response-rules.ts';

interface Client {
  readonly clientAddress: string;
  readonly protocol?: string | undefined;
}

interface FollowOptions {
  readonly isChained: boolean;
  readonly tell: ((request: FinishedRequest) => void) | undefined;
  readonly tracer: Tracer | undefined;
}

export class FollowedRequest extends RequestIdentity {
  readonly #tell: FollowOptions['tell'];
  readonly #span: RequestSpan | undefined;
  readonly #request: HttpRequest;
  readonly #client: Client;
  readonly #isChained: boolean;
  readonly #start = performance.now();
  readonly #received: CountedBody | undefined;
  #component: string | undefined;
  #route: string | undefined;
  #headMs = 0;
  #totalMs = 0;
  #status = 0;
  #sentBytes = 0;
  #isBroken = false;
  #error: unknown;
  #usage: Usage | undefined;
  /** Whether a guest has answered, and what it used is yet to be told. */
  #runs = false;
  #hasAnswered = false;
  #isOver = false;

  constructor(request: HttpRequest, client: Client, { isChained, tell, tracer }: FollowOptions) {
    super(request.headers);
    this.#tell = tell;
    this.#request = request;
    this.#client = client;
    this.#isChained = isChained;
    this.#span = tracer?.request({ ...request, clientAddress: client.clientAddress });
    this.#received = request.body && new CountedBody(request.body);
  }

  /** The request with a body that is counted. */
  get request(): HttpRequest {
    return this.#received ? { ...this.#request, body: this.#received } : this.#request;
  }

  /** Where traces are recorded, what the guest's own requests hand on is below its span. */
  override get propagation(): Propagation | undefined {
    return this.#span?.propagation ?? super.propagation;
  }

  override get fields(): IdentityFields {
    const { spanId } = this.#span?.propagation.context ?? {};
    return spanId === undefined ? super.fields : { ...super.fields, spanId };
  }

  began(component: string, route: string): void {
    this.#span?.executes(component);
    this.#component = component;
    this.#route = route;
    this.#runs = true;
  }

  /** The guest gave its answer, and has yet to tell what it used, if it has not. */
  guestAnswered(): void {
    this.#hasAnswered = true;
  }

  /** A guest that failed before it gave its answer has told by then what it used, if it was ever started. */
  failed(error: unknown): void {
    this.#error = error;
    if (!this.#hasAnswered) this.#runs = false;
    this.#span?.executed(error);
  }

  /** Called once the guest has ended. */
  used(usage: Usage): void {
    this.#usage = usage;
    this.#runs = false;
    this.#span?.executed(undefined);
    if (this.#isOver) this.#finish();
  }

  /** Takes the answer; the body of the one that it gives is counted. */
  answered(response: HttpResponse): HttpResponse {
    const { status, body } = response;
    this.#headMs = performance.now() - this.#start;
    this.#status = status;
    if (body === undefined) {
      this.#end(0, false);
      return response;
    }
    const isBodiless = hasNoBody(this.#request.method, status);
    const counted = new CountedBody(body, (bytes, isWhole) => this.#end(bytes, !isWhole && !isBodiless));
    return { ...response, body: counted };
  }

  #end(bytes: number, isBroken: boolean): void {
    this.#sentBytes = bytes;
    this.#isBroken = isBroken;
    this.#totalMs = performance.now() - this.#start;
    this.#isOver = true;
    if (!this.#runs) this.#finish();
  }

  #finish(): void {
    const { method, scheme, authority, target, headers } = this.#request;
    const { clientAddress, protocol } = this.#client;
    const finished: FinishedRequest = {
      method,
      scheme,
      authority,
      target,
      headers,
      clientAddress,
      protocol,
      identity: this,
      isChained: this.#isChained,
      component: this.#component,
      route: this.#route,
      status: this.#status,
      startedAt: performance.timeOrigin + this.#start,
      headMs: this.#headMs,
      totalMs: this.#totalMs,
      receivedBytes: this.#received?.bytes ?? 0,
      sentBytes: this.#sentBytes,
      isBroken: this.#isBroken,
      usage: this.#usage,
      error: this.#error,
    };
    this.#span?.end(finished);
    this.#tell?.(finished);
  }
}

/** A body whose bytes are counted. `ended` is told once how many there were, and whether these were all. */
class CountedBody extends RelayedBody {
  readonly #ended: ((bytes: number, isWhole: boolean) => void) | undefined;
  #isOver = false;
  bytes = 0;

  constructor(source: ByteSource, ended?: (bytes: number, isWhole: boolean) => void) {
    super(source);
    this.#ended = ended;
  }

  protected override passed(chunk: Chunk): Chunk {
    if (chunk === undefined) this.#end(true);
    else this.bytes += chunk.length;
    return chunk;
  }

  /** A body that failed is cancelled by whoever read it. */
  override cancel(reason?: unknown): void {
    super.cancel(reason);
    this.#end(false);
  }

  #end(isWhole: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended?.(this.bytes, isWhole);
  }
}
