// What a type of triggers is to the manifest: its keys, what is checked apart from their types, and what the locked app
// gets of them. A new type is a file beside http.ts and a line in all.ts.
import type * as z from 'zod/mini';
import type { FileContext } from '../../lock-files.ts';
import type { ManifestComponent } from '../component-schema.ts';
import type { Entries, Table, TriggerEntry } from '../document.ts';
import type { Problems } from '../problems.ts';

/** A `[[trigger.<type>]]` table that fits its schema. */
export interface ParsedTrigger {
  readonly component?: string | ManifestComponent | undefined;
}

/** What every trigger of a locked app has. */
export interface LockedTriggerBase {
  readonly type: string;
  readonly id: string;
}

export interface ManifestTriggerType<
  Parsed extends ParsedTrigger = ParsedTrigger,
  Locked extends LockedTriggerBase = LockedTriggerBase,
> {
  readonly type: Locked['type'];
  /**
   * Set for a type that Spin does not know: its tables are `[[application.tool.mayfly.<type>]]`, whose schema stands in
   * settings-schema.ts.
   */
  readonly isSetting?: true;
  /** The schema of the keys of `[[trigger.<type>]]`. */
  readonly schema: z.ZodMiniType<Parsed>;
  /** The schema of the keys of `[application.trigger.<type>]`, for a type that has some. */
  readonly appSchema?: z.ZodMiniType | undefined;
  /**
   * Reports mistakes that the schema cannot find. `triggers` are those of the type, `entries` all that the manifest has;
   * any of them may be wrong.
   */
  check(document: Table, triggers: readonly TriggerEntry[], problems: Problems, entries: Entries): void;
  /**
   * Makes a trigger of the locked app when nothing is wrong. `application` is the table `[application.trigger.<type>]`.
   */
  lock(entry: TriggerEntry, parsed: Parsed, context: FileContext, application: Table): Locked;
  /** Settles what one trigger means for another, when all of the type are locked. */
  settle?(triggers: readonly Locked[], document: Table): readonly Locked[];
}
