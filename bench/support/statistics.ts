// The little statistics that the benchmark needs.

/** NaN for none. */
export function median(values: readonly number[]): number {
  return percentile(Float64Array.from(values).sort(), 0.5);
}

/** `sorted` ascending; the smallest value that at least this share of all does not exceed. NaN for none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Three digits that count, which is more than these measurements are good for. */
export function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

export function show(value: number): string {
  return !Number.isFinite(value) ? '–' : round(value).toLocaleString('en');
}
