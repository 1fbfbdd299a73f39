// A case for everything that the decoder can say no with, and every opcode that it knows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalTexts } from '../../../test/support/refusals.ts';
import { MayflyError } from '../../errors.ts';
import type { Canon, Definition } from './ast.ts';
import { readCoreModuleType } from './core-module.ts';
import { decodeComponent } from './decode.ts';
import { MAX_ITEMS, MAX_NAME_LENGTH, Reader } from './reader.ts';

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const MODULE_PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 128))];
}

/** A component with one section of one definition. */
const one = (section: number, ...body: number[]): Uint8Array =>
  Uint8Array.from([...PREAMBLE, section, ...leb(body.length + 1), 1, ...body]);
const raw = (section: number, ...body: number[]): Uint8Array =>
  Uint8Array.from([...PREAMBLE, section, ...leb(body.length), ...body]);

const CORE_INSTANCE = 2;
const CORE_TYPE = 3;
const COMPONENT = 4;
const INSTANCE = 5;
const ALIAS = 6;
const TYPE = 7;
const CANON = 8;
const START = 9;
const IMPORT = 10;
const EXPORT = 11;

function refusalOf(read: () => unknown): string {
  try {
    read();
    return 'accepted';
  } catch (error) {
    assert(error instanceof MayflyError, String(error));
    assert.equal(error.code, 'component-corrupt');
    return error.message;
  }
}

const NAME_A = [0, 1, 0x61];
const invalid = (byte: string, what: string): string => `Invalid leading byte 0x${byte} for ${what}`;

