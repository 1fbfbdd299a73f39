// A word with a mistake in it leads to the one that was meant, and a strange one to none.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nearest } from './suggest.ts';

const keys = ['source', 'description', 'environment', 'files', 'build'];

it('finds the word that was meant', () => {
  assert.equal(nearest('sorce', keys), 'source');
  assert.equal(nearest('soruce', keys), 'source');
  assert.equal(nearest('enviroment', keys), 'environment');
  assert.equal(nearest('Files', keys), 'files');
});

it('stays silent when nothing is near', () => {
  assert.equal(nearest('memory', keys), undefined);
  assert.equal(nearest('', keys), undefined);
  assert.equal(nearest('x', []), undefined);
});

it('prefers the nearest candidate', () => {
  assert.equal(nearest('build', ['builds', 'build', 'built']), 'build');
});

it('allows one mistake for each three letters, and one for short words', () => {
  const word = 'abcdefghi';
  assert.equal(nearest('abcdefghi', [word]), word);
  assert.equal(nearest('abcdefxyz', [word]), word);
  assert.equal(nearest('abcdewxyz', [word]), undefined);
  assert.equal(nearest('abcdefgh', ['abcdefghij']), 'abcdefghij');
  assert.equal(nearest('abcdefgh', ['abcdefghijk']), undefined);
  assert.equal(nearest('ab', ['ax']), 'ax');
  assert.equal(nearest('ab', ['xy']), undefined);
  assert.equal(nearest('a', ['ab']), 'ab');
  assert.equal(nearest('abcde', ['abxye']), undefined);
});

it('counts two neighbours that are swapped as one mistake', () => {
  assert.equal(nearest('abc', ['bac']), 'bac');
  assert.equal(nearest('abc', ['acb']), 'acb');
  assert.equal(nearest('abcd', ['abdc']), 'abdc');
  assert.equal(nearest('ba', ['ab']), 'ab');
  assert.equal(nearest('abc', ['cab']), undefined);
  assert.equal(nearest('abcdef', ['badcef']), 'badcef');
  assert.equal(nearest('abcdef', ['badcfe']), undefined);
  assert.equal(nearest('abc', ['cba']), undefined);
});

it('counts a letter more and a letter less alike, wherever it stands', () => {
  for (const word of ['abcd', 'xabc', 'abxc', 'ab', 'bc', 'ac']) assert.equal(nearest(word, ['abc']), 'abc', word);
  for (const word of ['abcde', 'a']) assert.equal(nearest(word, ['abc']), undefined, word);
});
