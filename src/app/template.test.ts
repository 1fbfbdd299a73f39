// Templates with variables are split, checked and expanded.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { expandTemplate, isLiteral, parseTemplate, variablesOf } from './template.ts';

const literal = (text: string) => ({ kind: 'literal', text });
const variable = (name: string) => ({ kind: 'variable', name });

it('splits a template into text and variables', () => {
  assert.deepEqual(parseTemplate(''), []);
  assert.deepEqual(parseTemplate('a'), [literal('a')]);
  assert.deepEqual(parseTemplate('a-{{ b }}-c'), [literal('a-'), variable('b'), literal('-c')]);
  assert.deepEqual(parseTemplate('{{a}}{{  b_2 }}'), [variable('a'), variable('b_2')]);
});

it('takes closing braces outside an expression as text, so that JSON may stand in a variable', () => {
  assert.deepEqual(parseTemplate('{"a":{"b":1}}'), [literal('{"a":{"b":1}}')]);
});

it('refuses braces that are not closed and names that are none', () => {
  assert.throws(() => parseTemplate('{{ a }} {{ b'), { code: 'manifest-variable', message: /never closed/ });
  for (const text of ['{{}}', '{{ A }}', '{{ a b }}', '{{ a-b }}', '{{ {{ a }} }}', '{{ 1a }}']) {
    assert.throws(() => parseTemplate(text), { code: 'manifest-variable' }, text);
  }
});

it('expands', () => {
  const template = parseTemplate('{{ a }}/{{ b }}/{{ a }}');
  assert.deepEqual(variablesOf(template), ['a', 'b']);
  assert.equal(isLiteral(template), false);
  assert.equal(
    expandTemplate(template, (name) => `<${name}>`),
    '<a>/<b>/<a>',
  );
  assert.equal(isLiteral(parseTemplate('x')), true);
});
