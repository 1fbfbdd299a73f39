// Finds a function that a component exports through an interface, in any version of the same track.
import type { LiftedFunction, Plan } from './plan.ts';
import { parseVersionedName, sameTrack } from './version.ts';

/** `interfaceName` as in `wasi:http/incoming-handler`, `version` any of the wanted track, undefined for none. */
export function findExport(
  plan: Plan,
  interfaceName: string,
  version: string | undefined,
  functionName: string,
): LiftedFunction | undefined {
  for (const [name, item] of plan.exports) {
    const found = parseVersionedName(name);
    if (item.kind !== 'instance' || found.name !== interfaceName || !sameTrack(found.version, version)) continue;
    const func = item.exports.get(functionName);
    if (func?.kind === 'func') return func.func;
  }
  return undefined;
}
