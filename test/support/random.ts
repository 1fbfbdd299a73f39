// Pseudo-random choices that a seed repeats: a failing test names its seed.

export interface Random {
  /** An integer from 0 to `below - 1`. */
  int(below: number): number;
  pick<T>(choices: readonly T[]): T;
  /** True once in `times` on average. */
  once(times: number): boolean;
  /** 64 random bits. */
  bits64(): bigint;
}

/** The mulberry32 generator. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const int = (below: number): number => next() % below;
  return {
    int,
    pick: (choices) => choices[int(choices.length)] as (typeof choices)[number],
    once: (times) => int(times) === 0,
    bits64: () => (BigInt(next()) << 32n) | BigInt(next()),
  };
}
