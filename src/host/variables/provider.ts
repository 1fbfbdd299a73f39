// The interface of a source of variables. A new one is a file in backends/ that passes provider.contract.ts.

export interface VariableProvider {
  /** The provider's name in messages: `environment`. */
  readonly name: string;
  /**
   * Gives a value, or undefined when the next provider is to be asked. Throws or rejects when the source cannot be
   * reached.
   */
  get(name: string): string | undefined | Promise<string | undefined>;
}
