// What a row of the benchmark is: something that is measured, as a table for people and as figures for programs.

export interface BenchOptions {
  /** Interleaved rounds; the medians over them are quoted. */
  readonly rounds: number;
  /** Length of each run against a server, of the soak as a whole; each row has its own default. */
  readonly seconds: number | undefined;
  /** Tiny counts: shows that the row works, the figures mean nothing. */
  readonly quick: boolean;
  /** Only these variants, guests or servers of a row; all when empty. */
  readonly only: readonly string[];
  /** The path of Spin's binary, where somebody has one. */
  readonly spin?: string | undefined;
  /** Talk, on stderr. */
  say(text: string): void;
}

export type Figure = number | string | boolean | null;
export interface Figures {
  readonly [name: string]: Figure | Figures | readonly Figures[];
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface RowResult {
  readonly tables: readonly Table[];
  readonly figures: Figures;
  /** What a reader must know: what is missing here, how it was measured. */
  readonly notes: readonly string[];
}

export interface Row {
  readonly name: string;
  readonly title: string;
  run(options: BenchOptions): Promise<RowResult>;
}

export function wants({ only }: BenchOptions, name: string): boolean {
  return only.length === 0 || only.includes(name);
}
