// Finds an interface that a component exports, and functions in it, in any version of the same track.
import type { LiftedFunction, Plan, PlannedExport } from '../canon/plan.ts';
import { parseVersionedName, sameTrack } from './version.ts';

export interface ExportedInterface {
  /** The interface's name with its version. */
  readonly name: string;
  readonly exports: ReadonlyMap<string, PlannedExport>;
}

/**
 * Finds an interface. `interfaceName` has no version, as in `wasi:http/incoming-handler`; `version` is any of the
 * wanted track, or undefined for an interface without one.
 */
export function findInterface(
  plan: Plan,
  interfaceName: string,
  version: string | undefined,
): ExportedInterface | undefined {
  for (const [name, item] of plan.exports) {
    const found = parseVersionedName(name);
    if (item.kind !== 'instance' || found.name !== interfaceName || !sameTrack(found.version, version)) continue;
    return { name, exports: item.exports };
  }
  return undefined;
}

/** Finds a function in an interface that `findInterface` finds. */
export function findExport(
  plan: Plan,
  interfaceName: string,
  version: string | undefined,
  functionName: string,
): LiftedFunction | undefined {
  const func = findInterface(plan, interfaceName, version)?.exports.get(functionName);
  return func?.kind === 'func' ? func.func : undefined;
}
