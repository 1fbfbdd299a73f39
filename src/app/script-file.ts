// Which files are programs that run as they are.
export const scriptEndings = ['.ts', '.tsx', '.mts', '.js', '.jsx', '.mjs'] as const;

export function isScriptFile(file: string): boolean {
  return scriptEndings.some((ending) => file.endsWith(ending)) && !file.endsWith('.d.ts');
}

/** The engines that programs run in; the first is the default. */
export const engineNames = ['quickjs', 'starlingmonkey'] as const;
export type EngineName = (typeof engineNames)[number];
