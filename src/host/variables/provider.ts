// What a source of variables looks like. A new one is a file in backends/ that passes provider.contract.ts.

export interface VariableProvider {
  /** As messages name it: `environment`. */
  readonly name: string;
  /** undefined: not here, ask the next one. Throws or rejects when the source cannot be reached. */
  get(name: string): string | undefined | Promise<string | undefined>;
}
