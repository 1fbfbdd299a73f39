// Variables from given values: those of the command line, a table of the runtime configuration, a test.
import type { VariableProvider } from '../provider.ts';

export function valuesProvider(name: string, values: Readonly<Record<string, string>>): VariableProvider {
  return { name, get: (key) => (Object.hasOwn(values, key) ? values[key] : undefined) };
}