const cases: readonly (readonly [message: string, bytes: Uint8Array])[] = [
  ['Unknown section 13', raw(13)],
  ['Unexpected end of the file: section "type" needs 2 bytes', Uint8Array.from([...PREAMBLE, TYPE, 2, 0])],
  ['Unexpected end of section "import"', one(IMPORT, 0, 5, 0x61)],
  ['Unexpected content at the end of section "type"', raw(TYPE, 0, 0)],
  ['Expected the preamble of a component', raw(COMPONENT, ...MODULE_PREAMBLE)],
  // aliases
  [invalid('03', 'the target of an alias'), one(ALIAS, 1, 3)],
  [invalid('06', 'a sort'), one(ALIAS, 6)],
  [invalid('05', 'a core sort'), one(ALIAS, 0, 5)],
  [invalid('13', 'a core sort'), one(ALIAS, 0, 0x13)],
  ...[0, 1, 2, 3, 4, 0x10, 0x12].map(
    (sort, index) =>
      [
        `No instance exports a core ${['func', 'table', 'memory', 'global', 'tag', 'type', 'instance'][index]}`,
        one(ALIAS, 0, sort, 0, 0, 1, 0x61),
      ] as const,
  ),
  ...[0x10, 0x11, 0x12].map(
    (sort, index) =>
      [
        `No core instance exports a core ${['type', 'module', 'instance'][index]}`,
        one(ALIAS, 0, sort, 1, 0, 1, 0x61),
      ] as const,
  ),
  ['No core instance exports a func', one(ALIAS, 1, 1, 0, 1, 0x61)],
  ['An outer alias cannot give a func', one(ALIAS, 1, 2, 0, 0)],
  ['An outer alias cannot give a instance', one(ALIAS, 5, 2, 0, 0)],
  ['An outer alias cannot give a core func', one(ALIAS, 0, 0, 2, 0, 0)],
  ['An outer alias cannot give a core instance', one(ALIAS, 0, 0x12, 2, 0, 0)],
  ['Invalid outer alias count of 1', one(ALIAS, 0, 0x10, 2, 1, 0)],
  ['Unknown core type 0: core type index out of bounds', one(ALIAS, 0, 0x10, 2, 0, 0)],
  // instances
  [invalid('02', 'a core instance expression'), one(CORE_INSTANCE, 2)],
  [invalid('02', 'an instance expression'), one(INSTANCE, 2)],
  [
    invalid('11', 'an instantiation argument, which must be an instance'),
    one(CORE_INSTANCE, 0, 0, 1, 1, 0x61, 0x11, 0),
  ],
  // names, imports, exports
  [invalid('03', 'the name of an import or export'), one(IMPORT, 3, 1, 0x61)],
  [invalid('03', 'a name attribute'), one(IMPORT, 2, 1, 0x61, 1, 3)],
  ...['implements', 'versionsuffix', 'externalid'].map(
    (name, byte) => [`Duplicate attribute "${name}"`, one(IMPORT, 2, 1, 0x61, 2, byte, 0, byte, 0)] as const,
  ),
  [invalid('10', 'a core import or export, which must be a module'), one(IMPORT, ...NAME_A, 0, 0x10, 0)],
  [invalid('06', 'the type of an import or export'), one(IMPORT, ...NAME_A, 6)],
  [invalid('02', 'a value bound'), one(IMPORT, ...NAME_A, 2, 2)],
  [invalid('02', 'a type bound'), one(IMPORT, ...NAME_A, 3, 2)],
  [invalid('02', 'presence'), one(EXPORT, ...NAME_A, 1, 0, 2)],
  // types
  [invalid('3e', 'a type'), one(TYPE, 0x3e)],
  [invalid('44', 'a type'), one(TYPE, 0x44)],
  [invalid('40', 'a value type'), one(TYPE, 0x70, 0x40)],
  [invalid('63', 'a value type'), one(TYPE, 0x70, 0x63)],
  [invalid('65', 'a value type'), one(TYPE, 0x70, 0x65)],
  [invalid('01', 'the end of a variant case'), one(TYPE, 0x71, 1, 1, 0x61, 0, 1)],
  [invalid('02', 'a result list'), one(TYPE, 0x40, 0, 2)],
  [invalid('01', 'an empty result list'), one(TYPE, 0x40, 0, 1, 1)],
  ['A resource must be represented by i32 or i64', one(TYPE, 0x3f, 0x7d, 0)],
  [invalid('03', 'a declaration of an instance type'), one(TYPE, 0x42, 1, 3)],
  [invalid('05', 'a declaration'), one(TYPE, 0x41, 1, 5)],
  // core types
  [invalid('5c', 'a core type'), one(CORE_TYPE, 0x5c)],
  [invalid('68', 'a core value type'), one(CORE_TYPE, 0x60, 1, 0x68, 0)],
  [invalid('75', 'a core value type'), one(CORE_TYPE, 0x60, 1, 0x75, 0)],
  [invalid('02', 'the mutability of a field'), one(CORE_TYPE, 0x5f, 1, 0x78, 2)],
  [invalid('04', 'a declaration of a module type'), one(CORE_TYPE, 0x50, 1, 4)],
  [invalid('05', 'a core import or export'), one(CORE_TYPE, 0x50, 1, 3, 1, 0x61, 5)],
  [invalid('10', 'limits'), one(CORE_TYPE, 0x50, 1, 3, 1, 0x61, 2, 0x10)],
  [invalid('02', 'the mutability of a global'), one(CORE_TYPE, 0x50, 1, 3, 1, 0x61, 3, 0x7f, 2)],
  [invalid('01', 'the attribute of a tag'), one(CORE_TYPE, 0x50, 1, 3, 1, 0x61, 4, 1)],
  ['Core type 0 is not a function type', one(CORE_TYPE, 0x50, 2, 1, 0x5f, 0, 3, 1, 0x61, 0, 0)],
  ['Unknown core type 0: core type index out of bounds', one(CORE_TYPE, 0x50, 1, 3, 1, 0x61, 0, 0)],
  ['A module type cannot contain a module type', one(CORE_TYPE, 0x50, 1, 1, 0x50, 0)],
  ['A module type cannot contain a module type', raw(CORE_TYPE, 2, 0x50, 0, 0x50, 1, 2, 0x10, 1, 1, 0)],
  [invalid('11', 'a core alias, which must be of a type'), one(CORE_TYPE, 0x50, 1, 2, 0x11)],
  [invalid('02', 'a core alias, which must be outer'), one(CORE_TYPE, 0x50, 1, 2, 0x10, 2)],
  ['Invalid outer alias count of 2', one(CORE_TYPE, 0x50, 1, 2, 0x10, 1, 2, 0)],
  // canonical functions
  [invalid('01', 'canon lift'), one(CANON, 0, 1)],
  [invalid('01', 'canon lower'), one(CANON, 1, 1)],
  ...[7, 8, 46, 63, 67].map(
    (byte) => [invalid(byte.toString(16).padStart(2, '0'), 'a canonical function'), one(CANON, byte)] as const,
  ),
  [invalid('08', 'a canonical option'), one(CANON, 1, 0, 0, 1, 8)],
  ...(
    [
      ['string-encoding', [0], [2]],
      ['memory', [3, 0], [3, 0]],
      ['realloc', [4, 0], [4, 0]],
      ['post-return', [5, 0], [5, 0]],
      ['async', [6], [6]],
      ['callback', [7, 0], [7, 0]],
    ] as const
  ).map(
    ([option, first, second]) =>
      [
        `Canonical option "${option}" is specified more than once`,
        one(CANON, 1, 0, 0, 2, ...first, ...second),
      ] as const,
  ),
  [invalid('02', 'async'), one(CANON, 6, 2)],
  [invalid('02', 'cancellable'), one(CANON, 12, 2)],
  [invalid('02', 'shared'), one(CANON, 66, 2)],
  ['Start function with 1001 results', raw(START, 0, 0, ...leb(1001))],
  [`Name is longer than ${MAX_NAME_LENGTH} bytes`, one(IMPORT, 0, ...leb(MAX_NAME_LENGTH + 1))],
  ['Malformed UTF-8 encoding', one(IMPORT, 0, 1, 0xff)],
  ['Integer too large', one(INSTANCE, 0, 0xff, 0xff, 0xff, 0xff, 0x1f)],
  ['Integer representation too long', one(INSTANCE, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0)],
  ['Type index out of range', one(TYPE, 0x70, 0x80, 0x40)],
  ['Unexpected end of section "type": 3 elements announced', raw(TYPE, 3, 0x7f)],
];

