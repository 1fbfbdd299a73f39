// What a component that is joined to another one may do: nothing, unless the manifest lets it have parts of the
// configuration of the component that it is joined to.

/** The parts of a configuration, by their keys in `inherit_configuration`. */
export const inheritableKeys = [
  'ai_models',
  'allowed_outbound_hosts',
  'environment',
  'files',
  'key_value_stores',
  'sqlite_databases',
  'variables',
] as const;

export type InheritableKey = (typeof inheritableKeys)[number];

/** `all` is the whole configuration, settings of Mayfly included; otherwise the parts, in the order of the keys. */
export type Inherited = 'all' | readonly InheritableKey[];

/** What the value of `inherit_configuration` means. */
export function inheritedOf(value: unknown): Inherited {
  if (value === true) return 'all';
  return Array.isArray(value) ? inheritableKeys.filter((key) => value.includes(key)) : [];
}
