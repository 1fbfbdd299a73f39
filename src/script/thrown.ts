// What a program threw, as its engine tells of it: JSON with a name, a message and a stack.

export interface Thrown {
  /** Empty for what is no error, or has none. */
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

export function thrownOf(json: string): Thrown {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  let given: { readonly name?: unknown; readonly message?: unknown; readonly stack?: unknown };
  try {
    given = Object(JSON.parse(json));
  } catch {
    given = { message: json };
  }
  return { name: text(given.name), message: text(given.message), stack: text(given.stack) };
}
