// Reads a manifest that may be wrong: every getter ignores values of the wrong type. So the checks find all mistakes at
// once, and the schema alone complains about types.

import { kebabIdFault } from '../names.ts';
import type { KeyPath } from '../toml/positions.ts';

export type Table = Readonly<Record<string, unknown>>;

export function asTable(value: unknown): Table | undefined {
  const isTable = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
  return isTable ? (value as Table) : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The strings of an array, each with its index. */
export function textsOf(value: unknown): { index: number; text: string }[] {
  return asArray(value).flatMap((text, index) => (typeof text === 'string' ? [{ index, text }] : []));
}

/** The string values of a table. */
export function textEntriesOf(value: unknown): [key: string, text: string][] {
  return Object.entries(asTable(value) ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
}

/** The place of one of the `[[trigger.<type>]]` tables. */
export interface TriggerPlace {
  readonly type: string;
  readonly index: number;
}

export interface TriggerEntry extends TriggerPlace {
  /** The id as written, or made from the component's name, as Spin does. */
  readonly id: string;
  readonly path: KeyPath;
  readonly table: Table;
  /** The id of the component, whether named or written out; undefined when there is none. */
  readonly component: string | undefined;
}

export interface ComponentEntry {
  readonly id: string;
  readonly path: KeyPath;
  readonly table: Table;
  readonly isInline: boolean;
  /** The trigger in which the component is written out, if it is. */
  readonly trigger?: TriggerPlace;
}

export interface Entries {
  readonly triggers: readonly TriggerEntry[];
  readonly components: readonly ComponentEntry[];
}

/**
 * Lists all triggers and components, including those written out inside of triggers, with Spin's rules for missing ids.
 */
export function entriesOf(document: Table): Entries {
  const components: ComponentEntry[] = Object.entries(asTable(document.component) ?? {}).flatMap(([id, value]) => {
    const table = asTable(value);
    return table ? [{ id, path: ['component', id], table, isInline: false }] : [];
  });
  const raw = Object.entries(asTable(document.trigger) ?? {}).flatMap(([type, list]) =>
    asArray(list).flatMap((value, index) => {
      const table = asTable(value);
      const path: KeyPath = ['trigger', type, index];
      return table ? [{ type, index, table, path }] : [];
    }),
  );
  const taken = new Set(raw.map(({ table }) => asText(table.id) ?? ''));
  const triggers = raw.map((trigger): TriggerEntry => {
    const id = asText(trigger.table.id) || newTriggerId(trigger.type, asText(trigger.table.component), taken);
    const component = asText(trigger.table.component) ?? addInline(trigger, id, components);
    return { ...trigger, id, component };
  });
  return { triggers, components };
}

function newTriggerId(type: string, component: string | undefined, taken: Set<string>): string {
  let id = `${component}-${type}-trigger`;
  if (component === undefined || taken.has(id)) {
    let counter = 1;
    while (taken.has(`${type}-trigger${counter}`)) counter++;
    id = `${type}-trigger${counter}`;
  }
  taken.add(id);
  return id;
}

function addInline(
  { type, index, table: trigger, path }: Omit<TriggerEntry, 'id' | 'component'>,
  triggerId: string,
  components: ComponentEntry[],
): string | undefined {
  const table = asTable(trigger.component);
  if (!table) return undefined;
  const exists = (id: string) => components.some((component) => component.id === id);
  let id = `${triggerId}-component`;
  for (let counter = 1; kebabIdFault(id) || exists(id); counter++) id = `inline-component${counter}`;
  components.push({ id, path: [...path, 'component'], table, isInline: true, trigger: { type, index } });
  return id;
}