/** Core modules by their sections. */
const moduleCases: readonly (readonly [message: string, ...sections: readonly (readonly number[])[]])[] = [
  ['Unknown function type 0 in a core module', [3, 2, 1, 0]],
  ['Unknown function type 0 in a core module', [2, 7, 1, 1, 0x61, 1, 0x62, 0, 0]],
  ['Unknown function type 0 in a core module', [1, 3, 1, 0x5f, 0], [3, 2, 1, 0]],
  ['Unknown func 0 in the exports of a core module', [7, 5, 1, 1, 0x61, 0, 0]],
  ['Unknown memory 1 in the exports of a core module', [5, 3, 1, 0, 1], [7, 5, 1, 1, 0x61, 2, 1]],
  [invalid('05', 'a core export'), [7, 5, 1, 1, 0x61, 5, 0]],
  [invalid('01', 'a table with an initialiser'), [4, 7, 1, 0x40, 1, 0x70, 0, 1, 0x0b]],
  [invalid('01', 'the attribute of a tag'), [13, 3, 1, 1, 0]],
  ['Constant expression required, found opcode 0x10', [6, 6, 1, 0x7f, 0, 0x10, 0, 0x0b]],
  ['Constant expression required', [6, 7, 1, 0x7f, 0, 0xfd, 11, 0, 0x0b]],
  ['Constant expression required', [6, 7, 1, 0x7f, 0, 0xfb, 2, 0, 0x0b]],
  ['Constant expression required', [6, 7, 1, 0x7f, 0, 0xfb, 25, 0, 0x0b]],
  ['Constant expression required', [6, 7, 1, 0x7f, 0, 0xfb, 29, 0, 0x0b]],
  ['Integer representation too long', [6, 11, 1, 0x7f, 0, 0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 0x0b]],
  ['Unexpected content at the end of core section "memory"', [5, 4, 1, 0, 1, 0]],
  ['Unexpected end of the core module: core section "function" needs 9 bytes', [3, 9, 0]],
  ['Unexpected end of the core module: core section "number 10" needs 9 bytes', [10, 9, 0]],
];

const readModule = (...bytes: number[]): unknown => readCoreModuleType(Uint8Array.from(bytes), 'x.wasm', 0);

const seen = new Set<string>();

test('each malformed component is refused, with the reason', () => {
  for (const [message, bytes] of cases) {
    assert.equal(
      refusalOf(() => decodeComponent(bytes)),
      message,
    );
    seen.add(message);
  }
});

