// A prepared component as head and body: what goes in comes out, and what is not of its shape is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeFacts } from '../../component/rewrite/core-module.ts';
import { DamagedFile } from './cache-file.ts';
import { decodeHead, encodePrepared, type PreparedComponent } from './prepared-component.ts';

const KEY = 'the key';
const bytes = (...values: number[]): Buffer<ArrayBuffer> => Buffer.from(values);

const facts: readonly CodeFacts[] = [
  {
    usesStateThatCannotBeReset: [{ instruction: 'table.set', count: 2, functions: [1, 7] }],
    memoryGrow: { instruction: 'memory.grow', count: 1, functions: [3] },
    atomicWait: undefined,
    allocates: true,
    usesDataSegments: true,
  } as CodeFacts,
  {
    usesStateThatCannotBeReset: [],
    memoryGrow: undefined,
    atomicWait: undefined,
    allocates: false,
    usesDataSegments: false,
  } as CodeFacts,
];

const component: PreparedComponent = {
  code: { facts, modules: [bytes(1, 2, 3), bytes(4)], whole: [undefined, bytes(5, 6)] },
  image: {
    memories: [
      {
        byteLength: 100,
        parts: [
          { at: 3, bytes: bytes(7, 8) },
          { at: 5, bytes: bytes(9) },
          { at: 99, bytes: bytes(10) },
        ],
      },
      { byteLength: 0, parts: [] },
    ],
    globals: [0, -0, 1.5, Number.NaN, -Infinity, 2 ** 31, 0n, -(2n ** 63n), 2n ** 63n - 1n],
  },
};
const outlines = [bytes(20, 21), bytes(22)];

interface Head {
  [key: string]: unknown;
}

function put(target: Head, key: string, value: unknown): void {
  target[key] = value;
}

/** The JSON of a head, changed, and what stands behind it. */
function changed(change: (head: Head) => unknown, behind: Uint8Array = bytes(20, 21, 22)): Buffer<ArrayBuffer> {
  const { head } = encodePrepared(KEY, outlines, component);
  const length = Buffer.from(head).readUInt32LE();
  const parsed = JSON.parse(Buffer.from(head.subarray(4, 4 + length)).toString()) as Head;
  const result = change(parsed);
  return assembled(JSON.stringify(result === undefined ? parsed : result), behind);
}

function assembled(json: string, behind: Uint8Array): Buffer<ArrayBuffer> {
  const text = Buffer.from(json);
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32LE(text.length);
  return Buffer.concat([prefix, text, behind]);
}

const damaged = (message: RegExp) => (error: unknown) => error instanceof DamagedFile && message.test(error.message);

const body = (): Buffer<ArrayBuffer> => Buffer.concat(encodePrepared(KEY, outlines, component).body);

test('everything comes back as it was', () => {
  const { head, body: parts } = encodePrepared(KEY, outlines, component);
  const decoded = decodeHead(KEY, Buffer.from(head));
  assert.deepEqual(decoded.outlines, outlines);
  const found = decoded.withBody(Buffer.concat(parts));
  const asFound = JSON.parse(JSON.stringify(facts)) as unknown;
  assert.deepEqual(JSON.parse(JSON.stringify(decoded.facts)), asFound);
  assert.deepEqual(found.code.modules, component.code.modules);
  assert.deepEqual(found.code.whole, component.code.whole);
  assert.deepEqual(found.code.facts, decoded.facts);
  assert.deepEqual(found.image, component.image);
  assert.ok(Object.is(found.image?.globals[1], -0));
});

test('a component without an image, and one with nothing', () => {
  for (const one of [
    { ...component, image: undefined },
    { code: { facts: [], modules: [], whole: [] }, image: undefined },
  ]) {
    const { head, body: parts } = encodePrepared(KEY, [], one);
    const found = decodeHead(KEY, Buffer.from(head)).withBody(Buffer.concat(parts));
    assert.equal(found.image, undefined);
    assert.deepEqual(found.code.modules, one.code.modules);
  }
});

test('the head of another component, and one that is no JSON', () => {
  const { head } = encodePrepared(KEY, outlines, component);
  assert.throws(() => decodeHead('another', Buffer.from(head)), damaged(/belongs to another component/));
  assert.throws(() => decodeHead(KEY, assembled('{', bytes())), damaged(/no JSON/));
  assert.throws(() => decodeHead(KEY, bytes(1, 0, 0)), damaged(/parts do not fit/));
  assert.throws(() => decodeHead(KEY, bytes(9, 0, 0, 0, 0x7b)), damaged(/parts do not fit/));
});

