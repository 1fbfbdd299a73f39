// The directives of .wast files are told apart and read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Directive, readDirectives } from './directives.ts';
import { TextError, toBytes } from './source.ts';

function only(source: string): Directive {
  const [first, ...rest] = readDirectives(source);
  assert.equal(rest.length, 0);
  return first ?? assert.fail('nothing read');
}

test('tells definitions, instances and instantiated components apart', () => {
  const text = readDirectives(
    '(component $a)\n(component definition $b)\n(component instance $c $b)\n(component (import "x" (func)))',
  );
  assert.deepEqual(
    text.map(({ kind, line }) => [kind, line]),
    [
      ['component', 1],
      ['definition', 2],
      ['instance', 3],
      ['component', 4],
    ],
  );
});

test('reads calls, with and without the name of an instance', () => {
  const named = only('(assert_return (invoke $i "f" (u32.const 1)) (bool.const true))');
  assert(named.kind === 'assert_return');
  assert.deepEqual(
    [named.invoke.instance, named.invoke.func, named.invoke.args.length, named.results.length],
    ['$i', 'f', 1, 1],
  );
  const plain = only('(assert_trap (invoke "g") "why")');
  assert(plain.kind === 'assert_trap' && plain.action.kind === 'invoke');
  assert.deepEqual([plain.action.invoke.instance, plain.action.invoke.func, plain.message], [undefined, 'g', 'why']);
});

test('turns text, binary and quote into bytes', async () => {
  for (const source of [
    '(component definition $x (type u8))',
    '(component $x binary "\\00asm\\0d\\00" "\\01\\00" "\\07\\02\\01\\7d")',
    '(component quote "(type " "u8)")',
  ]) {
    const directive = only(source);
    assert(directive.kind === 'component' || directive.kind === 'definition');
    const bytes = await toBytes(directive.definition.source);
    assert.deepEqual([...bytes.subarray(8, 12)], [7, 2, 1, 0x7d], source);
  }
});

test('text that is none is told from components that are wrong', async () => {
  const directive = only('(assert_malformed (component quote "(type") "")');
  assert(directive.kind === 'assert_malformed');
  await assert.rejects(toBytes(directive.source), TextError);
});
