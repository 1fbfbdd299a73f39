// The response to a client when no guest answered: a status and an empty body. Reasons go to the log, never to clients.
import { type ErrorCode, MayflyError } from '../../errors.ts';
import type { HeaderList, HttpResponse } from '../../host/http-message.ts';

const statuses: Partial<Record<ErrorCode, number>> = {
  'guest-cpu-limit': 504,
  'guest-wall-limit': 504,
  overloaded: 503,
  'request-too-large': 413,
  'sandbox-exhausted': 503,
};
const retryLater: HeaderList = [['retry-after', '1']];

export function emptyResponse(status: number, headers: HeaderList = []): HttpResponse {
  return { status, headers, body: undefined };
}

/** The response to an error: 500 for everything that has nothing to do with load, time or size. */
export function responseFor(error: unknown): HttpResponse {
  const status = (error instanceof MayflyError && statuses[error.code]) || 500;
  return emptyResponse(status, status === 503 ? retryLater : []);
}
