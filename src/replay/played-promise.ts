// A promise that tells its one listener at once when it is settled, so that the guest goes on at the moment of the recording.

type Settle = (value: unknown) => unknown;

export class PlayedPromise {
  #listener: readonly [resolved: Settle, rejected: Settle] | undefined;
  #settled: readonly [index: 0 | 1, value: unknown] | undefined;

  // biome-ignore lint/suspicious/noThenProperty: it stands for a promise
  then(resolved: Settle, rejected: Settle): void {
    this.#listener = [resolved, rejected];
    this.#tell();
  }

  resolve(value: unknown): void {
    this.#settled ??= [0, value];
    this.#tell();
  }

  reject(error: Error): void {
    this.#settled ??= [1, error];
    this.#tell();
  }

  #tell(): void {
    const [listener, settled] = [this.#listener, this.#settled];
    if (!listener || !settled) return;
    this.#listener = undefined;
    const [index, value] = settled;
    listener[index](value);
  }
}
