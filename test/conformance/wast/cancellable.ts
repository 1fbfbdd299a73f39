// The option `cancellable` of canonical built-ins, which wasm-tools no longer reads: taken out of the text before it is
// assembled, and put into what was decoded.

import type { Component, Definition } from '../../../src/component/binary/ast.ts';

const builtin =
  /(canon\s+(?:thread\.(?:yield|suspend)(?:-then-(?:resume|promote))?|waitable-set\.(?:wait|poll)))(?![\w.-])(\s+cancellable\b)?/g;
const names = /^(thread\.(yield|suspend)(-then-(resume|promote))?|waitable-set\.(wait|poll))$/;

export function withoutCancellable(text: string): string {
  return text.replace(builtin, '$1');
}

/** Definitions stand in the binary in the order of the text. */
export function restoreCancellable(component: Component, text: string): Component {
  const flags = [...text.matchAll(builtin)].map(([, , cancellable]) => cancellable !== undefined);
  if (!flags.includes(true)) return component;
  return restore(component, flags[Symbol.iterator]());
}

function restore(component: Component, flags: Iterator<boolean>): Component {
  return { ...component, definitions: component.definitions.map((one) => restoreDefinition(one, flags)) };
}

function restoreDefinition(definition: Definition, flags: Iterator<boolean>): Definition {
  if (definition.kind === 'component') return { ...definition, component: restore(definition.component, flags) };
  if (definition.kind !== 'canon') return definition;
  const { canon } = definition;
  if (canon.kind !== 'builtin' || !names.test(canon.name)) return definition;
  const next = flags.next();
  if (next.done) throw new Error(`More built-ins than the text has: ${canon.name}`);
  return { ...definition, canon: { ...canon, cancellable: next.value } };
}
