export const hostInterfaceNames: readonly string[];
export function hostInterfaces(names?: readonly string[]): Promise<{
  readonly names: readonly string[];
  readonly wit: string;
}>;
