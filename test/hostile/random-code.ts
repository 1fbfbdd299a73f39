// Random core modules over every instruction that the reader knows: garbage collection, both exception handlings, tail
// calls, vectors, threads, several memories, references. An instruction stays when V8 still takes what was written.
import {
  atomicOpcodes,
  gcOpcodes,
  Immediate,
  miscOpcodes,
  plainOpcodes,
  simdOpcodes,
} from '../../src/component/rewrite/opcodes.ts';
import type { Random } from '../support/random.ts';

export type Bytes = readonly number[];

const UNREACHABLE = 0x00;
const END = 0x0b;
const DROP = 0x1a;
const RETURN = 0x0f;
const PREAMBLE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** Also those that V8 has behind flags, and that the reader does not know: stack switching, thread.atomic and strings. */
const unknownOpcodes: readonly Bytes[] = [
  ...[0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0x16, 0x17, 0x1d, 0x27, 0xd7, 0xff].map((opcode) => [opcode]),
  ...[31, 32, 33, 0x80, 0x90, 0xa0, 0xb0].map((opcode) => [0xfb, ...leb(opcode)]),
  ...[0x50, 0x5a, 0x60].map((opcode) => [0xfe, ...leb(opcode)]),
];

const types: readonly Bytes[] = [
  [0x60, 0, 0],
  [0x50, 0, 0x5f, 2, 0x7f, 1, 0x63, 0x01, 1], // struct { i32, (ref null 1) }, open
  [0x5e, 0x7e, 1], // array of i64
  [0x60, 1, 0x7f, 1, 0x7f],
  [0x5e, 0x78, 1], // array of i8
  [0x60, 2, 0x7f, 0x63, 0x01, 0],
  [0x50, 1, 1, 0x5f, 3, 0x7f, 1, 0x63, 0x01, 1, 0x7b, 1], // a subtype, with a vector
  [0x5e, 0x6e, 1], // array of anyref
  [0x60, 0, 2, 0x7f, 0x7c],
  [0x5f, 3, 0x78, 1, 0x77, 1, 0x70, 1],
];
const FUNCTION_TYPES = [0, 3, 5, 8];
const EXNREF_FUNCTION = [0x60, 1, 0x69, 0];

export interface RandomModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly exceptions: 'none' | 'legacy' | 'references' | 'mixed';
}

interface Plan {
  readonly random: Random;
  readonly exceptions: RandomModule['exceptions'];
  readonly memories: number;
  readonly signatures: readonly number[];
}

const MOST_FUNCTIONS = 5;
const MOST_INSTRUCTIONS = 150;

export function randomCode(random: Random): RandomModule {
  const exceptions = random.pick(['none', 'legacy', 'references', 'mixed'] as const);
  const signatures = Array.from({ length: 1 + random.int(MOST_FUNCTIONS) }, () => random.pick(FUNCTION_TYPES));
  const plan: Plan = { random, exceptions, memories: random.int(4), signatures };
  const bodies = signatures.map((): Bytes => [0, UNREACHABLE, END]);
  // Each by itself, so that V8 does not look at the mixture before the reader does.
  const empty = [...bodies];
  for (const at of bodies.keys()) {
    const own = exceptions === 'mixed' ? random.pick(['legacy', 'references'] as const) : exceptions;
    bodies[at] = randomBody({ ...plan, exceptions: own }, empty, at);
  }
  return { bytes: moduleOf(plan, bodies), exceptions };
}

function randomBody(plan: Plan, bodies: readonly Bytes[], at: number): Bytes {
  const { random } = plan;
  let code = randomLocals(plan);
  let open = 0;
  const closed = (body: Bytes, depth: number): Bytes => [...body, UNREACHABLE, ...new Array(depth + 1).fill(END)];
  const isValid = (body: Bytes): boolean => WebAssembly.validate(moduleOf(plan, bodies.with(at, body)));
  if (!isValid(closed(code, 0))) code = [0];
  for (let left = random.int(MOST_INSTRUCTIONS); left > 0; left--) {
    for (let attempt = 0; attempt < 12; attempt++) {
      const [more, depth] = randomInstruction(plan, open);
      const next = [...code, ...more];
      if (open + depth < 0 || !isValid(closed(next, open + depth))) continue;
      code = next;
      open += depth;
      break;
    }
  }
  const ended = finish(code, open, isValid);
  return ended ?? closed(code, open);
}

