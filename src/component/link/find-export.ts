// Finds an interface that a component exports, and functions in it, in any version of the same track.
import type { LiftedFunction, Plan, PlannedExport } from '../canon/plan.ts';
import { parseVersionedName, sameTrack } from './version.ts';

export interface ExportedInterface {
  /** With its version. */
  readonly name: string;
  readonly exports: ReadonlyMap<string, PlannedExport>;
}

/** `interfaceName` as in `wasi:http/incoming-handler`, `version` any of the wanted track, undefined for none. */
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

/** As `findInterface`, of one of its functions. */
export function findExport(
  plan: Plan,
  interfaceName: string,
  version: string | undefined,
  functionName: string,
): LiftedFunction | undefined {
  const func = findInterface(plan, interfaceName, version)?.exports.get(functionName);
  return func?.kind === 'func' ? func.func : undefined;
}