test('each malformed core module is refused, with the reason', () => {
  for (const [message, ...sections] of moduleCases) {
    assert.equal(
      refusalOf(() => readModule(...MODULE_PREAMBLE, ...sections.flat())),
      message,
      String(sections),
    );
    seen.add(message);
  }
  const preamble = 'Expected the preamble of a core module';
  for (const start of [PREAMBLE, MODULE_PREAMBLE.slice(0, 7), [0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]]) {
    assert.equal(
      refusalOf(() => readModule(...start)),
      preamble,
    );
  }
  seen.add(preamble);
});

test('what a whole file may hold is bounded', () => {
  const reader = Reader.over(new Uint8Array(1), 'x');
  reader.spend(MAX_ITEMS);
  const tooMany = refusalOf(() => reader.spend(1));
  assert.match(tooMany, /^More than 1000000 definitions, fields and names$/);
  const nest = (level: number): unknown => reader.nested(() => (level > 1 ? nest(level - 1) : undefined));
  assert.equal(
    refusalOf(() => nest(100)),
    'accepted',
  );
  const tooDeep = refusalOf(() => nest(101));
  assert.match(tooDeep, /^Nesting is deeper than 100 levels$/);
  for (const message of [tooMany, tooDeep]) seen.add(message);
});

test('there is a case for each reason that the decoder knows', () => {
  const reasons = refusalTexts(new URL('.', import.meta.url), 'fail');
  assert.ok(reasons.size > 25);
  const missing = [...reasons].filter(([, pattern]) => ![...seen].some((message) => pattern.test(message)));
  assert.deepEqual(
    missing.map(([reason]) => reason),
    [],
  );
});

const canons: readonly (readonly [name: string, body: readonly number[], Partial<Canon & { kind: 'builtin' }>])[] = [
  ['task.cancel', [5], {}],
  ['subtask.cancel', [6, 1], { async: true }],
  ['task.return', [9, 0, 0x79, 0], { result: { kind: 'primitive', primitive: 'u32' } }],
  ['task.return', [9, 1, 0, 0], {}],
  ['context.get', [10, 0x7f, 1], { valType: 'i32', slot: 1 }],
  ['context.set', [11, 0x7e, 0], { valType: 'i64', slot: 0 }],
  ['thread.yield', [12, 1], { cancellable: true }],
  ['subtask.drop', [13], {}],
  ['stream.new', [14, 3], { type: 3 }],
  ['stream.read', [15, 3, 0], { type: 3 }],
  ['stream.write', [16, 3, 0], { type: 3 }],
  ['stream.cancel-read', [17, 3, 1], { type: 3, async: true }],
  ['stream.cancel-write', [18, 3, 0], { type: 3, async: false }],
  ['stream.drop-readable', [19, 3], { type: 3 }],
  ['stream.drop-writable', [20, 3], { type: 3 }],
  ['future.new', [21, 3], { type: 3 }],
  ['future.read', [22, 3, 0], { type: 3 }],
  ['future.write', [23, 3, 0], { type: 3 }],
  ['future.cancel-read', [24, 3, 1], { type: 3, async: true }],
  ['future.cancel-write', [25, 3, 0], { type: 3, async: false }],
  ['future.drop-readable', [26, 3], { type: 3 }],
  ['future.drop-writable', [27, 3], { type: 3 }],
  ['error-context.new', [28, 0], {}],
  ['error-context.debug-message', [29, 0], {}],
  ['error-context.drop', [30], {}],
  ['waitable-set.new', [31], {}],
  ['waitable-set.wait', [32, 1, 4], { cancellable: true, memory: 4 }],
  ['waitable-set.poll', [33, 0, 4], { memory: 4 }],
  ['waitable-set.drop', [34], {}],
  ['waitable.join', [35], {}],
  ['backpressure.inc', [36], {}],
  ['backpressure.dec', [37], {}],
  ['thread.index', [38], {}],
  ['thread.new-indirect', [39, 3, 5], { type: 3, table: 5 }],
  ['thread.resume-later', [40], {}],
  ['thread.suspend', [41, 1], { cancellable: true }],
  ['thread.suspend-then-resume', [42, 1], { cancellable: true }],
  ['thread.yield-then-resume', [43, 1], { cancellable: true }],
  ['thread.suspend-then-promote', [44, 1], { cancellable: true }],
  ['thread.yield-then-promote', [45, 1], { cancellable: true }],
  ['thread.spawn-ref', [64, 1, 3], { shared: true, type: 3 }],
  ['thread.spawn-indirect', [65, 0, 3, 5], { shared: false, type: 3, table: 5 }],
  ['thread.available-parallelism', [66, 1], { shared: true }],
];

