// wasi:http 0.2.0-rc-2023-10-18: messages are made by one constructor, errors are four cases with a text.

import type { HostInterface } from '../../../component/types/val-type.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { defineInterface } from '../../service.ts';
import { type ErrorCode, httpErrorOf } from '../http/error-code.ts';
import { Fields } from '../http/fields.ts';
import type { ResponseOutparam } from '../http/incoming.ts';
import type { FutureTrailers } from '../http/incoming-body.ts';
import type { FutureIncomingResponse, IncomingResponse } from '../http/incoming-response.ts';
import { httpInterfaces } from '../http/interfaces.ts';
import type { Method, Scheme } from '../http/message-line.ts';
import type { OutgoingBody } from '../http/outgoing-body.ts';
import { handle } from '../http/outgoing-handler.ts';
import { OutgoingRequest, RequestOptions } from '../http/outgoing-request.ts';
import { OutgoingResponse } from '../http/outgoing-response.ts';
import { type HttpOwner, httpLimitsOf } from '../http/state.ts';
import { trailersOf } from './2023-11-10.ts';
import { derive } from './derive.ts';

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

/** What had no error then is a trap, as in Spin. */
function must(result: Result<unknown, unknown>, what: string): void {
  if (result.tag === 'err') throw new Trap(`${what} is not valid`);
}

function nanoseconds(milliseconds: number | undefined): bigint | undefined {
  return milliseconds === undefined ? undefined : BigInt(milliseconds) * 1_000_000n;
}

function newFields(owner: HttpOwner, entries: readonly [string, Uint8Array][]): Fields {
  const fields = Fields.empty(httpLimitsOf(owner));
  for (const [name, value] of entries) must(fields.append(name, value), `Header "${name}"`);
  return fields;
}

/** Headers are lent, not given: the message gets a copy. */
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

function responseOf(self: FutureIncomingResponse): Response | undefined {
  const outcome = self.get();
  if (outcome?.tag !== 'ok') return outcome;
  return ok(outcome.val.tag === 'ok' ? outcome.val : err(toOldError(outcome.val.val)));
}

/** Having no trailers could not be said. */
function oldTrailers(owner: HttpOwner, self: FutureTrailers): Result<Fields, OldError> | undefined {
  const outcome = trailersOf(self);
  if (outcome === undefined) return undefined;
  return outcome.tag === 'ok' ? ok(outcome.val ?? Fields.empty(httpLimitsOf(owner))) : err(toOldError(outcome.val));
}

type Response18 = Result<OutgoingResponse, OldError>;

const { functions } = defineInterface<HttpOwner>('wasi', 'wasi:http/types', undefined, {
  functions: {
    '[constructor]fields': newFields,
    '[method]fields.set': (_owner, self: Fields, name: string, values: Uint8Array[]) =>
      must(self.set(name, values), `Header "${name}"`),
    '[method]fields.delete': (_owner, self: Fields, name: string) => must(self.delete(name), `Header "${name}"`),
    '[method]fields.append': (_owner, self: Fields, name: string, value: Uint8Array) =>
      must(self.append(name, value), `Header "${name}"`),
    '[constructor]outgoing-request': newRequest,
    '[method]outgoing-request.write': (owner, self: OutgoingRequest) => self.openBody(owner),
    '[constructor]outgoing-response': newResponse,
    '[method]outgoing-response.write': (owner, self: OutgoingResponse) => self.openBody(owner),
    '[static]outgoing-body.finish': (_owner, self: OutgoingBody, trailers: Fields | undefined) =>
      void self.finish(trailers),
    '[static]response-outparam.set': (_owner, self: ResponseOutparam, response: Response18) =>
      self.set(response.tag === 'ok' ? response : err(fromOldError(response.val))),
    '[method]future-trailers.get': oldTrailers,
    '[method]future-incoming-response.get': (_owner, self: FutureIncomingResponse) => responseOf(self),
  },
});

const handler = defineInterface<HttpOwner>('wasi', 'wasi:http/outgoing-handler', undefined, {
  functions: { handle: send },
});

const of = (kind: 'own' | 'borrow', name: string): string => `${kind}<wasi:http/types/${name}>`;
const fields = of('borrow', 'fields');
const error = 'variant{invalid-url(string), timeout-error(string), protocol-error(string), unexpected-error(string)}';
const method = 'variant{get, head, post, put, delete, connect, options, trace, patch, other(string)}';
const scheme = 'variant{HTTP, HTTPS, other(string)}';
const options =
  'record{connect-timeout-ms: option<u32>, first-byte-timeout-ms: option<u32>, between-bytes-timeout-ms: option<u32>}';

const types = {
  '[constructor]fields': `func(list<tuple<string, list<u8>>>) -> ${of('own', 'fields')}`,
  '[method]fields.set': `func(${fields}, string, list<list<u8>>)`,
  '[method]fields.delete': `func(${fields}, string)`,
  '[method]fields.append': `func(${fields}, string, list<u8>)`,
  '[constructor]outgoing-request': `func(${method}, option<string>, option<${scheme}>, option<string>, ${fields}) -> ${of('own', 'outgoing-request')}`,
  '[method]outgoing-request.write': `func(${of('borrow', 'outgoing-request')}) -> result<${of('own', 'outgoing-body')}>`,
  '[constructor]outgoing-response': `func(u16, ${fields}) -> ${of('own', 'outgoing-response')}`,
  '[method]outgoing-response.write': `func(${of('borrow', 'outgoing-response')}) -> result<${of('own', 'outgoing-body')}>`,
  '[static]outgoing-body.finish': `func(${of('own', 'outgoing-body')}, option<${of('own', 'fields')}>)`,
  '[static]response-outparam.set': `func(${of('own', 'response-outparam')}, result<${of('own', 'outgoing-response')}, ${error}>)`,
  '[method]future-trailers.get': `func(${of('borrow', 'future-trailers')}) -> option<result<${of('own', 'fields')}, ${error}>>`,
  '[method]future-incoming-response.get': `func(${of('borrow', 'future-incoming-response')}) -> option<result<result<${of('own', 'incoming-response')}, ${error}>>>`,
};

/** Everything of 0.2 that came later. */
const later =
  /^(http-error-code|\[static]fields\.from-list|\[method](fields\.has|response-outparam\.send-informational)|\[(constructor|method)]request-options.*|\[method]outgoing-(request|response)\..*)$/;

export function http20231018(version: string): readonly HostInterface[] {
  return httpInterfaces.map((base) => {
    if (base.name !== 'wasi:http/types') {
      const { functions: changed } = handler;
      const type = `func(${of('own', 'outgoing-request')}, option<${options}>) -> result<${of('own', 'future-incoming-response')}, ${error}>`;
      return derive(base, version, { functions: changed, types: { handle: type } });
    }
    const without = Object.keys(base.functions).filter((name) => later.test(name));
    const derived = derive(base, version, { without, functions, types });
    const { 'request-options': _, ...resources } = derived.resources;
    return { ...derived, resources };
  });
}
