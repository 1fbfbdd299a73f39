// What rolldown says of a program, as errors of Mayfly.
import type { RolldownLog } from 'rolldown';
import { MayflyError } from '../../errors.ts';
import { shownInText, shownPath } from './memory-files.ts';
import { withSdkName } from './sdk-module.ts';

export function bundleError(problems: readonly MayflyError[]): MayflyError {
  const [first] = problems;
  if (first && problems.length === 1) return first;
  return new MayflyError('script-invalid', `The program has ${problems.length} mistakes`, { problems });
}

/** A message begins with its code and a sentence; lines of a drawing and hints follow, which we draw ourselves. */
export function problemOf(log: RolldownLog): MayflyError {
  const { code, message = '', loc, id } = log;
  const [head = ''] = message.replace(/^\[\w+\]\s*/, '').split('\n');
  const file = loc?.file ?? id;
  const location =
    file === undefined ? undefined : { file: shownPath(file), ...(loc && { line: loc.line, column: loc.column + 1 }) };
  const hint = hintOf(code, message);
  return new MayflyError(
    'script-invalid',
    capital(withSdkName(shownInText(head.trim())) || 'The program cannot be bundled'),
    {
      ...(location && { location }),
      ...(hint !== undefined && { hint }),
    },
  );
}

function hintOf(code: string | undefined, message: string): string | undefined {
  const [, name] = /Could not resolve '([^']+)'/.exec(message) ?? [];
  if (code === 'UNRESOLVED_IMPORT' && name !== undefined) {
    if (/^[./]/.test(name)) return 'There is no such file; the path starts at the folder of the file that imports it';
    return `Install it beside the program: npm install ${packageOf(name)}`;
  }
  const [, help] = /│ (?:Help|Note): (.+)/.exec(message) ?? [];
  return help;
}

function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