function onlyDefinition<Kind extends Definition['kind']>(kind: Kind, bytes: Uint8Array): Definition & { kind: Kind } {
  const { definitions } = decodeComponent(bytes);
  assert.equal(definitions.length, 1);
  const [found] = definitions;
  assert(found?.kind === kind);
  return found as Definition & { kind: Kind };
}

test('each opcode of a canonical function is read as what it is, with all that follows it', () => {
  for (const [name, body, expected] of canons) {
    const { canon } = onlyDefinition('canon', one(CANON, ...body));
    assert(canon.kind === 'builtin');
    assert.equal(canon.name, name);
    for (const [key, value] of Object.entries(expected)) {
      assert.deepEqual(canon[key as keyof typeof canon], value, `${name} ${key}`);
    }
    assert.equal(canon.async, expected.async ?? false, name);
    assert.equal(canon.cancellable, expected.cancellable ?? false, name);
  }
  const { canon: drop } = onlyDefinition('canon', one(CANON, 3, 7));
  assert.deepEqual(drop, { kind: 'resource.drop', resource: 7, async: false });
  assert.deepEqual(onlyDefinition('canon', one(CANON, 2, 7)).canon, { kind: 'resource.new', resource: 7 });
  assert.deepEqual(onlyDefinition('canon', one(CANON, 4, 7)).canon, { kind: 'resource.rep', resource: 7 });
});

test('each canonical option is read as what it is', () => {
  const optionsOf = (...options: number[]): unknown => {
    const { canon } = onlyDefinition('canon', one(CANON, 1, 0, 0, ...options));
    assert(canon.kind === 'lower');
    return canon.options;
  };
  const none = {
    encoding: 'utf8',
    memory: undefined,
    realloc: undefined,
    postReturn: undefined,
    async: false,
    callback: undefined,
    alwaysTaskReturn: false,
  };
  assert.deepEqual(optionsOf(0), none);
  assert.deepEqual(optionsOf(1, 0), none);
  assert.deepEqual(optionsOf(1, 1), { ...none, encoding: 'utf16' });
  assert.deepEqual(optionsOf(1, 2), { ...none, encoding: 'latin1+utf16' });
  assert.deepEqual(optionsOf(5, 3, 1, 4, 2, 5, 3, 6, 7, 4), {
    ...none,
    memory: 1,
    realloc: 2,
    postReturn: 3,
    async: true,
    callback: 4,
  });
});

test('each primitive type has its byte, in definitions and in references', () => {
  const names = ['bool', 's8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64', 'f32', 'f64', 'char', 'string'];
  const all = [...names.map((name, index) => [0x7f - index, name] as const), [0x64, 'error-context'] as const];
  for (const [byte, primitive] of all) {
    assert.deepEqual(onlyDefinition('type', one(TYPE, byte)).type, { kind: 'primitive', primitive });
    const { type } = onlyDefinition('type', one(TYPE, 0x6b, byte));
    assert.deepEqual(type, { kind: 'option', type: { kind: 'primitive', primitive } });
  }
});

test('each sort has its byte', () => {
  const sorts = [
    [[1], 'func'],
    [[2], 'value'],
    [[3], 'type'],
    [[4], 'component'],
    [[5], 'instance'],
    [[0, 0x11], 'module'],
  ] as const;
  for (const [bytes, sort] of sorts) {
    const found = onlyDefinition('export', one(EXPORT, ...NAME_A, ...bytes, 9, 0));
    assert.deepEqual(found.sort, { core: bytes.length > 1, sort });
    assert.equal(found.index, 9);
    assert.equal(found.desc, undefined);
  }
  ['func', 'table', 'memory', 'global', 'tag'].forEach((sort, byte) => {
    const { expr } = onlyDefinition('core-instance', one(CORE_INSTANCE, 1, 1, 1, 0x61, byte, 3));
    assert.deepEqual(expr, { kind: 'exports', exports: [{ name: 'a', sort, index: 3 }] });
  });
  const start = decodeComponent(raw(START, 4, 2, 7, 8, ...leb(1000))).definitions[0];
  assert.deepEqual(start, { kind: 'start', offset: 10, func: 4, args: [7, 8], results: 1000 });
});

