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
