// Looking up what the host has by a name that a guest chose: `constructor` is not something that every object has then.

export function own<Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
