// wasi:http 0.2.0-rc-2023-10-18: messages are made by one constructor, errors are four cases with a text.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { defineInterface, resource } from '../../service.ts';
import { type ErrorCode, httpErrorOf } from '../http/error-code.ts';
import type { Fields } from '../http/fields.ts';
import * as fields from '../http/fields.ts';
import * as outparam from '../http/incoming.ts';
import type { FutureTrailers } from '../http/incoming-body.ts';
import * as incomingBody from '../http/incoming-body.ts';
import * as incomingRequest from '../http/incoming-request.ts';
import type { FutureIncomingResponse, IncomingResponse } from '../http/incoming-response.ts';
import * as incomingResponse from '../http/incoming-response.ts';
import type { Method, Scheme } from '../http/message-line.ts';
import { finishOutgoingBody, type OutgoingBody, writeBody } from '../http/outgoing-body.ts';
import { handle } from '../http/outgoing-handler.ts';
import { dropOutgoingRequest, OutgoingRequest, openRequestBody } from '../http/outgoing-request.ts';
import { dropOutgoingResponse, OutgoingResponse, openResponseBody } from '../http/outgoing-response.ts';
import { RequestOptions } from '../http/request-options.ts';
import { type HttpOwner, httpLimitsOf } from '../http/state.ts';
import type { HostObject } from '../io/host-object.ts';
import { getTrailers } from './http-2023-11-10.ts';
import { RC_2023_10_18 } from './versions.ts';

interface OldError {
  readonly tag: 'invalid-url' | 'timeout-error' | 'protocol-error' | 'unexpected-error';
  readonly val: string;
}

interface OldOptions {
  readonly connectTimeoutMs: number | undefined;
  readonly firstByteTimeoutMs: number | undefined;
  readonly betweenBytesTimeoutMs: number | undefined;
}

function toOldError(code: ErrorCode): OldError {
  const val = httpErrorOf(code).message;
  if (code.tag.startsWith('HTTP-request-URI')) return { tag: 'invalid-url', val };
  if (code.tag.endsWith('timeout')) return { tag: 'timeout-error', val };
  return { tag: code.tag === 'HTTP-protocol-error' ? 'protocol-error' : 'unexpected-error', val };
}

function fromOldError({ tag, val }: OldError): ErrorCode {
  return { tag: 'internal-error', val: `${tag.replace('-', ' ')}: ${val}` };
}

/** Traps, as in Spin, where a function could report no error yet. */
function must(result: Result<unknown, unknown>, what: string): void {
  if (result.tag === 'err') throw new Trap(`${what} is not valid`);
}

function nanoseconds(milliseconds: number | undefined): bigint | undefined {
  return milliseconds === undefined ? undefined : BigInt(milliseconds) * 1_000_000n;
}

function newFields(owner: HttpOwner, entries: readonly [string, Uint8Array][]): Fields {
  const made = fields.newFields(owner);
  for (const [name, value] of entries) must(made.append(name, value), `Header "${name}"`);
  return made;
}

/** Makes a request. Its headers are lent, not given, so that it gets a copy. */
function newRequest(
  owner: HttpOwner,
  method: Method,
  path: string | undefined,
  scheme: Scheme | undefined,
  authority: string | undefined,
  headers: Fields,
): OutgoingRequest {
  const limits = httpLimitsOf(owner);
  const request = new OutgoingRequest(headers.clone(limits), limits.held);
  must(request.setMethod(method), 'The method');
  must(request.setPath(path), 'The path');
  must(request.setScheme(scheme), 'The scheme');
  must(request.setAuthority(authority), 'The authority');
  return request;
}

function newResponse(owner: HttpOwner, status: number, headers: Fields): OutgoingResponse {
  const response = new OutgoingResponse(headers.clone(httpLimitsOf(owner)));
  must(response.setStatus(status), 'The status');
  return response;
}

function send(
  owner: HttpOwner,
  request: OutgoingRequest,
  old: OldOptions | undefined,
): Result<FutureIncomingResponse, OldError> {
  const options = new RequestOptions();
  options.connect = nanoseconds(old?.connectTimeoutMs);
  options.firstByte = nanoseconds(old?.firstByteTimeoutMs);
  options.betweenBytes = nanoseconds(old?.betweenBytesTimeoutMs);
  const sent = handle(owner, request, options);
  return sent.tag === 'ok' ? sent : err(toOldError(sent.val));
}