/** Ends that the code can reach: what lies on the stack is dropped, or is what the function gives. */
function finish(code: Bytes, open: number, isValid: (body: Bytes) => boolean): Bytes | undefined {
  if (open > 0) return undefined;
  for (let drops = 0; drops < 12; drops++) {
    for (const results of [[], [0x41, 1], [0x41, 1, 0x44, 0, 0, 0, 0, 0, 0, 0, 0]]) {
      const body = [...code, ...new Array(drops).fill(DROP), ...results, RETURN, END];
      if (isValid(body)) return body;
    }
  }
  return undefined;
}

function randomLocals({ random, exceptions }: Plan): Bytes {
  const kinds: Bytes[] = [[0x7f], [0x7e], [0x7c], [0x7b], [0x63, 0x01], [0x6e], [0x70], [0x6f], [0x63, 0x02]];
  if (exceptions === 'references' || exceptions === 'mixed') kinds.push([0x69], [0x63, 0x69], [0x74]);
  const groups = Array.from({ length: random.int(6) }, () => [...leb(1 + random.int(3)), ...random.pick(kinds)]);
  return [groups.length, ...groups.flat()];
}

/** An instruction, and by how much it changes the nesting. */
function randomInstruction(plan: Plan, open: number): readonly [Bytes, number] {
  const { random } = plan;
  switch (random.int(12)) {
    case 0:
      return [constant(random), 0];
    case 1:
    case 2:
      return exceptional(plan);
    case 3:
      return [[random.pick([0x02, 0x03, 0x04]), ...blockType(plan)], 1];
    case 4:
      return random.once(2) ? [[END], -1] : [[0x05], open > 0 ? 0 : -99];
    case 5:
      return [
        random.pick([conditional([0x00]), [0x41, ...sleb(random.int(70))], random.once(4) ? [0x00] : [0x23, 0]]),
        0,
      ];
    case 6:
    case 7:
      return [prefixed(plan, 0xfb, gcOpcodes, 31), 0];
    case 8:
      return [
        random.once(20) ? [...random.pick(unknownOpcodes), ...small(random)] : prefixed(plan, 0xfd, simdOpcodes, 0x114),
        0,
      ];
    case 9:
      return [random.once(2) ? prefixed(plan, 0xfc, miscOpcodes, 23) : prefixed(plan, 0xfe, atomicOpcodes, 0x4f), 0];
    default:
      return [plain(plan), 0];
  }
}

/** Done when the global is not 0, which no compiler knows. */
function conditional(code: Bytes): Bytes {
  return [0x23, 0, 0x04, 0x40, ...code, 0x0b];
}

