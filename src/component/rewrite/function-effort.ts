// Walks over the code of one function, which was walked before, and counts what the compiler copies and moves.
import { exceptionWords } from './object-costs.ts';
import { Immediate, plainOpcodes } from './opcodes.ts';
import type { IndexSpaces } from './read-sections.ts';
import type { CoreTypeEntry } from './read-types.ts';
import { readU32, skipLeb, skipValType, skipVector } from './skip-immediates.ts';
import { atomicDeltas, gcDeltas, miscDeltas, plainDeltas, simdDeltas } from './stack-deltas.ts';
import { allSteps, nextInstruction } from './walk-code.ts';

/** The work at a place where control flow splits or meets, apart from the copies, in the same unit. */
export const PLACE = 16;
/** The work of a call or of a new object, apart from its moves. */
const CALL = 4;

const NO_BLOCK_TYPE = 0x40;
const LAST_VALUE_TYPE = 0x7f;
const ELSE = 0x05;
const STRUCT_NEW_DEFAULT = 1;
const ARRAY_NEW_FIXED = 8;

export interface MeasuredFunction {
  readonly index: number;
  /** The offset of the function's first instruction. */
  readonly start: number;
  readonly end: number;
  /** The number of locals without the parameters. */
  readonly locals: number;
}

interface Block {
  /** The height of the stack below the block's parameters. */
  readonly base: number;
  readonly params: number;
  readonly results: number;
  /** The number of operands that a branch to the block takes along. */
  readonly label: number;
}

export class FunctionEffort {
  copies = 0;
  moves = 0;
  private readonly bytes: Uint8Array;
  private readonly spaces: IndexSpaces;
  private readonly locals: number;
  /** The number of operands on the stack, or more. It has no meaning in code that is never reached. */
  private height = 0;
  private readonly blocks: Block[] = [];

  /** `locals` includes the parameters. */
  constructor(bytes: Uint8Array, spaces: IndexSpaces, locals: number) {
    this.bytes = bytes;
    this.spaces = spaces;
    this.locals = locals;
  }

  measure({ index, start, end }: MeasuredFunction): this {
    const results = this.spaces.funcTypes[index]?.results.length ?? 0;
    this.blocks.push({ base: 0, params: 0, results, label: results });
    const { bytes } = this;
    let height = 0;
    let at = start;
    // These are the steps of walkExpression, which has checked the code before.
    while (at < end) {
      const opcode = bytes[at]!;
      const step = allSteps[opcode]!;
      height += plainDeltas[opcode]!;
      if (step === 0 || (bytes[at + 1]! & (step >>> 16)) !== 0) {
        this.height = Math.max(0, height);
        this.count(at, end);
        height = this.height;
        at = nextInstruction(bytes, at, end);
      } else {
        at += step & 0xff;
        const more = (step >>> 8) & 0x80;
        at += (bytes[at - 1]! & more) >>> 7;
        while ((bytes[at - 1]! & more) !== 0) at++;
      }
    }
    return this;
  }

  private count(at: number, end: number): void {
    const p = at + 1;
    switch (plainOpcodes[this.bytes[at]!]) {
      case Immediate.block:
      case Immediate.tryLegacy:
        this.enter(p, false);
        return;
      case Immediate.loop:
        this.enter(p, true);
        return;
      case Immediate.tryTable:
        this.enter(p, false);
        skipVector(this.bytes, skipValType(this.bytes, p), end, (_, clause) => this.catchClause(clause));
        return;
      case Immediate.end:
      case Immediate.delegate:
        this.leave();
        return;
      case Immediate.join:
        if (this.bytes[at] === ELSE) this.join(this.block(0).params);
        else this.join(0);
        return;
      case Immediate.joinTag:
        this.moves += this.exception(p);
        this.join(this.spaces.tags[readU32(this.bytes, p)]?.params.length ?? 0);
        return;
      case Immediate.br:
      case Immediate.brIf:
      case Immediate.brOn:
        this.branch(readU32(this.bytes, p));
        return;
      case Immediate.brTable:
        this.branchTable(p, end);
        return;
      default:
        this.countCall(at);
    }
  }

