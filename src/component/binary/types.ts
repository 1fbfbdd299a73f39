// Definitions of types: function, component, instance and resource types here. design/mvp/Binary.md#type-definitions

import { readAlias } from './aliases.ts';
import type { Declaration, DefType } from './ast.ts';
import { readCoreTypes, readCoreValType } from './core-types.ts';
import { readImport } from './externs.ts';
import type { Reader } from './reader.ts';
import { enterScope, noteAlias, type Scope } from './scope.ts';
import { readNamed, readResult, readValueDefinition } from './val-types.ts';

export function readDefType(reader: Reader, scope: Scope): DefType {
  const byte = reader.byte();
  return readValueDefinition(byte, reader) ?? readOtherDefinition(byte, reader, scope);
}

function readOtherDefinition(byte: number, reader: Reader, scope: Scope): DefType {
  switch (byte) {
    case 0x3f:
      return readResource(reader);
    case 0x40:
    case 0x43:
      return { kind: 'func', async: byte === 0x43, params: reader.vector(readNamed), result: readResult(reader) };
    case 0x41:
      return { kind: 'component', declarations: readDeclarations(reader, scope, true) };
    case 0x42:
      return { kind: 'instance', declarations: readDeclarations(reader, scope, false) };
    default:
      return reader.unknown(byte, 'a type');
  }
}

function readResource(reader: Reader): DefType {
  const start = reader.position;
  const rep = readCoreValType(reader);
  if (rep !== 'i32' && rep !== 'i64') reader.fail('A resource must be represented by i32 or i64', start);
  return { kind: 'resource', rep, dtor: reader.optional((item) => item.u32()), dtorAsync: false };
}

function readDeclarations(reader: Reader, outer: Scope, importsAllowed: boolean): Declaration[] {
  const scope = enterScope(outer);
  const result: Declaration[] = [];
  reader.nested(() => reader.vector(() => result.push(...readDeclaration(reader, scope, importsAllowed))));
  return result;
}

/** Reads a declaration: usually one; a recursion group of core types declares several at once. */
function readDeclaration(reader: Reader, scope: Scope, importsAllowed: boolean): readonly Declaration[] {
  const byte = reader.byte();
  switch (byte) {
    case 0x00:
      return readCoreTypes(reader, scope).map((type) => ({ kind: 'core-type', type }));
    case 0x01:
      return [{ kind: 'type', type: readDefType(reader, scope) }];
    case 0x02: {
      const { sort, target } = readAlias(reader);
      noteAlias(reader, scope, sort, target);
      return [{ kind: 'alias', sort, target }];
    }
    case 0x03:
      if (!importsAllowed) reader.unknown(byte, 'a declaration of an instance type');
      return [{ kind: 'import', ...readImport(reader) }];
    case 0x04:
      return [{ kind: 'export', ...readImport(reader) }];
    default:
      return reader.unknown(byte, 'a declaration');
  }
}
