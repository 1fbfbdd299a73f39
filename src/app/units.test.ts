// Sizes and durations are read with their units, and what is none is refused.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseDuration, parseSize } from './units.ts';

it('reads sizes', () => {
  const cases: [string | number, number | undefined][] = [
    ['64MiB', 67_108_864],
    ['1 KiB', 1024],
    ['1.5GB', 1_500_000_000],
    ['10', 10],
    ['2B', 2],
    ['3KB', 3000],
    ['4MB', 4_000_000],
    ['5GB', 5_000_000_000],
    ['6KiB', 6144],
    ['7GiB', 7_516_192_768],
    ['1toString', undefined],
    ['1__proto__', undefined],
    [10, 10],
    ['0B', 0],
    ['1.5', undefined],
    ['0.3KiB', undefined],
    ['-1', undefined],
    ['1TiB', undefined],
    ['64mib', undefined],
    ['', undefined],
    ['MiB', undefined],
    ['1constructor', undefined],
    ['99999999999GiB', undefined],
    [Number.NaN, undefined],
  ];
  for (const [text, bytes] of cases) assert.equal(parseSize(text), bytes, String(text));
});

it('reads durations', () => {
  const cases: [string, number | undefined][] = [
    ['100ms', 100],
    ['5s', 5000],
    ['0.5 s', 500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['100', undefined],
    ['1d', undefined],
    ['1e3ms', undefined],
    ['ms', undefined],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text);
});

it('what every object has is no unit', () => {
  for (const name of ['toString', 'constructor', 'valueOf']) {
    assert.equal(parseDuration(`1${name}`), undefined, name);
    assert.equal(parseSize(`1${name}`), undefined, name);
  }
});
