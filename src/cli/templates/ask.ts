// Asks the person at the terminal. Where there is none defaults are the answers, and it is an error if there is no
// default.
import { createInterface } from 'node:readline/promises';
import { MayflyError } from '../../errors.ts';
import type { Template } from './catalogue.ts';

export interface AskOptions {
  readonly given: Readonly<Record<string, string>>;
  readonly acceptDefaults: boolean;
}

export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Reads one line from the terminal; gives the default when it is empty. */
export async function ask(question: string, fallback = ''): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question}${fallback && ` [${fallback}]`}: `);
    return answer.trim() || fallback;
  } finally {
    terminal.close();
  }
}

/** Gets a value for each parameter of a template. Throws `usage` for a given value that the template does not know. */
export async function askParameters(
  template: Template,
  { given, acceptDefaults }: AskOptions,
): Promise<Record<string, string>> {
  const names = Object.keys(template.parameters);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    throw new MayflyError('usage', `Template "${template.id}" has no parameter "${name}"`, {
      hint: `There are: ${names.join(', ')}`,
    });
  }
  const values: Record<string, string> = { ...given };
  for (const [name, parameter] of Object.entries(template.parameters)) {
    if (Object.hasOwn(given, name)) continue;
    const mayAsk = !acceptDefaults && canAsk();
    values[name] = mayAsk ? await ask(parameter.prompt, parameter.default) : parameter.default;
  }
  return values;
}
