// Looks up what the host has by a name that a guest chose, without finding what every object inherits, such as
// `constructor`.

export function own<Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
