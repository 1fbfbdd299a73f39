// `(u32.const 1)`, `(record.const (field "x" str.const "a"))` … → values as Mayfly hands them to JavaScript.

import type { ValType, Value } from '../../../src/component/types/val-type.ts';
import { list, type Node, text } from './sexpr.ts';

/** `node` is the whole expression in its parentheses. */
export function toValue(node: Node | undefined, type: ValType): Value {
  return fromItems(list(node), type);
}

/** `items` start with `u32.const` or the like; in a record field they stand without parentheses of their own. */
function fromItems(items: readonly Node[], type: ValType): Value {
  const [head, ...rest] = items;
  const operand = text(rest[0]) ?? '';
  switch (type.kind) {
    case 'bool':
      return operand === 'true';
    case 's8':
    case 'u8':
    case 's16':
    case 'u16':
    case 's32':
    case 'u32':
      return Number(integer(operand));
    case 's64':
    case 'u64':
      return integer(operand);
    case 'f32':
      return Math.fround(float(operand));
    case 'f64':
      return float(operand);
    case 'char':
    case 'string':
    case 'enum':
      return operand;
    case 'list':
      return typedList(
        rest.map((item) => toValue(item, type.element)),
        type,
      );
    case 'tuple':
      return type.types.map((item, index) => toValue(rest[index], item));
    case 'record':
      return Object.fromEntries(
        type.fields.map((field, index) => [camelCase(field.name), readField(rest[index], field.type)]),
      );
    case 'flags': {
      const set = new Set(rest.map(text));
      return Object.fromEntries(type.names.map((name) => [camelCase(name), set.has(name)]));
    }
    case 'variant': {
      const payload = type.cases.find(({ name }) => name === operand)?.type;
      return payload ? { tag: operand, val: toValue(rest[1], payload) } : { tag: operand };
    }
    case 'option':
      return optional(text(head) === 'option.some' ? [toValue(rest[0], type.type)] : undefined, type.type);
    case 'result': {
      const [tag, payload] = text(head) === 'result.ok' ? (['ok', type.ok] as const) : (['err', type.err] as const);
      return { tag, val: payload ? toValue(rest[0], payload) : undefined };
    }
    default:
      throw new Error(`No constant can be of type ${type.kind}`);
  }
}

function readField(node: Node | undefined, type: ValType): Value {
  return fromItems(list(node).slice(2), type);
}

function optional(some: readonly Value[] | undefined, type: ValType): Value {
  if (type.kind !== 'option') return some?.[0];
  return some ? { tag: 'some', val: some[0] } : { tag: 'none' };
}

function integer(text: string): bigint {
  const digits = text.replaceAll('_', '');
  return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits.replace(/^\+/, ''));
}

function float(text: string): number {
  const digits = text.replaceAll('_', '');
  if (/nan/.test(digits)) return Number.NaN;
  if (/inf/.test(digits)) return digits.startsWith('-') ? -Infinity : Infinity;
  const hex = /^([+-]?)0x([0-9a-f]+)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i.exec(digits);
  if (!hex) return Number(digits);
  const fraction = hex[3] ?? '';
  const mantissa = Number.parseInt(hex[2]! + fraction, 16);
  return (hex[1] === '-' ? -1 : 1) * mantissa * 2 ** (Number(hex[4] ?? 0) - 4 * fraction.length);
}

const arrays = {
  s8: Int8Array,
  u8: Uint8Array,
  s16: Int16Array,
  u16: Uint16Array,
  s32: Int32Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

function typedList(values: Value[], type: ValType & { kind: 'list' }): Value {
  const kind = type.element.kind;
  if (kind === 's64') return BigInt64Array.from(values as bigint[]);
  if (kind === 'u64') return BigUint64Array.from(values as bigint[]);
  if (kind in arrays) return arrays[kind as keyof typeof arrays].from(values as number[]);
  return values;
}

function camelCase(name: string): string {
  return name.replace(/-([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
