export function hashInputs(parts: readonly (string | Uint8Array)[]): Uint8Array;
export function buildUnlessFresh(
  path: string,
  inputs: readonly (string | Uint8Array)[],
  build: () => Promise<Uint8Array>,
): Promise<boolean>;
