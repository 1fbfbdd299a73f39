// The types of the parameters of statements that a connection has run, by their texts: with them a statement takes one
// exchange with the server, not two.

const MOST_STATEMENTS = 256;
/** In UTF-16 units, of a text, and in numbers of parameters. */
const LONGEST_TEXT = 4096;
const MOST_PARAMETERS = 256;

export class ParameterTypes {
  readonly #types = new Map<string, readonly number[]>();

  /** OIDs of the types. */
  get(text: string): readonly number[] | undefined {
    return this.#types.get(text);
  }

  keep(text: string, types: readonly number[]): void {
    if (text.length > LONGEST_TEXT || types.length > MOST_PARAMETERS) return;
    const [oldest] = this.#types.keys();
    if (this.#types.size >= MOST_STATEMENTS && oldest !== undefined) this.#types.delete(oldest);
    this.#types.set(text, types);
  }

  forget(text: string): void {
    this.#types.delete(text);
  }
}
