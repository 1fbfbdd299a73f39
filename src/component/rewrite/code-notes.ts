// What the walk over the code writes down: loops and the branches back to their heads, calls, and uses of instructions
// that matter to a reset. It does not know the bytes.
import { type InstructionUse, maximumFunctionsListed, PlaceKind, type UnresettableInstruction } from './core-module.ts';
import { corrupt } from './cursor.ts';
import { GrowingBytes, GrowingWords } from './growing-array.ts';

export type NotedInstruction = UnresettableInstruction | 'memory.grow' | 'memory.atomic.wait';

interface Use {
  count: number;
  readonly functions: number[];
}

/** What `labels` holds for a block that is no loop. */
const NO_LOOP = 0;

export class CodeNotes {
  /** One byte for each global: 0 for a number, 1 for a reference, 2 for a vector. */
  readonly globalKinds: Uint8Array;
  private readonly importedFunctions: number;
  /** The number of memories that the module has. */
  readonly memories: number;
  /** The offset of each place. This list and those below become the ones of CodeLayout. */
  readonly offsets: GrowingWords = new GrowingWords();
  readonly kinds: GrowingBytes = new GrowingBytes();
  readonly links: GrowingWords = new GrowingWords();
  readonly placeCallees: GrowingWords = new GrowingWords();
  readonly callees: GrowingWords = new GrowingWords();
  usesDataSegments = false;
  comparesAddresses = false;
  /** The number of places in the function where control flow splits or meets. */
  controlPlaces = 0;
  /** Whether some instruction makes an object or an exception. */
  allocates = false;
  /** Whether the code has a `try` of the legacy exception handling, which all its other instructions need. */
  usesLegacyExceptions = false;
  /** Whether the code names exnref, or has an instruction that works on it. */
  usesExceptionReferences = false;
  readonly uses: Map<NotedInstruction, Use> = new Map();
  private functionIndex = 0;
  /** Whether the function calls an import, or through a table or a reference. */
  callsOut = false;
  /** For each depth one more than the place of the loop there, or NO_LOOP. */
  private readonly labels: GrowingWords = new GrowingWords();
  /** One more than the number of a function that was called on every way to here since ways last met; else 0. */
  private lastCallee = 0;
  /** The innermost loop that is open (0 when it has ended), and whether something was called since it was entered. */
  private loopDepth = 0;
  private calledInLoop = false;

  constructor(globalKinds: Uint8Array, importedFunctions: number, memories: number) {
    this.globalKinds = globalKinds;
    this.importedFunctions = importedFunctions;
    this.memories = memories;
  }

  /**
   * Checks that the memory exists: the rewriter adds a memory that guests must not reach, and an index that does not
   * exist now would then be its index.
   */
  checkMemory(at: number, memory: number): void {
    if (memory >= this.memories) throw corrupt(at, `no memory ${memory}`);
  }

  enterFunction(index: number): void {
    this.functionIndex = index;
    this.callsOut = false;
    this.loopDepth = 0;
    this.lastCallee = 0;
    this.controlPlaces = 0;
  }

  enterBlock(depth: number): void {
    this.controlPlaces++;
    this.labels.set(depth, NO_LOOP);
  }

  enterLoop(head: number, depth: number, plain: boolean): void {
    this.controlPlaces++;
    this.addPlace(head, plain ? PlaceKind.loop : PlaceKind.loop | PlaceKind.headOnly, 0);
    this.labels.set(depth, this.offsets.length);
    this.loopDepth = depth;
    this.calledInLoop = false;
    this.lastCallee = 0;
  }

  /** Leaves a block; `depth` is what it is after the `end` at offset `end`. */
  leaveBlock(end: number, depth: number): void {
    this.controlPlaces++;
    this.lastCallee = 0;
    if (depth !== this.loopDepth - 1) return;
    const loop = this.labels.at(this.loopDepth) - 1;
    if (loop >= 0 && !this.calledInLoop) this.links.set(loop, end);
    this.loopDepth = 0;
  }

  /** Notes that ways meet, at `else` or `catch`. */
  join(): void {
    this.controlPlaces++;
    this.lastCallee = 0;
  }

  /** Notes a `br` or `br_if` to the block at `depth`. */
  addBranch(at: number, depth: number, kind: number): void {
    this.controlPlaces++;
    const loop = this.labels.at(depth);
    if (loop !== NO_LOOP) this.addPlace(at, kind, loop - 1);
  }

  /** Notes another instruction that may branch to the block at `depth`. */
  addOtherBranch(depth: number): void {
    this.controlPlaces++;
    const loop = this.labels.at(depth);
    if (loop !== NO_LOOP) this.kinds.set(loop - 1, this.kinds.at(loop - 1) | PlaceKind.headOnly);
  }

  addRange(at: number): void {
    this.addPlace(at, PlaceKind.range, 0);
  }

  /** Notes `memory.size` or `memory.grow`. */
  addSize(at: number): void {
    this.addPlace(at, PlaceKind.size, 0);
  }

  /** Notes an instruction that makes an object, or throws an exception. */
  addAllocation(at: number): void {
    this.allocates = true;
    this.addPlace(at, PlaceKind.allocation, 0);
  }

  private addPlace(offset: number, kind: number, link: number): void {
    this.offsets.push(offset);
    this.kinds.push(kind);
    this.links.push(link);
    this.placeCallees.push(this.lastCallee);
  }

  addCall(callee: number): void {
    this.calledInLoop = true;
    if (callee < this.importedFunctions) {
      this.callsOut = true;
    } else {
      this.callees.push(callee - this.importedFunctions);
      this.lastCallee = callee - this.importedFunctions + 1;
    }
  }

  addIndirectCall(): void {
    this.calledInLoop = true;
    this.callsOut = true;
  }

  addUse(instruction: NotedInstruction): void {
    let use = this.uses.get(instruction);
    if (use === undefined) {
      use = { count: 0, functions: [] };
      this.uses.set(instruction, use);
    }
    use.count++;
    const { functions } = use;
    if (functions.length < maximumFunctionsListed && functions.at(-1) !== this.functionIndex) {
      functions.push(this.functionIndex);
    }
  }

  useOf<Instruction extends NotedInstruction>(instruction: Instruction): InstructionUse<Instruction> | undefined {
    const use = this.uses.get(instruction);
    return use && { instruction, ...use };
  }
}