  private countCall(at: number): void {
    const p = at + 1;
    switch (plainOpcodes[this.bytes[at]!]) {
      case Immediate.call:
        this.call(this.spaces.funcTypes[readU32(this.bytes, p)]);
        return;
      case Immediate.callTwo:
      case Immediate.callRef:
        this.height--;
        this.call(this.spaces.types[readU32(this.bytes, p)]);
        return;
      case Immediate.throw:
        this.moves += CALL + this.exception(p);
        this.height -= this.spaces.tags[readU32(this.bytes, p)]?.params.length ?? 0;
        return;
      case Immediate.prefixGc:
        this.countGc(p);
        return;
      case Immediate.prefixMisc:
        this.height += miscDeltas[readU32(this.bytes, p)] ?? 0;
        return;
      case Immediate.prefixSimd:
        this.height += simdDeltas[readU32(this.bytes, p)] ?? 0;
        return;
      case Immediate.prefixAtomic:
        this.height += atomicDeltas[readU32(this.bytes, p)] ?? 0;
    }
  }

  private countGc(position: number): void {
    const { bytes } = this;
    const opcode = readU32(bytes, position);
    const p = skipLeb(bytes, position);
    if (opcode <= STRUCT_NEW_DEFAULT) {
      const type = this.spaces.types[readU32(bytes, p)];
      const fields = type !== undefined && 'fields' in type ? type.fields : 0;
      this.moves += CALL + fields;
      this.height += opcode === STRUCT_NEW_DEFAULT ? 1 : 1 - fields;
    } else if (opcode === ARRAY_NEW_FIXED) {
      const length = readU32(bytes, skipLeb(bytes, p));
      this.moves += CALL + length;
      this.height += 1 - length;
    } else {
      this.height += gcDeltas[opcode] ?? 0;
      // The immediates of br_on_cast and br_on_cast_fail start with flags, then the label.
      if (opcode === 24 || opcode === 25) this.branch(readU32(bytes, p + 1));
    }
  }

  /** The block of a label, which counts outwards; the outermost block stands for what lies beyond. */
  private block(label: number): Block {
    return this.blocks[Math.max(0, this.blocks.length - 1 - label)]!;
  }

  private enter(type: number, isLoop: boolean): void {
    const first = this.bytes[type]!;
    let params = 0;
    let results = first === NO_BLOCK_TYPE ? 0 : 1;
    if (first < NO_BLOCK_TYPE || first > LAST_VALUE_TYPE) {
      const named = this.spaces.types[readU32(this.bytes, type)];
      params = paramsOf(named);
      results = resultsOf(named);
    }
    const base = Math.max(0, this.height - params);
    this.blocks.push({ base, params, results, label: isLoop ? params : results });
    this.copyState();
  }

  private leave(): void {
    const { base, results } = this.block(0);
    if (this.blocks.length > 1) this.blocks.pop();
    this.height = base + results;
    this.copyState();
  }

  private join(operands: number): void {
    this.height = this.block(0).base + operands;
    this.copyState();
  }

  private branch(label: number): void {
    this.moves += this.block(label).label;
    this.copyState();
  }

  /** Counts a branch table. Its labels may be many, but no more of them differ than there are blocks. */
  private branchTable(p: number, end: number): void {
    const count = readU32(this.bytes, p) + 1;
    this.copies += Math.min(count, this.blocks.length) * this.state();
    skipVector(
      this.bytes,
      p,
      end,
      (_, at) => {
        this.moves += this.block(readU32(this.bytes, at)).label;
        return skipLeb(this.bytes, at);
      },
      1,
    );
  }

  /** Counts a catch clause (its kind, a tag for kinds 0 and 1, a label), and returns the offset after it. */
  private catchClause(at: number): number {
    const hasTag = this.bytes[at]! <= 1;
    if (hasTag) this.moves += this.exception(at + 1);
    const label = hasTag ? skipLeb(this.bytes, at + 1) : at + 1;
    this.branch(readU32(this.bytes, label) + 1);
    return skipLeb(this.bytes, label);
  }

  private exception(tagAt: number): number {
    return exceptionWords(this.spaces.tags[readU32(this.bytes, tagAt)]);
  }

  private call(type: CoreTypeEntry | undefined): void {
    const params = paramsOf(type);
    const results = resultsOf(type);
    this.moves += CALL + params + results;
    this.height += results - params;
  }

  private state(): number {
    return PLACE + this.locals + Math.max(0, this.height);
  }

  private copyState(): void {
    this.copies += this.state();
  }
}

function paramsOf(type: CoreTypeEntry | undefined): number {
  return type !== undefined && 'params' in type ? type.params.length : 0;
}

function resultsOf(type: CoreTypeEntry | undefined): number {
  return type !== undefined && 'params' in type ? type.results.length : 0;
}
