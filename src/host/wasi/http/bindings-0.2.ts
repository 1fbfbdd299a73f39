// The interfaces of wasi:http@0.2 that the host offers to guests: types and outgoing-handler. The files of the objects
// have what the functions do.
import { defineInterface, type Functions, resource } from '../../service.ts';
import type { HostObject } from '../io/host-object.ts';
import type { StreamFailure } from '../io/streams.ts';
import type { ErrorCode } from './error-code.ts';
import * as fields from './fields.ts';
import * as outparam from './incoming.ts';
import * as incomingBody from './incoming-body.ts';
import * as incomingRequest from './incoming-request.ts';
import * as incomingResponse from './incoming-response.ts';
import * as outgoingBody from './outgoing-body.ts';
import { handle } from './outgoing-handler.ts';
import * as outgoingRequest from './outgoing-request.ts';
import * as outgoingResponse from './outgoing-response.ts';
import * as options from './request-options.ts';
import type { HttpOwner } from './state.ts';

const drop = (_owner: HttpOwner, object: HostObject): void => object.drop();

function httpErrorCode(_owner: HttpOwner, error: StreamFailure): ErrorCode | undefined {
  return error.httpError as ErrorCode | undefined;
}

/**
 * Makes the types interface of a version that has `more` functions beside those that all versions have had since
 * 2023-11-10.
 */
export function typesInterface(version: string, more: Functions<HttpOwner>) {
  return defineInterface<HttpOwner>('wasi', 'wasi:http/types', version, {
    resources: [
      resource('fields', fields.dropFields),
      resource('incoming-request'),
      resource('outgoing-request', outgoingRequest.dropOutgoingRequest),
      resource('request-options'),
      resource('response-outparam'),
      resource('incoming-response', drop),
      resource('future-incoming-response', drop),
      resource('incoming-body', drop),
      resource('future-trailers', drop),
      resource('outgoing-response', outgoingResponse.dropOutgoingResponse),
      resource('outgoing-body', drop),
    ],
    functions: {
      'http-error-code': httpErrorCode,

      '[constructor]fields': fields.newFields,
      '[static]fields.from-list': fields.fieldsFromList,
      '[method]fields.get': fields.getField,
      '[method]fields.set': fields.setField,
      '[method]fields.delete': fields.deleteField,
      '[method]fields.append': fields.appendField,
      '[method]fields.entries': fields.allFields,
      '[method]fields.clone': fields.cloneFields,

      '[method]incoming-request.method': incomingRequest.requestMethod,
      '[method]incoming-request.path-with-query': incomingRequest.requestPath,
      '[method]incoming-request.scheme': incomingRequest.requestScheme,
      '[method]incoming-request.authority': incomingRequest.requestAuthority,
      '[method]incoming-request.headers': incomingRequest.requestHeaders,
      '[method]incoming-request.consume': incomingRequest.consumeRequest,

      '[constructor]outgoing-request': outgoingRequest.newOutgoingRequest,
      '[method]outgoing-request.body': outgoingRequest.openRequestBody,
      '[method]outgoing-request.method': outgoingRequest.method,
      '[method]outgoing-request.set-method': outgoingRequest.setMethod,
      '[method]outgoing-request.path-with-query': outgoingRequest.path,
      '[method]outgoing-request.set-path-with-query': outgoingRequest.setPath,
      '[method]outgoing-request.scheme': outgoingRequest.scheme,
      '[method]outgoing-request.set-scheme': outgoingRequest.setScheme,
      '[method]outgoing-request.authority': outgoingRequest.authority,
      '[method]outgoing-request.set-authority': outgoingRequest.setAuthority,
      '[method]outgoing-request.headers': outgoingRequest.headers,
      '[constructor]request-options': options.newOptions,

      '[static]response-outparam.set': outparam.setResponse,

      '[method]incoming-response.status': incomingResponse.responseStatus,
      '[method]incoming-response.headers': incomingResponse.responseHeaders,
      '[method]incoming-response.consume': incomingResponse.consumeResponse,
      '[method]future-incoming-response.subscribe': incomingResponse.subscribeResponse,
      '[method]future-incoming-response.get': incomingResponse.getResponse,

      '[method]incoming-body.stream': incomingBody.bodyStream,
      '[static]incoming-body.finish': incomingBody.finishBody,
      '[method]future-trailers.subscribe': incomingBody.subscribeTrailers,

      '[constructor]outgoing-response': outgoingResponse.newOutgoingResponse,
      '[method]outgoing-response.status-code': outgoingResponse.responseCode,
      '[method]outgoing-response.set-status-code': outgoingResponse.setResponseCode,
      '[method]outgoing-response.headers': outgoingResponse.outgoingResponseHeaders,
      '[method]outgoing-response.body': outgoingResponse.openResponseBody,

      '[method]outgoing-body.write': outgoingBody.writeBody,
      '[static]outgoing-body.finish': outgoingBody.finishOutgoingBody,
      ...more,
    },
  });
}

const types = typesInterface('0.2.12', {
  '[method]fields.has': fields.hasField,
  '[method]request-options.connect-timeout': options.connectTimeout,
  '[method]request-options.set-connect-timeout': options.setConnectTimeout,
  '[method]request-options.first-byte-timeout': options.firstByteTimeout,
  '[method]request-options.set-first-byte-timeout': options.setFirstByteTimeout,
  '[method]request-options.between-bytes-timeout': options.betweenBytesTimeout,
  '[method]request-options.set-between-bytes-timeout': options.setBetweenBytesTimeout,
  '[method]response-outparam.send-informational': outparam.sendInformational,
  '[method]future-trailers.get': incomingBody.getTrailers,
});

/** The outgoing-handler, which is the same in every version since 2023-11-10. */
export const outgoingHandler = defineInterface<HttpOwner>('wasi', 'wasi:http/outgoing-handler', '0.2.12', {
  functions: { handle },
});

export const httpInterfaces = [types, outgoingHandler];
