// Bytes → the definitions of a component, in their order. The format is checked, not the meaning: ../validate/ does
// that. design/mvp/Binary.md#component-definitions

import type { Component, Definition } from './ast.ts';
import { readComponentName } from './names.ts';
import { checkPreamble, PREAMBLE_LENGTH } from './preamble.ts';
import { Reader } from './reader.ts';
import { enterScope, type Scope } from './scope.ts';
import { CUSTOM_SECTION, readSection, sectionName } from './sections.ts';

const CORE_MODULE_SECTION = 1;
const COMPONENT_SECTION = 4;

/**
 * Decodes a component. Core modules stay views of `bytes`. `file` is its name in errors. Errors: component-not-wasm,
 * component-is-module, component-version, component-corrupt (with the byte offset).
 */
export function decodeComponent(bytes: Uint8Array, file = 'component'): Component {
  checkPreamble(bytes, file);
  return readComponent(Reader.over(bytes, file), undefined);
}

function readComponent(reader: Reader, outer: Scope | undefined): Component {
  const offset = reader.position;
  const scope = enterScope(outer);
  const definitions: Definition[] = [];
  let name: string | undefined;
  reader.take(PREAMBLE_LENGTH);
  while (!reader.atEnd) {
    const start = reader.position;
    const id = reader.byte();
    const size = reader.u32();
    const section = reader.window(size, `section "${sectionName(id) ?? reader.fail(`Unknown section ${id}`, start)}"`);
    if (id === CUSTOM_SECTION) name = readComponentName(section) ?? name;
    else if (id === CORE_MODULE_SECTION) definitions.push(readModule(section));
    else if (id === COMPONENT_SECTION) definitions.push(readNested(section, scope));
    else readSection(id, section, scope, definitions);
  }
  return { definitions, name, offset };
}

function readModule(section: Reader): Definition {
  section.spend(1);
  return { kind: 'core-module', offset: section.position, bytes: section.take(section.remaining) };
}

function readNested(section: Reader, outer: Scope): Definition {
  const offset = section.position;
  section.spend(1);
  checkNestedPreamble(section);
  return { kind: 'component', offset, component: section.nested(() => readComponent(section, outer)) };
}

function checkNestedPreamble(section: Reader): void {
  const start = section.position;
  const expected = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
  if (expected.some((byte) => section.byte() !== byte)) section.fail('Expected the preamble of a component', start);
  section.position = start;
}
