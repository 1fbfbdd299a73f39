// Types as text, one spelling for each type: two function types are the same exactly when their texts are, except for
// the names of parameters, which are left out since no value depends on them.
import type { Case, Field, FuncType, ResourceType, ValType } from './val-type.ts';

/** `func(borrow<wasi:io/streams/input-stream>, u64) -> result<list<u8>, …>`; async functions start with `async func`. */
export function printFuncType({ async, params, result }: FuncType): string {
  const list = params.map(({ type }) => printValType(type)).join(', ');
  return `${async ? 'async ' : ''}func(${list})${result === undefined ? '' : ` -> ${printValType(result)}`}`;
}

/**
 * Writes a type in the words of WIT. Records, variants, enums and flags are spelled out: their own names are no part of
 * the type.
 */
export function printValType(type: ValType): string {
  switch (type.kind) {
    case 'list':
      return `list<${printValType(type.element)}${type.length === undefined ? '' : `, ${type.length}`}>`;
    case 'record':
      return `record{${type.fields.map(printField).join(', ')}}`;
    case 'tuple':
      return `tuple<${type.types.map(printValType).join(', ')}>`;
    case 'variant':
      return `variant{${type.cases.map(printCase).join(', ')}}`;
    case 'enum':
    case 'flags':
      return `${type.kind}{${type.names.join(', ')}}`;
    case 'option':
      return `option<${printValType(type.type)}>`;
    case 'result':
      return printResult(type.ok, type.err);
    case 'own':
    case 'borrow':
      return `${type.kind}<${printResource(type.resource)}>`;
    case 'stream':
    case 'future':
      return type.element === undefined ? type.kind : `${type.kind}<${printValType(type.element)}>`;
    default:
      return type.kind;
  }
}

function printField({ name, type }: Field): string {
  return `${name}: ${printValType(type)}`;
}

function printCase({ name, type }: Case): string {
  return type === undefined ? name : `${name}(${printValType(type)})`;
}

function printResult(ok: ValType | undefined, err: ValType | undefined): string {
  if (err === undefined) return ok === undefined ? 'result' : `result<${printValType(ok)}>`;
  return `result<${ok === undefined ? '_' : printValType(ok)}, ${printValType(err)}>`;
}

/** Writes a resource. One that a component defines is never written like one of the host, whatever it is called. */
function printResource({ name, host }: ResourceType): string {
  return host === undefined ? `guest ${name}` : name;
}
