// Several things at once, and not all.

/** Maps each value, at most `count` at a time. Rejects with the first failure, when nothing is under way any more. */
export async function concurrently<Value, Result>(
  values: readonly Value[],
  count: number,
  map: (value: Value) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (next < values.length && !failure) {
      const at = next++;
      try {
        results[at] = await map(values[at]!);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, values.length) }, lane));
  if (failure) throw failure.error;
  return results;
}
