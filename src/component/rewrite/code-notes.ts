// What the walk over the code writes down: loops and the ways back to their heads, calls, and uses of instructions that
// matter to a reset. Knows no bytes.
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
  /** One byte a global: 0 number, 1 reference, 2 vector. */
  readonly globalKinds: Uint8Array;
  private readonly importedFunctions: number;
  /** How many memories the module has. */
  readonly memories: number;
  /** See CodeLayout. */
  readonly offsets: GrowingWords = new GrowingWords();
  readonly kinds: GrowingBytes = new GrowingBytes();
  readonly links: GrowingWords = new GrowingWords();
  readonly placeCallees: GrowingWords = new GrowingWords();
  readonly callees: GrowingWords = new GrowingWords();
  usesDataSegments = false;
  /** Places of the function where control flow splits or meets. */
  controlPlaces = 0;
  /** Some instruction makes an object or an exception. */
  allocates = false;
  /** `try` of the legacy exception handling, which brings the rest of it. */
  usesLegacyExceptions = false;
  /** The code names exnref, or an instruction that works on it. */
  usesExceptionReferences = false;
  readonly uses: Map<NotedInstruction, Use> = new Map();
  private functionIndex = 0;
  /** The function calls an import, or through a table or a reference. */
  callsOut = false;
  /** Depth → the place of the loop there and one, or NO_LOOP. */
  private readonly labels: GrowingWords = new GrowingWords();
  /** The function that every way to here from the last point where ways meet has called, and one; else 0. */
  private lastCallee = 0;
  /** The innermost loop that is open, 0 when it has ended, and whether something was called since it was entered. */
  private loopDepth = 0;
  private calledInLoop = false;

  constructor(globalKinds: Uint8Array, importedFunctions: number, memories: number) {
    this.globalKinds = globalKinds;
    this.importedFunctions = importedFunctions;
    this.memories = memories;
  }

  /** The rewriter adds a memory that guests must not reach: an index that does not exist now would be its index then. */
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

  /** `depth` is what it is after the `end` at offset `end`. */
  leaveBlock(end: number, depth: number): void {
    this.controlPlaces++;
    this.lastCallee = 0;
    if (depth !== this.loopDepth - 1) return;
    const loop = this.labels.at(this.loopDepth) - 1;
    if (loop >= 0 && !this.calledInLoop) this.links.set(loop, end);
    this.loopDepth = 0;
  }

  /** Ways meet: `else`, `catch`. */
  join(): void {
    this.controlPlaces++;
    this.lastCallee = 0;
  }

  /** `br` or `br_if` to the block at `depth`. */
  addBranch(at: number, depth: number, kind: number): void {
    this.controlPlaces++;
    const loop = this.labels.at(depth);
    if (loop !== NO_LOOP) this.addPlace(at, kind, loop - 1);
  }

  /** Another instruction that may branch to the block at `depth`. */
  addOtherBranch(depth: number): void {
    this.controlPlaces++;
    const loop = this.labels.at(depth);
    if (loop !== NO_LOOP) this.kinds.set(loop - 1, this.kinds.at(loop - 1) | PlaceKind.headOnly);
  }

  addRange(at: number): void {
    this.addPlace(at, PlaceKind.range, 0);
  }

  /** An instruction that makes an object, or throws an exception. */
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
