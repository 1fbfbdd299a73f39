// Line programs written by hand, of versions 4 and 5: every instruction, every form of a name, and what is broken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BytesFault } from './byte-reader.ts';
import { allDwarfLines, findDwarfLines, type LineSections } from './dwarf-lines.ts';

type Bytes = readonly number[];

const u16 = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
const text = (value: string): number[] => [...Buffer.from(value), 0];

/** The operands of the standard opcodes 1 to 12, as DWARF has them, and of 13, which it does not have. */
const OPERANDS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 2];
const OPCODE_BASE = OPERANDS.length + 1;
const LINE_BASE = -3;
const LINE_RANGE = 12;

interface Unit {
  readonly version?: number;
  readonly names: Bytes;
  readonly program: Bytes;
  /** Bytes of the shortest instruction. */
  readonly unit?: number;
}

function unit({ version = 4, names, program, unit = 1 }: Unit): number[] {
  const fields = [
    unit,
    ...(version >= 4 ? [1] : []),
    1,
    LINE_BASE & 0xff,
    LINE_RANGE,
    OPCODE_BASE,
    ...OPERANDS,
    ...names,
  ];
  const after = [...u32(fields.length), ...fields, ...program];
  const body = [...u16(version), ...(version === 5 ? [4, 0] : []), ...after];
  return [...u32(body.length), ...body];
}

/** The folder in which the compiler ran. */
const COMPILED_IN = '/home/author/app';

const sections = (...units: readonly Bytes[]): LineSections => ({
  lines: Uint8Array.from(units.flat()),
  lineTexts: Uint8Array.from([...text(COMPILED_IN), ...text('from-line-texts.c')]),
  texts: Uint8Array.from([0, ...text('from-texts.c')]),
});

const COPY = [1];
const advancePc = (by: number): Bytes => [2, by];
const advanceLine = (by: number): Bytes => [3, by & 0x7f];
const setFile = (file: number): Bytes => [4, file];
const CONST_ADD_PC = [8];
const fixedAdvance = (by: number): Bytes => [9, ...u16(by)];
const address = (value: number): Bytes => [0, 5, 2, ...u32(value)];
const END = [0, 1, 1];
/** A special opcode: so many addresses and lines further, and a row. */
const special = (addresses: number, lines: number): Bytes => [
  OPCODE_BASE + (lines - LINE_BASE) + LINE_RANGE * addresses,
];

/** Version 4: two folders, and three files, in the first, in none, and in the second. */
const names4 = [
  ...[...text('src'), ...text('/abs'), 0],
  ...[...text('a.c'), 1, 0, 0, ...text('b.c'), 0, 0, 0, ...text('c.c'), 2, 0, 0, 0],
];

const program = (...parts: readonly Bytes[]): number[] => parts.flat();

function linesOf(of: LineSections, ...addresses: readonly number[]): string[] {
  const found = findDwarfLines(of, addresses);
  return addresses.map((one) => {
    const line = found.get(one);
    return line ? `${line.file}:${line.line}` : 'none';
  });
}

test('rows cover the addresses up to the next row', () => {
  const of = sections(
    unit({
      names: names4,
      program: program(address(100), advanceLine(9), COPY, special(10, 2), special(5, -3), advancePc(5), END),
    }),
  );
  assert.deepEqual(linesOf(of, 99, 100, 109, 110, 114, 115, 119, 120), [
    ...['none', 'src/a.c:10', 'src/a.c:10', 'src/a.c:12', 'src/a.c:12', 'src/a.c:9', 'src/a.c:9', 'none'],
  ]);
});

test('every way to go on: by operands, constants, fixed steps, and instructions that are passed over', () => {
  const constant = Math.floor((255 - OPCODE_BASE) / LINE_RANGE);
  const passed = [[5, 7], [6], [7], [10], [11], [12, 3], [13, 0x80, 0x01, 2], [0, 3, 4, 9, 9], [0, 0]];
  const of = sections(
    unit({
      names: names4,
      unit: 2,
      program: program(
        ...[address(8), COPY, ...passed, CONST_ADD_PC, advanceLine(1), COPY],
        // A fixed step is in bytes, the others in units of two.
        ...[fixedAdvance(300), advanceLine(1), COPY, advancePc(3), END],
      ),
    }),
  );
  const second = 8 + 2 * constant;
  assert.deepEqual(linesOf(of, second - 1, second, second + 299, second + 300, second + 305, second + 306), [
    ...['src/a.c:1', 'src/a.c:2', 'src/a.c:2', 'src/a.c:3', 'src/a.c:3', 'none'],
  ]);
});

test('files by their folders, and each unit with its own', () => {
  const of = sections(
    unit({
      names: names4,
      program: program(address(10), setFile(2), COPY, special(10, 0), setFile(3), COPY, advancePc(10), END),
    }),
    unit({ names: [0, ...text('other.c'), 0, 0, 0, 0], program: program(address(50), COPY, advancePc(1), END) }),
  );
  assert.deepEqual(linesOf(of, 10, 25, 50), ['b.c:1', '/abs/c.c:1', 'other.c:1']);
});

test('a sequence begins anew: line, file and address', () => {
  const of = sections(
    unit({
      names: names4,
      program: program(
        ...[address(10), setFile(2), advanceLine(20), COPY, advancePc(5), END],
        ...[address(30), COPY, advancePc(5), END],
      ),
    }),
  );
  assert.deepEqual(linesOf(of, 12, 15, 29, 30), ['b.c:21', 'none', 'none', 'src/a.c:1']);
});

