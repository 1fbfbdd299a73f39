// The core types of the canonical built-ins of the asynchronous ABI. CanonicalABI.md#canonical-definitions

import type { Canon, CanonOptions, CoreFuncType, CoreValType } from '../binary/ast.ts';
import { type Checked, checkOptions, memoryAddress, need } from './canon-options.ts';
import { sameFunc } from './core-subtype.ts';
import { flattenFunc } from './flatten-func.ts';
import { invalid } from './invalid.ts';
import { makeFunc, type Val } from './model.ts';
import { coreAt, type Scope, typeAt } from './scope.ts';
import { valAt } from './val-types.ts';

type Builtin = Canon & { kind: 'builtin' };

/** The built-ins whose type is always the same. */
const fixed: Readonly<Record<string, readonly [params: readonly CoreValType[], results: readonly CoreValType[]]>> = {
  'backpressure.inc': [[], []],
  'backpressure.dec': [[], []],
  'task.cancel': [[], []],
  'waitable-set.new': [[], ['i32']],
  'waitable-set.drop': [['i32'], []],
  'waitable.join': [['i32', 'i32'], []],
  'subtask.cancel': [['i32'], ['i32']],
  'subtask.drop': [['i32'], []],
  'error-context.drop': [['i32'], []],
  'thread.index': [[], ['i32']],
  'thread.resume-later': [['i32'], []],
  'thread.suspend': [[], ['i32']],
  'thread.yield': [[], ['i32']],
  'thread.suspend-then-resume': [['i32'], ['i32']],
  'thread.yield-then-resume': [['i32'], ['i32']],
  'thread.suspend-then-promote': [['i32'], ['i32']],
  'thread.yield-then-promote': [['i32'], ['i32']],
  'thread.available-parallelism': [[], ['i32']],
};

export function builtinType(scope: Scope, canon: Builtin): CoreFuncType {
  const simple = fixed[canon.name];
  if (simple) return { params: simple[0], results: simple[1] };
  if (canon.name.startsWith('stream.') || canon.name.startsWith('future.')) return transferType(scope, canon);
  if (canon.name.startsWith('context.')) return contextType(scope, canon);
  if (canon.name.startsWith('thread.')) return threadType(scope, canon);
  return otherType(scope, canon);
}

function otherType(scope: Scope, canon: Builtin): CoreFuncType {
  switch (canon.name) {
    case 'task.return':
      return taskReturnType(scope, canon);
    case 'waitable-set.wait':
    case 'waitable-set.poll':
      return { params: ['i32', memoryAddress(scope, canon.memory!)], results: ['i32'] };
    case 'error-context.new': {
      const { address } = syncOptions(scope, canon.options!, ['memory']);
      return { params: [address, address], results: ['i32'] };
    }
    case 'error-context.debug-message': {
      const { address } = syncOptions(scope, canon.options!, ['memory', 'realloc']);
      return { params: ['i32', address], results: [] };
    }
    default:
      return invalid(`Unknown canonical function "${canon.name}"`);
  }
}

function syncOptions(scope: Scope, options: CanonOptions, needed: readonly ('memory' | 'realloc')[]): Checked {
  const checked = checkOptions(scope, options, 'builtin');
  if (checked.async) invalid('The canonical option `async` cannot be used here');
  for (const option of needed) need(checked, option, true);
  return checked;
}

function taskReturnType(scope: Scope, canon: Builtin): CoreFuncType {
  const options = syncOptions(scope, canon.options!, []);
  if (options.realloc) invalid('The canonical option `realloc` cannot be used with task.return');
  const result = canon.result && valAt(scope, canon.result);
  if (result?.metrics.hasBorrow) invalid('A function result cannot contain a `borrow` type');
  const type = makeFunc(false, result ? [{ name: 'result', type: result }] : [], undefined);
  const flat = flattenFunc(type, options, 'lower');
  need(options, 'memory', result !== undefined && (result.metrics.hasList || result.metrics.flat.i32.length > 16));
  return flat;
}

function contextType(scope: Scope, { name, valType, slot }: Builtin): CoreFuncType {
  if (valType !== 'i32' && valType !== 'i64') invalid(`${name} needs i32 or i64`);
  if ((scope.contextType ?? valType) !== valType) invalid('All context slots of a component must have the same type');
  scope.contextType = valType;
  if (slot! >= 2) invalid(`${name} has no slot ${slot}`);
  return name === 'context.get' ? { params: [], results: [valType] } : { params: [valType], results: [] };
}

function transferType(scope: Scope, canon: Builtin): CoreFuncType {
  const [kind, action] = canon.name.split('.', 2) as ['stream' | 'future', string];
  const { shape } = typeAt(scope, 'value', canon.type!);
  if (shape.kind !== kind) invalid(`Type ${canon.type} is not a ${kind} type`);
  switch (action) {
    case 'new':
      return { params: [], results: ['i64'] };
    case 'read':
    case 'write':
      return copyType(scope, kind, action, canon.options!, shape.element);
    case 'cancel-read':
    case 'cancel-write':
      return { params: ['i32'], results: ['i32'] };
    default:
      return { params: ['i32'], results: [] };
  }
}

function copyType(
  scope: Scope,
  kind: 'stream' | 'future',
  action: 'read' | 'write',
  canonOptions: CanonOptions,
  element: Val | undefined,
): CoreFuncType {
  const options = checkOptions(scope, canonOptions, 'builtin');
  need(options, 'memory', element !== undefined);
  need(options, 'realloc', action === 'read' && element?.metrics.hasList === true);
  const { address } = options;
  if (kind === 'stream') return { params: ['i32', address, address], results: [address] };
  return { params: ['i32', address], results: ['i32'] };
}

function threadType(scope: Scope, canon: Builtin): CoreFuncType {
  const start = startAddress(scope, canon.type!);
  if (canon.table === undefined) return { params: [{ ref: new Uint8Array() }, start], results: ['i32'] };
  const { element, limits } = coreAt(scope, 'table', canon.table);
  if (canon.name === 'thread.new-indirect' && element !== 'funcref') {
    invalid(`Core table ${canon.table} must have elements of type funcref`);
  }
  return { params: [limits.is64 ? 'i64' : 'i32', start], results: ['i32'] };
}

/** The type of the one parameter of the function that a thread starts with. */
function startAddress(scope: Scope, index: number): 'i32' | 'i64' {
  const type = coreAt(scope, 'type', index);
  if (type.kind === 'func') {
    for (const address of ['i32', 'i64'] as const) {
      if (sameFunc(type.type, { params: [address], results: [] })) return address;
    }
  }
  return invalid(`Core type ${index} is not \`(func (param i32))\``);
}
