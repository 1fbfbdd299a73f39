// A component's outline, written and read again, is the component without its code.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { guests } from '../../../test/guests/guests.ts';
import { assemble } from '../../../test/support/wat.ts';
import type { Component } from '../binary/ast.ts';
import { decodeComponent } from '../binary/decode.ts';
import { looksLikeCoreModule } from '../binary/preamble.ts';
import { validateComponent } from '../validate/validate.ts';
import { activeSegments } from './data-segments.ts';
import { outlineOf } from './outline.ts';
import { codeFacts, readCodelessModule, readCoreModule } from './read-core-module.ts';

function coreModules(bytes: Uint8Array): Uint8Array[] {
  const inside = ({ definitions }: Component): Uint8Array[] =>
    definitions.flatMap((one) =>
      one.kind === 'core-module' ? [one.bytes] : one.kind === 'component' ? inside(one.component) : [],
    );
  return looksLikeCoreModule(bytes) ? [bytes] : inside(decodeComponent(bytes));
}

/** What the outline says of each core module is what the whole says, but for where code and data lie. */
function assertSame(bytes: Uint8Array): void {
  for (const keepData of [true, false]) {
    const outline = outlineOf(bytes, { keepData });
    const modules = coreModules(bytes);
    const outlined = coreModules(outline);
    assert.equal(outlined.length, modules.length);
    modules.forEach((module, index) => {
      const { layout, ...whole } = readCoreModule(module);
      const facts = JSON.parse(JSON.stringify(codeFacts(readCoreModule(module))));
      const { layout: _, ...read } = readCodelessModule(outlined[index] as Uint8Array, facts);
      assert.deepEqual(read, whole);
      assert.deepEqual(segmentsOf(outlined[index] as Uint8Array), keepData ? segmentsOf(module) : []);
      assert.ok(layout.sections.length > 0);
    });
  }
}

/** With their bytes. */
function segmentsOf(module: Uint8Array): unknown[] {
  const section = readCodelessModule(module, {
    usesStateThatCannotBeReset: [],
    usesDataSegments: false,
  } as never).layout.sections.find(({ id }) => id === 11);
  const segments = section ? activeSegments(module, section) : [];
  return (segments ?? []).map(({ start, end, ...where }) => ({ ...where, bytes: [...module.subarray(start, end)] }));
}

test('modules in components in components', async () => {
  const bytes = await assemble(`(component
    (core module $a (memory 1) (data (i32.const 4) "abc") (table 2 funcref)
      (func $f (param i32) (result i32) (local.get 0)) (elem (i32.const 0) $f) (export "f" (func $f)))
    (component (core module (global (export "g") (mut i32) (i32.const 3))
      (memory 2) (data (i32.const 8) "xyz") (func (export "h") (drop (memory.grow (i32.const 1)))))))`);
  assertSame(bytes);
});

test('the guests that are there', () => {
  const present = guests.filter(({ output, kind }) => kind !== 'js' && existsSync(output));
  for (const { output } of present) {
    const bytes = readFileSync(output);
    assertSame(bytes);
    const outline = outlineOf(bytes, { keepData: false });
    assert.ok(outline.length < bytes.length);
    if (!looksLikeCoreModule(bytes)) validateComponent(decodeComponent(outline));
  }
});
