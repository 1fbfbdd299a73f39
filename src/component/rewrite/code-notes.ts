// What the walk over the code writes down: places for flag checks, and uses of instructions that matter to a reset.
import { type InstructionUse, maximumFunctionsListed, type UnresettableInstruction } from './core-module.ts';

export type NotedInstruction = UnresettableInstruction | 'memory.grow' | 'memory.atomic.wait';

interface Use {
  count: number;
  readonly functions: number[];
}

export class CodeNotes {
  /** One byte a global: 0 number, 1 reference, 2 vector. */
  readonly globalKinds: Uint8Array;
  sites = new Uint32Array(1024);
  siteCount = 0;
  /** The function being walked, and whether it calls anything. */
  functionIndex = 0;
  calls = false;
  readonly uses: Map<NotedInstruction, Use> = new Map();

  constructor(globalKinds: Uint8Array) {
    this.globalKinds = globalKinds;
  }

  /** Offsets come in ascending order; one that is there already is left out. */
  addSite(offset: number): void {
    const count = this.siteCount;
    if (count > 0 && this.sites[count - 1] === offset) return;
    if (count === this.sites.length) this.grow();
    this.sites[count] = offset;
    this.siteCount = count + 1;
  }

  private grow(): void {
    const larger = new Uint32Array(this.sites.length * 2);
    larger.set(this.sites);
    this.sites = larger;
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
