// A case for everything that the validator can say no with, by its message, and its nearest neighbours that are valid.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalTexts } from '../../../test/support/refusals.ts';
import { assemble } from '../../../test/support/wat.ts';
import { MayflyError } from '../../errors.ts';
import type { Canon, Component, Definition, ExternName } from '../binary/ast.ts';
import { decodeComponent } from '../binary/decode.ts';
import { accepted, cases } from './rejection-cases.fixture.ts';
import { validateComponent } from './validate.ts';

type Without<T> = T extends unknown ? Omit<T, 'offset'> : never;

const FILE = 'x.wasm';
const u8 = { kind: 'primitive', primitive: 'u8' } as const;

function refusal(component: Component): string {
  try {
    validateComponent(component, FILE);
    return 'accepted';
  } catch (error) {
    assert(error instanceof MayflyError, String(error));
    assert.equal(error.code, 'component-corrupt');
    assert.equal(error.location?.file, FILE);
    return error.message;
  }
}

/** Definitions that the text format has no words for, behind those of a text. */
async function refusalOf(text: string, ...more: readonly Without<Definition>[]): Promise<string> {
  const { definitions, ...rest } = decodeComponent(await assemble(`(component ${text})`), FILE);
  return refusal({
    ...rest,
    definitions: [...definitions, ...more.map((one) => ({ ...one, offset: 0 }) as Definition)],
  });
}

const importOf = (name: Partial<ExternName> & { name: string }): Without<Definition> => ({
  kind: 'import',
  name: { versionSuffix: undefined, ...name },
  desc: { kind: 'instance', type: 0 },
});
const valueImport: Without<Definition> = {
  kind: 'import',
  name: { name: 'v', versionSuffix: undefined },
  desc: { kind: 'value', bound: { kind: 'type', type: u8 } },
};
const valueExport = (name: string): Without<Definition> => ({
  kind: 'export',
  name: { name, versionSuffix: undefined },
  sort: { core: false, sort: 'value' },
  index: 0,
  desc: undefined,
});
const builtin = (more: Partial<Canon & { kind: 'builtin' }>): Without<Definition> => ({
  kind: 'canon',
  canon: {
    kind: 'builtin',
    name: 'none',
    type: undefined,
    result: undefined,
    options: undefined,
    memory: undefined,
    table: undefined,
    async: false,
    cancellable: false,
    slot: 0,
    ...more,
  },
});

/** Messages, and what leads to each. */
const fromParts: readonly (readonly [message: string, text: string, ...more: readonly Without<Definition>[]])[] = [
  ['accepted', '(type (instance))', importOf({ name: 'a:b/c@1', versionSuffix: '.2.3' })],
  ['accepted', '(type (instance))', importOf({ name: 'a:b/c@0.2', versionSuffix: '.3-rc' })],
  ['"1.2" is not a version', '(type (instance))', importOf({ name: 'a:b/c@1', versionSuffix: '.2' })],
  ...['a', 'a:b/c', 'a:b/c@1.2.3'].map(
    (name) =>
      [
        'A version suffix needs an interface name with a canonical version',
        '(type (instance))',
        importOf({ name, versionSuffix: '.2.3' }),
      ] as const,
  ),
  ['Value 0 is never used', '', valueImport],
  ['accepted', '', valueImport, valueExport('a')],
  ['Value 0 is used more than once', '', valueImport, valueExport('a'), valueExport('b')],
  ['accepted', '(import "f" (func $f (param "x" u8)))', valueImport, { kind: 'start', func: 0, args: [0], results: 0 }],
  [
    'Expected u16, found u8',
    '(import "f" (func $f (param "x" u16)))',
    valueImport,
    { kind: 'start', func: 0, args: [0], results: 0 },
  ],
  [
    'Value 1 is never used',
    '(import "f" (func $f (param "x" u8) (result u8)))',
    valueImport,
    { kind: 'start', func: 0, args: [0], results: 1 },
  ],
  [
    'The value is not valid to be used as import: it refers to a type without a name there',
    '(type (enum "x"))',
    {
      kind: 'import',
      name: { name: 'v', versionSuffix: undefined },
      desc: { kind: 'value', bound: { kind: 'type', type: { kind: 'index', index: 0 } } },
    },
  ],
  ['Unknown canonical function "none"', '', builtin({})],
  ['context.get needs i32 or i64', '', builtin({ name: 'context.get', valType: 'f32' })],
  ...(['module', 'instance', 'type'] as const).map(
    (sort) =>
      [
        `A core instance cannot export a ${sort}`,
        '',
        { kind: 'core-instance', expr: { kind: 'exports', exports: [{ name: 'x', sort, index: 0 }] } },
      ] as const,
  ),
  ...(['func', 'table', 'memory', 'global', 'tag', 'type', 'instance'] as const).map(
    (sort) =>
      [
        `A core ${sort} cannot cross the boundary of a component`,
        '',
        {
          kind: 'export',
          name: { name: 'x', versionSuffix: undefined },
          sort: { core: true, sort },
          index: 0,
          desc: undefined,
        },
      ] as const,
  ),
];

const seen = new Set<string>();

test('each wrong component is refused, with the reason', async () => {
  for (const [text, message] of cases) {
    assert.equal(await refusalOf(text), message, text.slice(0, 500));
    seen.add(message);
  }
  for (const [message, text, ...more] of fromParts) {
    assert.equal(await refusalOf(text, ...more), message, JSON.stringify([text, more]));
    seen.add(message);
  }
});

test('what is nearly the same but right is accepted', async () => {
  for (const text of accepted) assert.equal(await refusalOf(text), 'accepted', text.slice(0, 500));
});

test('there is a case for each reason that the code knows', () => {
  const reasons = refusalTexts(new URL('.', import.meta.url), 'invalid');
  assert.ok(reasons.size > 100);
  const missing = [...reasons].filter(([, pattern]) => ![...seen].some((message) => pattern.test(message)));
  assert.deepEqual(
    missing.map(([reason]) => reason),
    [],
  );
});
