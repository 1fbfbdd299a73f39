// Names of the Component Model as JavaScript spells them.

/** `foo-bar` → `fooBar`, `HTTP-request` → `httpRequest`. */
export function camelCase(name: string): string {
  const [first = '', ...rest] = name.split('-');
  return first.toLowerCase() + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()).join('');
}
