// Finds the function of a component that a trigger calls, by a table of the exports that the trigger looks for.

import type { LiftedFunction, Plan, PlannedExport } from '../component/canon/plan.ts';
import { findInterface } from '../component/link/find-export.ts';
import { printFuncType } from '../component/types/print.ts';
import { MayflyError } from '../errors.ts';

/** A function that a trigger calls; `kind` is how it is called. */
export interface WantedExport<Kind extends string> {
  readonly kind: Kind;
  /** Undefined for a function that the component exports itself, in no interface. */
  readonly interface: string | undefined;
  /** Any version of the wanted track; undefined for an interface without version. */
  readonly version: string | undefined;
  readonly name: string;
  /** The type, as printFuncType of component/types/print.ts writes it. */
  readonly type: string;
  /** Another type that the function may have, as in an earlier version of its world. */
  readonly orType?: string | undefined;
}

export interface FoundExport<Kind extends string> {
  readonly kind: Kind;
  readonly func: LiftedFunction;
}

/** The type of `_start` of a core module, which gives no result. */
const START_TYPE = 'func()';

/**
 * Finds the first of `wanted` whose interface the component exports. Throws `guest-handler-type` when what is there
 * cannot be called as its interface says: that is better noticed at load than at each event, where a value of another
 * type would end the guest as soon as it touches it.
 */
export function findWanted<Kind extends string>(
  plan: Plan,
  wanted: readonly WantedExport<Kind>[],
): FoundExport<Kind> | undefined {
  for (const one of wanted) {
    const found = findPlace(plan, one);
    if (found) return { kind: one.kind, func: checkedFunction(found.exports.get(one.name), found.name, one) };
  }
  return undefined;
}

/** Finds where the function should be, and its name for messages. */
function findPlace(
  plan: Plan,
  { interface: interfaceName, version, name }: WantedExport<string>,
): { readonly name: string; readonly exports: ReadonlyMap<string, PlannedExport> } | undefined {
  if (interfaceName === undefined) return plan.exports.has(name) ? { name, exports: plan.exports } : undefined;
  const found = findInterface(plan, interfaceName, version);
  return found && { name: `${found.name} ${name}`, exports: found.exports };
}

/** A function that the component exports itself; undefined when there is none, or one of another type. */
export function exportedFunction(plan: Plan, name: string, type: string): LiftedFunction | undefined {
  const found = plan.exports.get(name);
  return found?.kind === 'func' && printFuncType(found.func.type) === type ? found.func : undefined;
}

/** Lists the exports, for the hint of an error. */
export function describeExports(plan: Plan): string {
  const names = [...plan.exports.keys()];
  return names.length > 0 ? `It exports: ${names.join(', ')}` : 'It exports nothing';
}

function checkedFunction(
  found: PlannedExport | undefined,
  name: string,
  { type, orType }: WantedExport<string>,
): LiftedFunction {
  if (found?.kind !== 'func') {
    const message = found
      ? `The component exports "${name}", which is no function of its own`
      : `The component exports no "${name}", which its interface has`;
    throw new MayflyError('guest-handler-type', message, { hint: `The interface has ${shorten(type)}` });
  }
  const { func } = found;
  const has = printFuncType(func.type);
  if (has === type || has === orType || (has === START_TYPE && isStart(func))) return func;
  const resources = has.includes('<guest ') ? '; "guest" marks resources that the component defines itself' : '';
  throw new MayflyError('guest-handler-type', `The component exports "${name}" as ${shorten(has)}`, {
    hint: `The interface has ${shorten(type)}${resources}`,
  });
}

function isStart({ core }: LiftedFunction): boolean {
  return core.kind === 'export' && core.name === '_start';
}

function shorten(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
