// What the databases' results have in common.

/** A number where it is exact, else a bigint. */
export function integerOf(value: bigint | number): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

/** Of two columns of one name, the last one stays. */
export function objectsOf<V>(columns: readonly string[], rows: readonly (readonly V[])[]): Record<string, V>[] {
  return rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index] as V])));
}
