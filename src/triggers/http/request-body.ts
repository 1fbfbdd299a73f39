// The body of a request, in every version of HTTP.
import { type ByteSource, type HeaderList, HttpError } from '../../host/http-message.ts';
import { NodeBody, type NodeBodyOptions, type NodeMessage } from '../../host/node-body.ts';
import type { LimitsOf } from '../../limits.ts';

export interface RequestLimits extends LimitsOf<'server'> {
  readonly targetBytes: number;
  /** Milliseconds for which a body may bring nothing while the guest waits for it. */
  readonly bodyIdleMs: number;
}

/** `begin` is called before the first read. */
export function bodyOf(
  req: NodeMessage,
  length: number | undefined,
  begin: (() => void) | undefined,
  { bufferedBytes, bodyIdleMs, headerBytes }: RequestLimits,
): ByteSource {
  const options = { bufferedBytes, idleMs: bodyIdleMs, length, brokenCode: 'connection-terminated', begin };
  return new RequestBody(req, options, headerBytes);
}

/** A request's body, whose trailers are checked here: Node lets them be as long as target and headers together. */
class RequestBody extends NodeBody {
  readonly #mostTrailerBytes: number;

  constructor(req: NodeMessage, options: NodeBodyOptions, mostTrailerBytes: number) {
    super(req, options);
    this.#mostTrailerBytes = mostTrailerBytes;
  }

  override trailers(): HeaderList | undefined {
    const list = super.trailers();
    let bytes = 0;
    for (const [name, value] of list ?? []) bytes += name.length + value.length;
    if (bytes <= this.#mostTrailerBytes) return list;
    const message = `the trailers have ${bytes} bytes, more than ${this.#mostTrailerBytes}`;
    throw new HttpError('HTTP-request-trailer-section-size', message, bytes);
  }
}