test('a head with anything of the wrong kind', () => {
  const wrong: readonly ((head: Head) => unknown)[] = [
    () => null,
    () => 7,
    () => [],
    ...['key', 'outlines', 'facts', 'modules', 'whole'].flatMap((key) => [
      (head: Head) => void delete head[key],
      (head: Head) => put(head, key, 7),
      (head: Head) => put(head, key, null),
    ]),
    (head) => put(head, 'image', 7),
    (head) => put(head, 'image', null),
    ...['outlines', 'modules', 'whole'].flatMap((key) =>
      ['1', -1, 1.5, 2 ** 53, null].map((value) => (head: Head) => put(head, key, [1, value])),
    ),
    ...(
      [
        ['usesStateThatCannotBeReset', 7],
        ['usesStateThatCannotBeReset', [7]],
        ['usesStateThatCannotBeReset', [{ instruction: 7, count: 1, functions: [] }]],
        ['usesStateThatCannotBeReset', [{ instruction: 'x', count: -1, functions: [] }]],
        ['usesStateThatCannotBeReset', [{ instruction: 'x', count: 1, functions: ['y'] }]],
        ['usesStateThatCannotBeReset', [{ instruction: 'x', count: 1, functions: 7 }]],
        ['memoryGrow', 7],
        ['memoryGrow', { instruction: 'x' }],
        ['atomicWait', 'x'],
        ['usesDataSegments', 1],
        ['usesDataSegments', undefined],
      ] as const
    ).map(
      ([key, value]) =>
        (head: Head) =>
          put((head.facts as Head[])[1] as Head, key, value),
    ),
    (head) => put(head.image as Head, 'memories', 7),
    (head) => put(head.image as Head, 'globals', [7]),
    (head) => put(head.image as Head, 'globals', 'x'),
    ...[
      { byteLength: -1, parts: [] },
      { byteLength: '1', parts: [] },
      { byteLength: 1 },
      { byteLength: 9, parts: [7] },
      { byteLength: 9, parts: [[1]] },
      { byteLength: 9, parts: [[1, 1, 1]] },
      { byteLength: 9, parts: [[-1, 1]] },
      { byteLength: 9, parts: [['1', 1]] },
      // empty, overlapping, out of order, too long
      { byteLength: 9, parts: [[1, 0]] },
      {
        byteLength: 9,
        parts: [
          [1, 3],
          [3, 1],
        ],
      },
      {
        byteLength: 9,
        parts: [
          [5, 1],
          [1, 1],
        ],
      },
      { byteLength: 9, parts: [[1, 9]] },
      { byteLength: 9, parts: [[9, 1]] },
      {
        byteLength: 9,
        parts: [
          [8, 2],
          [1, 1],
        ],
      },
    ].map((memory) => (head: Head) => put(head.image as Head, 'memories', [memory])),
  ];
  for (const [index, change] of wrong.entries()) {
    assert.throws(() => decodeHead(KEY, changed(change)), damaged(/head is not what it should be/), `change ${index}`);
  }
});

test('parts that touch, and reach to the end of their memory, fit', () => {
  const memory = {
    byteLength: 9,
    parts: [
      [0, 3],
      [3, 6],
    ],
  };
  const head = changed((one) => put(one.image as Head, 'memories', [memory]));
  assert.doesNotThrow(() => decodeHead(KEY, head));
});

test('outlines and body are just as long as the head says', () => {
  const same = (): undefined => undefined;
  assert.throws(() => decodeHead(KEY, changed(same, bytes(20, 21))), damaged(/parts do not fit/));
  assert.throws(() => decodeHead(KEY, changed(same, bytes(20, 21, 22, 23))), damaged(/parts do not fit/));
  const decoded = decodeHead(KEY, changed(same));
  assert.throws(() => decoded.withBody(body().subarray(0, -1)), damaged(/parts do not fit/));
  assert.throws(() => decoded.withBody(Buffer.concat([body(), bytes(0)])), damaged(/parts do not fit/));
  assert.doesNotThrow(() => decoded.withBody(body()));
});

test('globals are numbers of the kinds that were written', () => {
  const global = (text: string): unknown => {
    const head = changed((one) => put(one.image as Head, 'globals', [text]));
    return decodeHead(KEY, head).withBody(body()).image?.globals[0];
  };
  assert.equal(global('-9223372036854775808n'), -(2n ** 63n));
  assert.equal(global('3ff8000000000000'), 1.5);
  for (const text of [
    '',
    '1',
    'n',
    '-n',
    '1.5n',
    '123456789012345678901n',
    '3ff800000000000',
    '3ff80000000000000',
    '3FF8000000000000',
    'x7n',
    '7nx',
  ]) {
    assert.throws(() => global(text), damaged(/a global of its image is no number/), text);
  }
});