test('core types: references, limits and recursion groups', () => {
  const typesOf = (...body: number[]): unknown =>
    decodeComponent(one(CORE_TYPE, ...body)).definitions.map((found) => found.kind === 'core-type' && found.type);
  const func = (params: unknown[]): unknown => ({ kind: 'func', type: { params, results: [] } });
  assert.deepEqual(typesOf(0x60, 7, 0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f, 0), [
    func(['i32', 'i64', 'f32', 'f64', 'v128', 'funcref', 'externref']),
  ]);
  assert.deepEqual(typesOf(0x60, 2, 0x63, 0x70, 0x63, 0x6f, 0), [func(['funcref', 'externref'])]);
  const ref = (...bytes: number[]): unknown => ({ ref: Uint8Array.from(bytes) });
  assert.deepEqual(typesOf(0x60, 4, 0x63, 3, 0x64, 0x70, 0x69, 0x74, 0), [
    func([ref(0x63, 3), ref(0x64, 0x70), ref(0x69), ref(0x74)]),
  ]);
  const kinds = (...body: number[]): unknown => (typesOf(...body) as { kind: string }[]).map(({ kind }) => kind);
  assert.deepEqual(kinds(0x4e, 3, 0x5f, 1, 0x78, 0, 0x5e, 0x77, 1, 0x60, 0, 0), ['other', 'other', 'func']);
  assert.deepEqual(kinds(0x00, 0x50, 1, 0, 0x60, 0, 0), ['func']);
  assert.deepEqual(kinds(0x4f, 0, 0x5f, 0), ['other']);
  assert.deepEqual(kinds(0x5d, 0x80, 0x00), ['other']);
  const limits = (...bytes: number[]): unknown => {
    const [type] = typesOf(0x50, 1, 3, 1, 0x61, 2, ...bytes) as {
      type: { exports: { desc: { limits: unknown } }[] };
    }[];
    return type?.type.exports[0]?.desc.limits;
  };
  const plain = { max: undefined, shared: false, is64: false, pageSizeLog2: undefined };
  assert.deepEqual(limits(0, 5), { ...plain, min: 5n });
  assert.deepEqual(limits(1, 5, 6), { ...plain, min: 5n, max: 6n });
  assert.deepEqual(limits(3, 5, 6), { ...plain, min: 5n, max: 6n, shared: true });
  assert.deepEqual(limits(4, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01), { ...plain, min: 2n ** 35n, is64: true });
  assert.deepEqual(limits(8, 5, 3), { ...plain, min: 5n, pageSizeLog2: 3 });
});

test('constant expressions of all kinds are skipped whole', () => {
  const expressions = [
    [0x23, 0x80, 0x80, 0x80, 0x80, 0x00],
    [0x41, 0x7f],
    [0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
    [0x43, 0x0b, 0x0b, 0x0b, 0x0b],
    [0x44, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b],
    [0xd0, 0x70],
    [0xd2, 0x00],
    [0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e],
    [0xfd, 12, ...new Array(16).fill(0x0b)],
    ...[0, 1, 6, 7].map((opcode) => [0xfb, opcode, 0x0b]),
    [0xfb, 8, 0x0b, 0x0b],
    [0xfb, 26, 0xfb, 27, 0xfb, 28],
  ];
  for (const expression of expressions) {
    const global = [0x7f, 0, ...expression, 0x0b];
    const table = [0x40, 0, 0x70, 0, 1, ...expression, 0x0b];
    const module = [
      ...MODULE_PREAMBLE,
      ...[4, table.length + 1, 1, ...table],
      ...[6, global.length + 1, 1, ...global],
      ...[7, 9, 2, 1, 0x61, 3, 0, 1, 0x62, 1, 0],
    ];
    assert.deepEqual(
      readCoreModuleType(Uint8Array.from(module), 'x', 0).exports.map(({ desc }) => desc.kind),
      ['global', 'table'],
    );
  }
});
