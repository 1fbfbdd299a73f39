// What functions of guests give that return a `result`.

/** Whether it is an `err`; what is no result is none either. */
export function isErr(result: unknown): result is { readonly tag: 'err'; readonly val?: unknown } {
  return typeof result === 'object' && result !== null && 'tag' in result && result.tag === 'err';
}

/** The value of an `ok`; undefined for one without a value. */
export function okOf(result: unknown): unknown {
  return typeof result === 'object' && result !== null && 'tag' in result && 'val' in result ? result.val : undefined;
}
