// Which files are programs that run as they are.
export const scriptEndings = ['.ts', '.tsx', '.mts', '.js', '.jsx', '.mjs', '.py'] as const;

/** Names of files for which a folder stands, in this order. */
export const entryNames = [
  ...scriptEndings.filter((ending) => ending !== '.py').map((ending) => `index${ending}`),
  'app.py',
  'main.py',
  'index.php',
  'app.rb',
];

export function isScriptFile(file: string): boolean {
  return scriptEndings.some((ending) => file.endsWith(ending)) && !file.endsWith('.d.ts');
}

/** The engines that programs in JavaScript run in; the first is the default. */
export const engineNames = ['quickjs', 'starlingmonkey'] as const;
export type EngineName = (typeof engineNames)[number];

export const isPython = (file: string): boolean => file.endsWith('.py');
