// wasi:http/types@0.3 response: one kind of response for both directions.
import type { FutureReader, StreamReader } from '../../../component/types/streams.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import type { HttpResponse } from '../../http-message.ts';
import { resource } from '../../service.ts';
import { type Contents, type Done, GuestContents, HostContents, type Trailers } from './contents.ts';
import type { Fields } from './fields.ts';
import { announced } from './request-0.3.ts';
import { type HttpOwner, httpLimitsOf } from './state.ts';

export class Response {
  readonly headers: Fields;
  readonly contents: Contents;
  status = 200;

  constructor(headers: Fields, contents: Contents) {
    this.headers = headers.freeze();
    this.contents = contents;
  }

  /** Makes the answer to a request of the guest; `headers` are counted. */
  static received(owner: HttpOwner, { status, body }: HttpResponse, headers: Fields): Response {
    const made = new Response(headers, new HostContents(owner, body));
    made.status = status;
    return made;
  }

  setStatus(status: number): Result<undefined, undefined> {
    if (status < 100 || status > 599) return err(undefined);
    this.status = status;
    return ok();
  }

  /** Makes the response to send, and takes the contents. */
  toHttpResponse(): HttpResponse {
    const { status, contents } = this;
    const body = contents.source();
    // A message without body goes out whole with its head.
    if (body === undefined && contents instanceof GuestContents) contents.settle(ok());
    return { status, headers: this.headers.list, body };
  }
}

function newResponse(
  owner: HttpOwner,
  headers: Fields,
  stream: StreamReader<number> | undefined,
  trailers: FutureReader<Trailers>,
): [Response, Promise<Done>] {
  const contents = new GuestContents('response', announced(headers), stream, trailers, httpLimitsOf(owner).held);
  return [new Response(headers, contents), contents.sent];
}

export const responseResource = resource('response', (_owner: HttpOwner, self: Response) => {
  self.headers.release();
  self.contents.drop();
});

export const responseFunctions = {
  '[static]response.new': newResponse,
  '[method]response.get-status-code': (_owner: HttpOwner, self: Response) => self.status,
  '[method]response.set-status-code': (_owner: HttpOwner, self: Response, status: number) => self.setStatus(status),
  '[method]response.get-headers': (_owner: HttpOwner, self: Response) => self.headers.share(),
  '[static]response.consume-body': (_owner: HttpOwner, self: Response, result: FutureReader<Done>) =>
    self.contents.consume(result),
};
