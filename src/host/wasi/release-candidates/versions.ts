// The release candidates of WASI that apps import, and how an interface that did not change is reused for them.
import type { HostInterface } from '../../../component/types/val-type.ts';

export const RC_2023_10_18 = '0.2.0-rc-2023-10-18';
export const RC_2023_11_10 = '0.2.0-rc-2023-11-10';
/** The candidate of 0.3 that Spin 4 and its SDKs had before 0.3.0, from which no function or type differs. */
export const RC_2026_03_15 = '0.3.0-rc-2026-03-15';

/**
 * Makes an interface that is the same in `version`. Its resources get identities of their own: the two versions of a
 * type are never the same to a component.
 */
export function sameIn(base: HostInterface, version: string): HostInterface {
  const resources = Object.entries(base.resources).map(([name, resource]) => [name, { ...resource }]);
  return { ...base, version, resources: Object.fromEntries(resources) };
}
