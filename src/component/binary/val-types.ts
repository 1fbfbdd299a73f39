// Value types and their definitions. design/mvp/Binary.md#type-definitions
import type { CaseRef, DefType, NamedRef, PrimitiveName, ValTypeRef } from './ast.ts';
import type { Reader } from './reader.ts';

const primitives: Readonly<Record<number, PrimitiveName>> = {
  127: 'bool',
  126: 's8',
  125: 'u8',
  124: 's16',
  123: 'u16',
  122: 's32',
  121: 'u32',
  120: 's64',
  119: 'u64',
  118: 'f32',
  117: 'f64',
  116: 'char',
  115: 'string',
  100: 'error-context',
};

/** The first byte that is negative in SLEB128: from here on single bytes are opcodes of types, not indices. */
const FIRST_OPCODE = 0x40;
const LAST_OPCODE = 0x7f;

export function readValTypeRef(reader: Reader): ValTypeRef {
  const byte = reader.peek();
  if (byte === undefined || byte < FIRST_OPCODE || byte > LAST_OPCODE) {
    return { kind: 'index', index: reader.s33Index() };
  }
  reader.byte();
  return { kind: 'primitive', primitive: primitives[byte] ?? reader.unknown(byte, 'a value type') };
}

export function readNamed(reader: Reader): NamedRef {
  return { name: reader.name(), type: readValTypeRef(reader) };
}

function readCase(reader: Reader): CaseRef {
  const name = reader.name();
  const type = reader.optional(readValTypeRef);
  reader.expect(0x00, 'the end of a variant case');
  return { name, type };
}

function readLabel(reader: Reader): string {
  return reader.name();
}

export function readResult(reader: Reader): ValTypeRef | undefined {
  if (!reader.flag('a result list')) return readValTypeRef(reader);
  reader.expect(0x00, 'an empty result list');
  return undefined;
}

/** Reads the definition that `byte` begins; undefined when it begins one of another kind. */
export function readValueDefinition(byte: number, reader: Reader): DefType | undefined {
  const primitive = primitives[byte];
  if (primitive) return { kind: 'primitive', primitive };
  switch (byte) {
    case 0x72:
      return { kind: 'record', fields: reader.vector(readNamed) };
    case 0x71:
      return { kind: 'variant', cases: reader.vector(readCase) };
    case 0x70:
      return { kind: 'list', element: readValTypeRef(reader), length: undefined };
    case 0x67:
      return { kind: 'list', element: readValTypeRef(reader), length: reader.u32() };
    case 0x6f:
      return { kind: 'tuple', types: reader.vector(readValTypeRef) };
    case 0x6e:
      return { kind: 'flags', names: reader.vector(readLabel) };
    case 0x6d:
      return { kind: 'enum', names: reader.vector(readLabel) };
    case 0x6b:
      return { kind: 'option', type: readValTypeRef(reader) };
    case 0x6a:
      return { kind: 'result', ok: reader.optional(readValTypeRef), err: reader.optional(readValTypeRef) };
    case 0x69:
      return { kind: 'own', resource: reader.u32() };
    case 0x68:
      return { kind: 'borrow', resource: reader.u32() };
    case 0x66:
      return { kind: 'stream', element: reader.optional(readValTypeRef) };
    case 0x65:
      return { kind: 'future', element: reader.optional(readValTypeRef) };
    case 0x63:
      return { kind: 'map', key: readValTypeRef(reader), value: readValTypeRef(reader) };
    default:
      return undefined;
  }
}
