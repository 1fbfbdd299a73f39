// Which modules a text in Python imports, as far as its statements say: those that a program makes up at run time are not seen.

/** A statement at the beginning of a line or after a semicolon; what is imported of a package comes with it. */
const STATEMENT = /(?:^|;)[ \t]*(?:import[ \t]+([^\n;#]+)|from[ \t]+([\p{L}\p{N}_.]+)[ \t]+import\b)/gmu;

/** The first parts of the names, without those of relative imports, which stay inside the package. */
export function importedNames(text: string): string[] {
  // A backslash joins lines.
  const joined = text.replace(/\\\r?\n/g, ' ');
  const names = [...joined.matchAll(STATEMENT)].flatMap(([, list, from]) =>
    list === undefined ? [from ?? ''] : list.split(',').map((one) => one.trim().split(/\s/, 1)[0] ?? ''),
  );
  return [...new Set(names.map((name) => name.split('.', 1)[0] ?? '').filter((name) => name !== ''))];
}
