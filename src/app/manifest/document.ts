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
  /** Set for one of the `[[application.tool.mayfly.<type>]]` tables. */
  readonly isSetting?: true;
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
  /** The path from that trigger to the component: `component`, or below `components`. */
  readonly inTrigger?: KeyPath;
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
  const raw = [
    ...Object.entries(asTable(document.trigger) ?? {}).flatMap(([type, list]) =>
      placesOf(list, type, ['trigger', type]),
    ),
    ...settingTypes.flatMap((type) => {
      const path: KeyPath = ['application', 'tool', 'mayfly', type];
      return placesOf(valueAt(document, path), type, path).map((one) => ({ ...one, isSetting: true as const }));
    }),
  ];
  const taken = new Set(raw.map(({ table }) => asText(table.id) ?? ''));
  const triggers = raw.map((trigger): TriggerEntry => {
    const id = asText(trigger.table.id) || newTriggerId(trigger.type, asText(trigger.table.component), taken);
    const inline = addInline(trigger, id, components);
    return { ...trigger, id, component: asText(trigger.table.component) ?? inline };
  });
  return { triggers, components };
}

/** The types of triggers that Spin does not know, whose tables it ignores. */
const settingTypes = ['websocket'];

function placesOf(
  list: unknown,
  type: string,
  path: KeyPath,
): Pick<TriggerEntry, 'type' | 'index' | 'table' | 'path'>[] {
  return asArray(list).flatMap((value, index) => {
    const table = asTable(value);
    return table ? [{ type, index, table, path: [...path, index] }] : [];
  });
}

function valueAt(document: Table, path: KeyPath): unknown {
  return path.reduce<unknown>((value, key) => asTable(value)?.[String(key)], document);
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

/** A place of a trigger at which a component stands, by its name or written out. */
export interface ComponentPlace {
  readonly inTrigger: KeyPath;
  readonly value: unknown;
}

/** The places of the components of a trigger: `component`, then those of `components`, each one or several. */
export function componentPlaces(trigger: Table): ComponentPlace[] {
  const single = 'component' in trigger ? [{ inTrigger: ['component'], value: trigger.component }] : [];
  const named = Object.entries(asTable(trigger.components) ?? {}).flatMap(([key, value]): ComponentPlace[] =>
    Array.isArray(value)
      ? value.map((one: unknown, index) => ({ inTrigger: ['components', key, index], value: one }))
      : [{ inTrigger: ['components', key], value }],
  );
  return [...single, ...named];
}

/** Adds the components that are written out in a trigger. Gives the id of the one under `component`. */
function addInline(
  { type, index, table: trigger, path }: Omit<TriggerEntry, 'id' | 'component'>,
  triggerId: string,
  components: ComponentEntry[],
): string | undefined {
  const places = componentPlaces(trigger);
  const exists = (id: string) => components.some((component) => component.id === id);
  let own: string | undefined;
  for (const { inTrigger, value } of places) {
    const table = asTable(value);
    if (!table) continue;
    let id = `${triggerId}-component`;
    const isNatural = places.length === 1 && kebabIdFault(id) === undefined && !exists(id);
    for (let counter = 1; !isNatural && (counter === 1 || exists(id)); counter++) id = `inline-component${counter}`;
    components.push({ id, path: [...path, ...inTrigger], table, isInline: true, trigger: { type, index }, inTrigger });
    if (inTrigger.length === 1) own = id;
  }
  return own;
}
