// How long requests took: counts in buckets whose width grows with the value, so that a percentile is at most one part in 128
// off, in constant memory, and sums of several processes and rounds are as exact as each. It is the layout of the HDR
// histogram (hdrhistogram.org), for microseconds.
import { MayflyError } from '../../errors.ts';

/** Values below this have a bucket each; above, each doubling has half as many. */
const EXACT = 256;
const HALF = EXACT / 2;
/** Up to an hour. */
const MOST_US = 3_600_000_000;
const BUCKETS = indexOf(MOST_US) + 1;

/** Counts by the number of their bucket, without those that are empty: what crosses to another process. */
export type Buckets = readonly (readonly [bucket: number, count: number])[];

export class Latencies {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;

  static of(buckets: Buckets): Latencies {
    const latencies = new Latencies();
    latencies.add(buckets);
    return latencies;
  }

  /** The number of values. */
  get total(): number {
    return this.#total;
  }

  record(microseconds: number): void {
    this.#counts[indexOf(Math.min(MOST_US, Math.max(0, Math.round(microseconds))))]!++;
    this.#total++;
  }

  add(buckets: Buckets): void {
    for (const [bucket, count] of buckets) {
      if (!(bucket in this.#counts)) throw new MayflyError('internal', `There is no bucket ${bucket}`);
      this.#counts[bucket]! += count;
      this.#total += count;
    }
  }

  get buckets(): Buckets {
    return [...this.#counts].flatMap((count, bucket) => (count > 0 ? [[bucket, count] as const] : []));
  }

  /** The microseconds which a share of the values, 0 to 1, does not exceed; 0 where there are none. */
  percentile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= wanted) return middleOf(bucket);
    }
    return 0;
  }

  get mean(): number {
    if (this.#total === 0) return 0;
    return this.#counts.reduce((sum, count, bucket) => sum + count * middleOf(bucket), 0) / this.#total;
  }

  /**
   * The counts of the values in `rows` ranges of equal ratio, from the smallest value to that which all but one in a thousand
   * stay below; the last range has the rest as well. Limits are microseconds.
   */
  ranges(rows: number): { readonly from: number; readonly to: number; readonly count: number }[] {
    if (this.#total === 0) return [];
    const first = Math.max(1, this.percentile(0));
    const last = Math.max(first * 1.5, this.percentile(0.999));
    const ratio = (last / first) ** (1 / rows);
    const ranges = Array.from({ length: rows }, (_, row) => ({
      from: first * ratio ** row,
      to: first * ratio ** (row + 1),
      count: 0,
    }));
    for (const [bucket, count] of this.buckets) {
      const row = Math.floor(Math.log(Math.max(1, middleOf(bucket)) / first) / Math.log(ratio) + 1e-9);
      ranges[Math.max(0, Math.min(rows - 1, row))]!.count += count;
    }
    return ranges;
  }
}

function indexOf(value: number): number {
  if (value < EXACT) return value;
  const shift = Math.floor(Math.log2(value / HALF));
  return shift * HALF + Math.floor(value / 2 ** shift);
}

/** The middle of a bucket. */
function middleOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const shift = Math.floor(bucket / HALF) - 1;
  const start = (bucket - shift * HALF) * 2 ** shift;
  return start + 2 ** shift / 2;
}
