// Canonical options with their references resolved. CanonicalABI.md#canonical-definitions
import type { StringEncoding } from '../types/string-encoding.ts';

/** A core definition that exists once its step was carried out. */
export type CoreItem =
  | { readonly kind: 'export'; readonly slot: number; readonly name: string }
  | { readonly kind: 'trampoline'; readonly index: number };

export interface ResolvedOptions {
  readonly encoding: StringEncoding;
  readonly memory: CoreItem | undefined;
  readonly realloc: CoreItem | undefined;
  readonly postReturn: CoreItem | undefined;
  readonly async: boolean;
  readonly callback: CoreItem | undefined;
}
