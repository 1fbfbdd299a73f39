// The interfaces of wasi:http@0.3 that the host offers to guests: types and client.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { defineInterface, resource, suspending } from '../../service.ts';
import { send } from './client-0.3.ts';
import * as fields from './fields.ts';
import { type Fields, FieldsOverLimit, type HeaderError } from './fields.ts';
import type { Request } from './request-0.3.ts';
import { requestFunctions, requestResources } from './request-0.3.ts';
import { responseFunctions, responseResource } from './response-0.3.ts';
import type { HttpOwner } from './state.ts';

type HeaderError03 = HeaderError | { readonly tag: 'size-exceeded' };

/** Turns limits into errors, which they cannot be in 0.2. */
function limited<T, E>(run: () => Result<T, E>): Result<T, E | HeaderError03> {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof FieldsOverLimit)) throw error;
    return err({ tag: 'size-exceeded' });
  }
}

function getAndDelete(_owner: HttpOwner, self: Fields, name: string): Result<Uint8Array[], HeaderError> {
  const values = self.get(name);
  const deleted = self.delete(name);
  return deleted.tag === 'ok' ? ok(values) : deleted;
}

const types = defineInterface<HttpOwner>('wasi', 'wasi:http/types', '0.3.0', {
  resources: [resource('fields', fields.dropFields), ...requestResources, responseResource],
  functions: {
    '[constructor]fields': fields.newFields,
    '[static]fields.from-list': (owner, entries: readonly [string, Uint8Array][]) =>
      limited(() => fields.fieldsFromList(owner, entries)),
    '[method]fields.get': fields.getField,
    '[method]fields.has': fields.hasField,
    '[method]fields.set': (owner, self: Fields, name: string, values: Uint8Array[]) =>
      limited(() => fields.setField(owner, self, name, values)),
    '[method]fields.delete': fields.deleteField,
    '[method]fields.get-and-delete': getAndDelete,
    '[method]fields.append': (owner, self: Fields, name: string, value: Uint8Array) =>
      limited(() => fields.appendField(owner, self, name, value)),
    '[method]fields.copy-all': fields.allFields,
    '[method]fields.clone': fields.cloneFields,
    ...requestFunctions,
    ...responseFunctions,
  },
});

const client = defineInterface<HttpOwner>('wasi', 'wasi:http/client', '0.3.0', {
  functions: { send: suspending((owner: HttpOwner, request: Request) => send(owner, request)) },
});

export const httpInterfaces03 = [types, client];
