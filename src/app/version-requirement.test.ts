// Requirements for versions choose what Cargo would choose.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isVersion, newestMatching, parseRequirement } from './version-requirement.ts';

const all = [
  '0.0.3',
  '0.0.4',
  '0.1.0',
  '0.1.9',
  '0.2.0',
  '1.0.0',
  '1.2.3',
  '1.10.0',
  '2.0.0-rc.1',
  '2.0.0-rc.2',
  'latest',
];

const chosen: Readonly<Record<string, string | undefined>> = {
  '*': '1.10.0',
  '1': '1.10.0',
  '^1.2': '1.10.0',
  '1.2.3': '1.10.0',
  '=1.2.3': '1.2.3',
  '= 1.2': '1.2.3',
  '~1.2': '1.2.3',
  '~1': '1.10.0',
  '1.*': '1.10.0',
  '0.1': '0.1.9',
  '^0.1.0': '0.1.9',
  '0.0.3': '0.0.3',
  '>= 0.1.0': '1.10.0',
  '>= 0.1.0, < 0.2': '0.1.9',
  '>0.1, <1': '0.2.0',
  '<= 0.1': '0.1.9',
  '> 1.2.3': '1.10.0',
  '2.0.0-rc.1': '2.0.0-rc.2',
  '2': undefined,
  '=3.0.0': undefined,
};

for (const [text, version] of Object.entries(chosen)) {
  test(`${text} chooses ${version}`, () => {
    const requirement = parseRequirement(text);
    assert.ok(requirement);
    assert.equal(newestMatching(requirement, all), version);
  });
}

test('what is no requirement, and what is no version', () => {
  for (const text of ['', 'latest', '1.2.3.4', '>> 1', '1.2 || 2', '=>1'])
    assert.equal(parseRequirement(text), undefined, text);
  for (const text of ['1.2.3', '1.2.3-rc.1', '1.2.3+5']) assert.equal(isVersion(text), true, text);
  for (const text of ['1.2', '^1.2.3', '1.2.3.4', '']) assert.equal(isVersion(text), false, text);
});

test('numbers of pre-releases count as numbers, and come before words', () => {
  const requirement = parseRequirement('2.0.0-0');
  assert.ok(requirement);
  const newest = (...versions: string[]): string | undefined => newestMatching(requirement, versions);
  assert.equal(newest('2.0.0-rc.9', '2.0.0-rc.10'), '2.0.0-rc.10');
  assert.equal(newest('2.0.0-rc.10', '2.0.0-rc.9'), '2.0.0-rc.10');
  assert.equal(newest('2.0.0-rc.x', '2.0.0-rc.11'), '2.0.0-rc.x');
  assert.equal(newest('2.0.0-rc', '2.0.0-rc.1'), '2.0.0-rc.1');
  assert.equal(newest('2.0.0-rc.1', '2.0.0'), '2.0.0');
});
