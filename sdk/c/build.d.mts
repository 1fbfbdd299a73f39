export interface BuildOptions {
  readonly clangFlags?: readonly string[];
  readonly heapBytes?: number;
  readonly world?: string;
}
export function buildComponent(sources: readonly string[], output: string, options?: BuildOptions): Promise<boolean>;