type Response = Result<Result<IncomingResponse, OldError>, undefined>;

function getResponse(_owner: HttpOwner, self: FutureIncomingResponse): Response | undefined {
  const outcome = self.get();
  if (outcome?.tag !== 'ok') return outcome;
  return ok(outcome.val.tag === 'ok' ? outcome.val : err(toOldError(outcome.val.val)));
}

/** Gives the trailers. That there are none could not be expressed yet. */
function getOldTrailers(owner: HttpOwner, self: FutureTrailers): Result<Fields, OldError> | undefined {
  const outcome = getTrailers(owner, self);
  if (outcome === undefined) return undefined;
  return outcome.tag === 'ok' ? ok(outcome.val ?? fields.newFields(owner)) : err(toOldError(outcome.val));
}

/**
 * Finishes a body. One that is too short or too long breaks the message, since that could not be expressed otherwise.
 */
function finishBody(owner: HttpOwner, self: OutgoingBody, trailers: Fields | undefined): void {
  finishOutgoingBody(owner, self, trailers);
}

function setResponse(
  owner: HttpOwner,
  self: outparam.ResponseOutparam,
  response: Result<OutgoingResponse, OldError>,
): void {
  outparam.setResponse(owner, self, response.tag === 'ok' ? response : err(fromOldError(response.val)));
}

const drop = (_owner: HttpOwner, object: HostObject): void => object.drop();

const types = defineInterface<HttpOwner>('wasi', 'wasi:http/types', RC_2023_10_18, {
  resources: [
    resource('fields', fields.dropFields),
    resource('incoming-request'),
    resource('outgoing-request', dropOutgoingRequest),
    resource('response-outparam'),
    resource('incoming-response', drop),
    resource('future-incoming-response', drop),
    resource('incoming-body', drop),
    resource('future-trailers', drop),
    resource('outgoing-response', dropOutgoingResponse),
    resource('outgoing-body', drop),
  ],
  functions: {
    '[constructor]fields': newFields,
    '[method]fields.get': fields.getField,
    '[method]fields.set': (owner, self: Fields, name: string, values: Uint8Array[]) =>
      must(fields.setField(owner, self, name, values), `Header "${name}"`),
    '[method]fields.delete': (owner, self: Fields, name: string) =>
      must(fields.deleteField(owner, self, name), `Header "${name}"`),
    '[method]fields.append': (owner, self: Fields, name: string, value: Uint8Array) =>
      must(fields.appendField(owner, self, name, value), `Header "${name}"`),
    '[method]fields.entries': fields.allFields,
    '[method]fields.clone': fields.cloneFields,

    '[method]incoming-request.method': incomingRequest.requestMethod,
    '[method]incoming-request.path-with-query': incomingRequest.requestPath,
    '[method]incoming-request.scheme': incomingRequest.requestScheme,
    '[method]incoming-request.authority': incomingRequest.requestAuthority,
    '[method]incoming-request.headers': incomingRequest.requestHeaders,
    '[method]incoming-request.consume': incomingRequest.consumeRequest,

    '[constructor]outgoing-request': newRequest,
    '[method]outgoing-request.write': openRequestBody,

    '[static]response-outparam.set': setResponse,

    '[method]incoming-response.status': incomingResponse.responseStatus,
    '[method]incoming-response.headers': incomingResponse.responseHeaders,
    '[method]incoming-response.consume': incomingResponse.consumeResponse,
    '[method]future-incoming-response.subscribe': incomingResponse.subscribeResponse,
    '[method]future-incoming-response.get': getResponse,

    '[method]incoming-body.stream': incomingBody.bodyStream,
    '[static]incoming-body.finish': incomingBody.finishBody,
    '[method]future-trailers.subscribe': incomingBody.subscribeTrailers,
    '[method]future-trailers.get': getOldTrailers,

    '[constructor]outgoing-response': newResponse,
    '[method]outgoing-response.write': openResponseBody,

    '[method]outgoing-body.write': writeBody,
    '[static]outgoing-body.finish': finishBody,
  },
});

const outgoingHandler = defineInterface<HttpOwner>('wasi', 'wasi:http/outgoing-handler', RC_2023_10_18, {
  functions: { handle: send },
});

export const http20231018 = [types, outgoingHandler];
