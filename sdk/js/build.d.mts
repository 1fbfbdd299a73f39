export interface BuildOptions {
  readonly world?: string;
  readonly disableFeatures?: readonly string[];
}
export function buildComponent(entry: string, output: string, options?: BuildOptions): Promise<boolean>;