test('code that the linker left out counts for nothing, what follows does', () => {
  for (const dead of [0, 0xffff_fffe, 0xffff_ffff]) {
    const of = sections(
      unit({
        names: names4,
        program: program(
          ...[address(dead), advanceLine(4), COPY, advancePc(50), END],
          ...[address(20), advanceLine(6), COPY, advancePc(5), END],
        ),
      }),
    );
    assert.deepEqual(linesOf(of, 1, 22), ['none', 'src/a.c:7'], `${dead}`);
  }
});

test('a row without a line, and a file that is none, name nothing', () => {
  const of = sections(
    unit({
      names: names4,
      program: program(address(10), advanceLine(-1), COPY, special(5, 1), setFile(9), COPY, advancePc(5), END),
    }),
  );
  assert.deepEqual(linesOf(of, 10, 16), ['none', 'none']);
});

/** Version 5: each file as bytes in these forms; folder 0 is where the compiler ran. */
function names5(forms: readonly (readonly [content: number, form: number])[], files: readonly Bytes[]): number[] {
  return [
    ...[1, 1, 0x08, 2, ...text(COMPILED_IN), ...text('sub')],
    ...[forms.length, ...forms.flat(), files.length, ...files.flat()],
  ];
}

const [PATH, DIRECTORY, OTHER] = [1, 2, 3];

test('names of version 5 in every form', () => {
  for (const [forms, file, expected] of [
    [[[PATH, 0x08]], text('a.c'), 'a.c'],
    [
      [
        [PATH, 0x1f],
        [DIRECTORY, 0x0b],
      ],
      [...u32(text(COMPILED_IN).length), 1],
      'sub/from-line-texts.c',
    ],
    [
      [
        [PATH, 0x0e],
        [DIRECTORY, 0x05],
      ],
      [...u32(1), ...u16(1)],
      'sub/from-texts.c',
    ],
    [
      [
        [DIRECTORY, 0x06],
        [PATH, 0x08],
      ],
      [...u32(1), ...text('a.c')],
      'sub/a.c',
    ],
    [
      [
        [OTHER, 0x0f],
        [PATH, 0x08],
      ],
      [0x81, 0x01, ...text('a.c')],
      'a.c',
    ],
    [
      [
        [OTHER, 0x07],
        [PATH, 0x08],
      ],
      [1, 2, 3, 4, 5, 6, 7, 8, ...text('a.c')],
      'a.c',
    ],
    [
      [
        [OTHER, 0x1e],
        [PATH, 0x08],
      ],
      [...Array<number>(16).fill(1), ...text('a.c')],
      'a.c',
    ],
    [
      [
        [OTHER, 0x09],
        [PATH, 0x08],
      ],
      [2, 1, 1, ...text('a.c')],
      'a.c',
    ],
  ] as const) {
    const of = sections(
      unit({
        version: 5,
        names: names5(forms, [file, file]),
        program: program(address(10), COPY, advancePc(5), END),
      }),
    );
    assert.deepEqual(linesOf(of, 12), [`${expected}:1`], JSON.stringify(forms));
    assert.equal(allDwarfLines(of)[0]?.file, `${COMPILED_IN}/${expected}`);
  }
});

test('a path below the folder of the compiler is shown from there', () => {
  const of = sections(
    unit({
      version: 5,
      names: names5([[PATH, 0x08]], [text('x'), text(`${COMPILED_IN}/deep/a.c`)]),
      program: program(address(10), COPY, advancePc(5), END),
    }),
  );
  assert.deepEqual(linesOf(of, 10), ['deep/a.c:1']);
});

test('all lines are listed in the order of their addresses, empty rows left out', () => {
  const of = sections(
    unit({
      names: names4,
      program: program(
        ...[address(50), COPY, special(0, 1), special(4, 1), advancePc(1), END],
        ...[address(10), COPY, advancePc(5), END],
      ),
    }),
  );
  assert.deepEqual(
    allDwarfLines(of).map(({ file, line, from, to }) => `${file}:${line} ${from}-${to}`),
    ['src/a.c:1 10-15', 'src/a.c:2 50-54', 'src/a.c:3 54-55'],
  );
});

test('units of other versions are passed over, what is no DWARF throws', () => {
  const good = unit({ names: names4, program: program(address(10), COPY, advancePc(5), END) });
  for (const version of [1, 6])
    assert.deepEqual(linesOf(sections(unit({ version, names: [], program: [] }), good), 10), ['src/a.c:1']);
  const flawed = [...good];
  const [lineRange, opcodeBase] = [14, 15];
  for (const at of [lineRange, opcodeBase]) {
    const broken = [...flawed];
    broken[at] = 0;
    assert.deepEqual(linesOf(sections(broken, good), 10), ['src/a.c:1']);
  }
  assert.throws(() => linesOf(sections([...u32(0xffff_ffff), 0]), 10), BytesFault);
  assert.throws(() => linesOf(sections(good.slice(0, -1)), 10), BytesFault);
  assert.throws(() => linesOf(sections(unit({ names: names4, program: [0, 9, 2, 0] })), 10), BytesFault);
  assert.throws(
    () =>
      linesOf(
        sections(
          unit({
            version: 5,
            names: names5([[PATH, 0x55]], [[0], [0]]),
            program: program(address(10), COPY, advancePc(5), END),
          }),
        ),
        10,
      ),
    BytesFault,
  );
});
