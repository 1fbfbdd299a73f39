// The directives of a .wast file. What they mean is the business of run.ts.

import { type ListNode, lineOf, list, type Node, parseSexprs, text } from './sexpr.ts';
import type { Source } from './source.ts';

interface At {
  readonly line: number;
}

export interface Definition {
  readonly name: string | undefined;
  readonly source: Source;
}

/** `value` nodes are read by values.ts, once the type is known. */
export interface Invoke {
  readonly instance: string | undefined;
  readonly func: string;
  readonly args: readonly Node[];
}

/** What an assertion is about: a call, a component to instantiate, or an instance of one that was defined before. */
export type Action =
  | { readonly kind: 'invoke'; readonly invoke: Invoke }
  | { readonly kind: 'component'; readonly definition: Definition }
  | { readonly kind: 'instance'; readonly name: string | undefined; readonly of: string | undefined };

export type Directive = At &
  (
    | { readonly kind: 'component'; readonly definition: Definition } // defines, and instantiates
    | { readonly kind: 'definition'; readonly definition: Definition }
    | { readonly kind: 'instance'; readonly name: string | undefined; readonly of: string | undefined }
    | { readonly kind: 'invoke'; readonly invoke: Invoke }
    | { readonly kind: 'assert_return'; readonly invoke: Invoke; readonly results: readonly Node[] }
    | { readonly kind: 'assert_trap'; readonly action: Action; readonly message: string }
    | { readonly kind: 'assert_invalid'; readonly source: Source; readonly message: string }
    | { readonly kind: 'assert_malformed'; readonly source: Source; readonly message: string }
    | { readonly kind: 'assert_unlinkable'; readonly action: Action; readonly message: string }
    | { readonly kind: 'unknown'; readonly head: string }
  );

export function readDirectives(source: string): Directive[] {
  return parseSexprs(source).map((node) => readDirective(source, node));
}

function readDirective(source: string, node: Node): Directive {
  const items = list(node);
  const at = { line: lineOf(source, node.start) };
  const head = text(items[0]) ?? '';
  switch (head) {
    case 'component':
      return { ...at, ...readComponent(source, node as ListNode) };
    case 'invoke':
      return { ...at, kind: 'invoke', invoke: readInvoke(items) };
    case 'assert_return':
      return { ...at, kind: head, invoke: readInvoke(list(items[1])), results: items.slice(2) };
    case 'assert_trap':
    case 'assert_unlinkable':
      return { ...at, kind: head, action: readAction(source, items[1]), message: text(items[2]) ?? '' };
    case 'assert_invalid':
    case 'assert_malformed':
      return { ...at, kind: head, source: readDefinition(source, items[1]).source, message: text(items[2]) ?? '' };
    default:
      return { ...at, kind: 'unknown', head };
  }
}

type ComponentDirective =
  | { readonly kind: 'component' | 'definition'; readonly definition: Definition }
  | { readonly kind: 'instance'; readonly name: string | undefined; readonly of: string | undefined };

function readComponent(source: string, node: ListNode): ComponentDirective {
  const second = text(node.items[1]);
  if (second === 'instance') return { kind: 'instance', name: text(node.items[2]), of: text(node.items[3]) };
  return { kind: second === 'definition' ? 'definition' : 'component', definition: readDefinition(source, node) };
}

/** `(component definition? $name? binary|quote? ...)`; a core `(module ...)` in the same way. */
function readDefinition(source: string, node: Node | undefined): Definition {
  const items = list(node);
  const keyword = text(items[0]) ?? 'component';
  let at = text(items[1]) === 'definition' ? 2 : 1;
  const name = items[at]?.kind === 'atom' && text(items[at])?.startsWith('$') ? text(items[at++]) : undefined;
  const form = items[at]?.kind === 'atom' ? text(items[at]) : undefined;
  if (form === 'binary' || form === 'quote') {
    const strings = items.slice(at + 1).flatMap((item) => (item.kind === 'string' ? [item.bytes] : []));
    return { name, source: { kind: form, keyword, bytes: Buffer.concat(strings) } };
  }
  const body = source.slice(items[at]?.start ?? node!.end - 1, node!.end);
  return { name, source: { kind: 'text', text: `(${keyword} ${name ?? ''} ${body}` } };
}

function readAction(source: string, node: Node | undefined): Action {
  const items = list(node);
  if (text(items[0]) === 'invoke') return { kind: 'invoke', invoke: readInvoke(items) };
  const read = readComponent(source, node as ListNode);
  return read.kind === 'instance' ? read : { kind: 'component', definition: read.definition };
}

function readInvoke(items: readonly Node[]): Invoke {
  const named = items[1]?.kind === 'atom';
  const instance = named ? text(items[1]) : undefined;
  const rest = items.slice(named ? 2 : 1);
  return { instance, func: text(rest[0]) ?? '', args: rest.slice(1) };
}
