// Turns the head of a response that node:http has read into an HttpResponse, or into an error if it is faulty.
import type { IncomingMessage } from 'node:http';
import { type HeaderList, HttpError, type HttpResponse, type SendOptions } from '../http-message.ts';
import { contentLengthOf } from '../http-syntax.ts';
import { headerList, NodeBody } from '../node-body.ts';
import type { ClientLimits } from './limits.ts';

/** Makes the response. Throws an HttpError for a faulty head; the connection is then of no use. */
export function toResponse(
  message: IncomingMessage,
  method: string,
  options: SendOptions,
  limits: ClientLimits,
): HttpResponse {
  const headers = headerList(message.rawHeaders);
  const status = message.statusCode ?? 0;
  check(message, status, headers, limits);
  const length = contentLengthOf(headers);
  if (length === 0 || method === 'HEAD' || status === 204 || status === 304) {
    message.resume();
    return { status, headers, body: undefined };
  }
  const body = new NodeBody(message, {
    bufferedBytes: limits.bufferedBytes,
    idleMs: options.betweenBytesTimeoutMs ?? limits.timeoutMs,
    length: length === 'invalid' ? undefined : length,
    brokenCode: 'HTTP-response-incomplete',
    abandon: () => message.destroy(),
  });
  return { status, headers, body };
}

function check(message: IncomingMessage, status: number, headers: HeaderList, limits: ClientLimits): void {
  if (headers.length > limits.headerCount) {
    throw new HttpError('HTTP-response-header-section-size', `response has more than ${limits.headerCount} headers`);
  }
  if (message.httpVersionMajor !== 1) {
    throw new HttpError('HTTP-protocol-error', `the response is of HTTP/${message.httpVersion}`);
  }
  if (status < 200) throw new HttpError('HTTP-protocol-error', `the response has the status ${status}`);
  for (const [name, value] of headers) {
    if (name === 'transfer-encoding' && value.trim().toLowerCase() !== 'chunked') {
      // A coded body is an error, since the guest does not see this field and would take the coded bytes for the
      // content.
      const description = `the response has the transfer coding "${value}"`;
      throw new HttpError('HTTP-response-transfer-coding', description, value);
    }
  }
}
