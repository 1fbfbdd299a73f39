// Limits how much a component may make of few bytes. A component that instantiates another twice, which does so again,
// doubles with each level, and each sandbox is made of all of it: both what linking does and what it leaves are bounded
// here.
import { MayflyError } from '../../errors.ts';
import type { Definition, DefType } from '../binary/ast.ts';
import type { FuncType, ValType } from '../types/val-type.ts';

/** The limits: far above what tools build, and such that a sandbox can be made in a tenth of a second. */
export const linkLimits = {
  'component instances': 1_000,
  'core instances': 1_000,
  'core modules': 1_000,
  /** Definitions and their parts that are walked, each as often as its component is instantiated. */
  'linking steps': 1_000_000,
  /** What the engine makes of all core instances, as `moduleWeight` measures it. */
  'instantiation weight': 2_000_000,
} as const;

export type LinkLimit = keyof typeof linkLimits;

export class LinkBudget {
  readonly #used = new Map<LinkLimit, number>();
  readonly #parts = new WeakMap<ValType, number>();

  /** Counts something. Throws `component-over-limit` when there is more than the limit of this name. */
  spend(name: LinkLimit, count = 1): void {
    const used = (this.#used.get(name) ?? 0) + count;
    this.#used.set(name, used);
    if (used <= linkLimits[name]) return;
    const limit = linkLimits[name];
    throw new MayflyError(
      'component-over-limit',
      `The component is made of too much. Limit reached: ${name} (${limit})`,
    );
  }

  spendDefinition(definition: Definition): void {
    this.spend('linking steps', 1 + partsOfDefinition(definition));
  }

  /**
   * Counts a lowered function: what lifts its parameters is made of as many parts as they have, shared ones counted
   * each time.
   */
  spendLowered({ params }: FuncType): void {
    for (const { type } of params) this.spend('linking steps', this.#partsOf(type));
  }

  #partsOf(type: ValType): number {
    const known = this.#parts.get(type);
    if (known !== undefined) return known;
    let parts = 1;
    for (const part of partsOfType(type)) parts += this.#partsOf(part);
    this.#parts.set(type, parts);
    return parts;
  }
}

function partsOfDefinition(definition: Definition): number {
  switch (definition.kind) {
    case 'type':
      return partsOfDefType(definition.type);
    case 'core-instance':
    case 'instance':
      return definition.expr.kind === 'exports' ? definition.expr.exports.length : definition.expr.args.length;
    default:
      return 0;
  }
}

function partsOfDefType(type: DefType): number {
  switch (type.kind) {
    case 'record':
      return type.fields.length;
    case 'variant':
      return type.cases.length;
    case 'tuple':
      return type.types.length;
    case 'func':
      return type.params.length;
    default:
      return 0;
  }
}

function partsOfType(type: ValType): readonly ValType[] {
  switch (type.kind) {
    case 'record':
      return type.fields.map((field) => field.type);
    case 'tuple':
      return type.types;
    case 'variant':
      return defined(type.cases.map((one) => one.type));
    case 'list':
      return [type.element];
    case 'option':
      return [type.type];
    case 'result':
      return defined([type.ok, type.err]);
    case 'stream':
    case 'future':
      return defined([type.element]);
    default:
      return [];
  }
}

function defined(types: readonly (ValType | undefined)[]): ValType[] {
  return types.filter((type) => type !== undefined);
}
