// The table of limits: names, units and defaults fit together, and of several settings the first one counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allLimits, type LimitPart, limitParts, limitsOf, mapLimits } from './limits.ts';

const parts = Object.keys(limitParts) as LimitPart[];

test('the name of a limit says its unit, its key is its own, and it holds somewhere', () => {
  const suffixes = { bytes: /Bytes$/, milliseconds: /Ms$/, number: /(?<!Bytes|Ms)$/ };
  for (const [name, { key, unit, default: value, least = 1, parts: places }] of allLimits) {
    assert.match(name, suffixes[unit]);
    assert.match(key, /^[a-z]+(_[a-z]+)*$/);
    assert.ok(Number.isSafeInteger(value) && value >= least, name);
    assert.ok(places.length > 0 && new Set(places).size === places.length, name);
  }
  assert.equal(new Set(allLimits.map(([, { key }]) => key)).size, allLimits.length);
});

test('a part has the limits that name it, and no others', () => {
  for (const part of parts) {
    const named = allLimits.filter(([, kind]) => kind.parts.includes(part));
    assert.ok(named.length > 0, part);
    assert.deepEqual(limitsOf(part), Object.fromEntries(named.map(([name, kind]) => [name, kind.default])));
    assert.deepEqual(
      mapLimits(part, () => 1),
      Object.fromEntries(named.map(([name]) => [name, 1])),
    );
  }
});

test('each limit is its own: the first that sets it counts, 0 as well', () => {
  for (const [name, { parts: places }] of allLimits) {
    for (const part of places) {
      const defaults = limitsOf(part);
      assert.deepEqual(limitsOf(part, { [name]: 7 }), { ...defaults, [name]: 7 });
      assert.deepEqual(limitsOf(part, { [name]: undefined }, { [name]: 8 }), { ...defaults, [name]: 8 });
      assert.deepEqual(limitsOf(part, { [name]: 0 }, { [name]: 8 }), { ...defaults, [name]: 0 });
    }
  }
});
