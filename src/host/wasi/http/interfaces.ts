// The interfaces of wasi:http@0.2 that the host offers to guests: types and outgoing-handler.
import type { HostInterface } from '../../../component/types/val-type.ts';
import { defineInterface } from '../../service.ts';
import type { StreamFailure } from '../io/streams.ts';
import type { ErrorCode } from './error-code.ts';
import { fieldsFunctions, fieldsResource } from './fields.ts';
import { outparamFunctions, outparamResource } from './incoming.ts';
import { incomingBodyFunctions, incomingBodyResources } from './incoming-body.ts';
import { incomingRequestFunctions, incomingRequestResource } from './incoming-request.ts';
import { incomingResponseFunctions, incomingResponseResources } from './incoming-response.ts';
import { outgoingBodyFunctions, outgoingBodyResource } from './outgoing-body.ts';
import { handle } from './outgoing-handler.ts';
import { outgoingRequestFunctions, outgoingRequestResources } from './outgoing-request.ts';
import { outgoingResponseFunctions, outgoingResponseResource } from './outgoing-response.ts';
import type { HttpOwner } from './state.ts';

const types = defineInterface<HttpOwner>('wasi', 'wasi:http/types', '0.2.12', {
  resources: [
    fieldsResource,
    incomingRequestResource,
    ...outgoingRequestResources,
    outparamResource,
    ...incomingResponseResources,
    ...incomingBodyResources,
    outgoingResponseResource,
    outgoingBodyResource,
  ],
  functions: {
    'http-error-code': (_, error: StreamFailure) => error.httpError as ErrorCode | undefined,
    ...fieldsFunctions,
    ...incomingRequestFunctions,
    ...outgoingRequestFunctions,
    ...outparamFunctions,
    ...incomingResponseFunctions,
    ...incomingBodyFunctions,
    ...outgoingResponseFunctions,
    ...outgoingBodyFunctions,
  },
});

const outgoingHandler = defineInterface<HttpOwner>('wasi', 'wasi:http/outgoing-handler', '0.2.12', {
  functions: { handle },
});

export const httpInterfaces: readonly HostInterface[] = [types, outgoingHandler];