function constant(random: Random): Bytes {
  return random.pick<Bytes>([
    [0x41, ...sleb(random.int(1000) - 100)],
    [0x42, ...sleb(random.int(1000))],
    [0x43, 0, 0, 0x80, 0x3f],
    [0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
    [0xfd, 12, ...new Array(16).fill(random.int(256))],
    [0xd0, random.pick([0x01, 0x02, 0x70, 0x6f, 0x6e, 0x71, 0x72, 0x73, 0x69])],
    [0xd2, 0],
    [0xfb, 1, 1], // struct.new_default
    [0x41, 3, 0xfb, 7, 2], // array.new_default
    [0x41, 7, 0xfb, 28], // ref.i31
    [0x20, random.int(6)],
  ]);
}

function exceptional({ random, exceptions }: Plan): readonly [Bytes, number] {
  const legacy: readonly (readonly [Bytes, number])[] = [
    [[0x06, random.pick([0x40, 0x7f])], 1],
    [[0x07, random.int(4)], 0],
    [[0x19], 0],
    [[0x09, random.int(3)], 0],
    [[0x18, random.int(3)], -1],
  ];
  const references: readonly (readonly [Bytes, number])[] = [
    [[0x1f, random.pick([0x40, 0x7f, 0x69]), 1, random.int(4), random.int(4), random.int(4)], 1],
    [[0x1f, 0x40, 1, 2 + random.int(2), random.int(3)], 1],
    [[0x02, 0x69], 1],
    [[0x02, 0x08, 0x1f, 0x40, 0], 2],
    [random.once(4) ? [0x0a] : [0x04, 0x40, 0xd0, 0x69, 0x0a, 0x0b], 0],
    [[0xd0, random.pick([0x69, 0x74])], 0],
  ];
  const thrown = random.pick([
    [0x08, 0],
    [0x23, 0, 0x23, 2, 0x08, 1],
    [0xd0, 0x69, 0x08, 2],
  ]);
  const throws: readonly [Bytes, number] = [random.once(8) ? thrown : conditional(thrown), 0];
  if (random.once(4)) return throws;
  if (exceptions === 'legacy') return random.pick(legacy);
  if (exceptions === 'references') return random.pick(references);
  return exceptions === 'mixed' ? random.pick([...legacy, ...references]) : throws;
}

function blockType({ random }: Plan): Bytes {
  return random.pick([[0x40], [0x40], [0x7f], [0x7b], [0x63, 1], [0x6e], sleb(random.pick(FUNCTION_TYPES))]);
}

function plain(plan: Plan): Bytes {
  const opcode = plan.random.int(256);
  const kind = plainOpcodes[opcode] ?? 0;
  return [opcode, ...immediates(plan, kind)];
}

function prefixed(plan: Plan, prefix: number, table: Uint8Array, count: number): Bytes {
  const opcode = plan.random.int(count);
  return [prefix, ...leb(opcode), ...immediates(plan, table[opcode] ?? 0)];
}

const small = (random: Random): Bytes => leb(random.once(8) ? random.int(300) : random.int(6));

function immediates(plan: Plan, kind: number): Bytes {
  const { random, memories } = plan;
  const memarg = (): Bytes => {
    const align = random.int(5);
    if (memories > 1 && random.once(2)) return [align | 0x40, random.int(memories), ...small(random)];
    return [align, ...small(random)];
  };
  switch (kind) {
    case Immediate.none:
    case Immediate.throwRef:
      return [];
    case Immediate.memarg:
      return memarg();
    case Immediate.memargLane:
      return [...memarg(), random.int(4)];
    case Immediate.leb2:
    case Immediate.callTwo:
    case Immediate.memory2:
    case Immediate.dataMemory:
      return [...small(random), ...small(random)];
    case Immediate.bytes4:
    case Immediate.bytes8:
    case Immediate.bytes16:
      return Array.from({ length: 2 ** (kind - Immediate.bytes4 + 2) }, () => random.int(256));
    case Immediate.byte:
      return [random.int(16)];
    case Immediate.cast:
      return [random.int(4), random.int(3), random.pick([0x6e, 0x6d, 1]), random.pick([0x6c, 0x6b, 0x71, 1, 2, 6])];
    case Immediate.brTable:
      return [2, random.int(3), random.int(3), random.int(3)];
    case Immediate.selectTypes:
      return [1, random.pick([0x7f, 0x6e, 0x7b])];
    default:
      return random.once(6) ? sleb(random.pick([-0x10, -0x11, -0x12, -0x13, -0x14, -0x15, -0x17])) : small(random);
  }
}

function moduleOf({ exceptions, memories, signatures }: Plan, bodies: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const withReferences = exceptions === 'references' || exceptions === 'mixed';
  const allTypes = withReferences ? [...types, EXNREF_FUNCTION] : types;
  const tags = [0, 5, 3, ...(withReferences ? [types.length] : [])].filter((type) => type !== 3);
  const tables = [[0x70, 0, 4], [0x6f, 1, 2, 9], [0x6e, 0, 3], ...(withReferences ? [[0x69, 0, 3]] : [])];
  const exports = bodies.map((_, at) => [2, 0x66, 0x30 + at, 0, at]);
  return Uint8Array.from([
    ...PREAMBLE,
    ...section(1, allTypes),
    ...section(3, signatures.map(leb)),
    ...section(4, tables),
    ...section(5, new Array(memories).fill([1, 1, 3])),
    ...section(
      13,
      tags.map((type) => [0, type]),
    ),
    ...section(6, [
      [0x7f, 1, 0x41, memories % 2 === 0 ? 0 : 5, END],
      [0x7e, 1, 0x42, 5, END],
      [0x63, 0x01, 1, 0xfb, 1, 1, END],
      [0x6e, 1, 0x41, 3, 0xfb, 28, END],
      [0x7b, 1, 0xfd, 12, ...new Array(16).fill(9), END],
    ]),
    ...section(7, exports),
    ...section(9, [
      [0, 0x41, 0, END, 1, 0],
      [5, 0x70, 1, 0xd2, 0, END],
      [5, 0x6e, 1, 0x41, 2, 0xfb, 7, 2, END],
    ]),
    ...[12, 1, 1],
    ...section(
      10,
      bodies.map((body) => [...leb(body.length), ...body]),
    ),
    ...section(11, [[1, 4, 1, 2, 3, 4]]),
  ]);
}

function section(id: number, entries: readonly Bytes[]): Bytes {
  if (entries.length === 0) return [];
  const contents = [...leb(entries.length), ...entries.flat()];
  return [id, ...leb(contents.length), ...contents];
}

function leb(value: number): Bytes {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function sleb(value: number): Bytes {
  return value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...sleb(value >> 7)];
}
