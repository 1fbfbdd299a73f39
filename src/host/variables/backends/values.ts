// Variables from given values: those of the command line, a table of the runtime configuration, a test.
import type { VariableProvider } from '../provider.ts';

export function valuesProvider(
  name: string,
  values: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
): VariableProvider {
  if (values instanceof Map) return { name, get: (key) => values.get(key) };
  const table = values as Readonly<Record<string, string>>;
  return { name, get: (key) => (Object.hasOwn(table, key) ? table[key] : undefined) };
}
