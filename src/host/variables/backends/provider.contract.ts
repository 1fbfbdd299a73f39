// The tests that every provider of variables passes, called from their test files. Not part of the product.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VariableProvider } from '../provider.ts';

export function providerContract(name: string, make: (values: Record<string, string>) => VariableProvider): void {
  test(`${name}: gives what is there, the empty string too, and nothing else`, async () => {
    const provider = make({ api_key: 'secret', empty: '', odd: 'a=b "c" {{ d }}\u00e4' });
    assert.equal(await provider.get('api_key'), 'secret');
    assert.equal(await provider.get('empty'), '');
    assert.equal(await provider.get('odd'), 'a=b "c" {{ d }}\u00e4');
    assert.equal(await provider.get('api'), undefined);
    assert.equal(await provider.get('constructor'), undefined);
    assert.equal(await provider.get('__proto__'), undefined);
    assert.notEqual(provider.name, '');
  });
}
